//! Several schemas of which one must fit: which was meant where none does.

use super::Walk;
use crate::codes::WRONG_TYPE;
use crate::node::{Node, Value};
use crate::shape::schema::Schema;
use crate::shape::words::expected;
use crate::{Finding, Findings};

impl Walk<'_> {
    /// One of them must fit. Otherwise the one is blamed that was meant: by its type, and then by
    /// how little is wrong with it.
    pub(super) fn alternatives<'s>(
        &self,
        schema: &Schema,
        alternatives: impl Iterator<Item = &'s Schema>,
        node: &Node,
        path: &str,
        findings: &mut Findings,
    ) {
        let mut meant: Vec<Vec<Finding>> = Vec::new();
        for alternative in alternatives {
            let mut wrong = Findings::default();
            self.check(alternative, node, path, &mut wrong);
            if wrong.0.is_empty() {
                return;
            }
            let other_type = |f: &Finding| f.code == WRONG_TYPE.code && f.path == path;
            if !wrong.0.iter().any(other_type) && !self.is_other_constant(alternative, node) {
                meant.push(wrong.0);
            }
        }
        match meant.into_iter().min_by_key(Vec::len) {
            None => findings.push(self.wrong_type(schema, node, path)),
            Some(mut wrong) => {
                for finding in &mut wrong {
                    if finding.path == path && !matches!(node.value, Value::Map(_) | Value::List(_))
                    {
                        finding.expected = expected(schema, self.root);
                    }
                }
                findings.0.append(&mut wrong);
            }
        }
    }

    /// A constant fits or does not: it is meant only where nothing else is.
    fn is_other_constant(&self, schema: &Schema, node: &Node) -> bool {
        let value = &schema.resolved(self.root).one_value;
        value.as_ref().is_some_and(|value| *value != node.value)
    }
}
