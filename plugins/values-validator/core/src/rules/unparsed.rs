//! Expressions elsewhere than in added alerts: of scalers and of the operator's objects.

use super::alert_expression::rewritten;
use super::expressions::quotes;
use crate::finding::in_quotes;
use crate::promql::parse;
use crate::{Finding, Node};

/// A finding about an expression that does not parse, with what it means where that can be known.
pub(super) fn unparsed(finding: Finding, node: &Node, text: &str) -> Finding {
    match rewritten(text).filter(|new| parse(new).is_ok()) {
        Some(new) => {
            let shown = if quotes(node.place, text) == Some(0) {
                new.clone()
            } else {
                in_quotes(&new)
            };
            finding.fix_write(&new).replace(node.place, shown)
        }
        None => finding.fix(text!(
            "close every bracket and quote, as Prometheus' own page would show it"
        )),
    }
}
