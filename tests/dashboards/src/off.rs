//! Which queries cannot have an answer, for something that they read is not exported.

use std::collections::BTreeMap;

use anyhow::Result;
use rules_tests::{all, expr};
use serde_yaml::Value;

/// What records, and what is not exported.
pub struct Off<L> {
    /// Expressions by what they record.
    records: BTreeMap<String, Vec<String>>,
    /// Whether a raw metric is not exported.
    lacks: L,
    /// Metrics that were asked for before.
    known: BTreeMap<String, bool>,
}

impl<L: Fn(&str) -> bool> Off<L> {
    /// By the chart's rules.
    pub fn new(rules: &Value, lacks: L) -> Self {
        let mut records: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for rule in all(rules) {
            if let (Some(name), Some(expr)) = (rule["record"].as_str(), rule["expr"].as_str()) {
                records
                    .entry(name.to_owned())
                    .or_default()
                    .push(expr.to_owned());
            }
        }
        Self {
            records,
            lacks,
            known: BTreeMap::new(),
        }
    }

    /// Whether a query cannot have an answer: it needs a metric that is not exported, or one that is
    /// recorded out of such.
    ///
    /// # Errors
    /// When the query or a rule is no PromQL.
    pub fn query(&mut self, query: &str) -> Result<bool> {
        for needed in expr::read(query)?.needed() {
            // One of the names that a selector matches is enough.
            let mut off = true;
            for selector in expr::read(&needed)?.selectors {
                off &= self.metric(&selector.metric)?;
            }
            if off {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn metric(&mut self, name: &str) -> Result<bool> {
        if let Some(known) = self.known.get(name) {
            return Ok(*known);
        }
        // Rules of one name may read each other's: what is asked for already gives nothing more.
        self.known.insert(name.to_owned(), true);
        let off = match self.records.get(name).cloned() {
            None => (self.lacks)(name),
            // One of several rules of a name is enough.
            Some(rules) => {
                let mut off = true;
                for rule in rules {
                    off &= self.query(&rule)?;
                }
                off
            }
        };
        self.known.insert(name.to_owned(), off);
        Ok(off)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_is_what_needs_something_that_is_not_exported() {
        let rules = "groups: [{rules: [\
            {record: 'a:x:sum', expr: 'sum(x)'}, {record: 'a:b:sum', expr: 'a:x:sum / lacking'}, \
            {record: 'a:c:sum', expr: 'sum(lacking)'}, {record: 'a:c:sum', expr: 'sum(x)'}]}]";
        let rules: Value = serde_yaml::from_str(rules).unwrap();
        let mut off = Off::new(&rules, |name| name == "lacking");
        for (query, expected) in [
            ("a:x:sum{a=\"b\"}", false),
            ("a:x:sum or lacking", false),
            ("a:x:sum / rate(lacking[5m])", true),
            ("max(a:b:sum)", true),
            ("a:c:sum", false),
            ("{__name__=~\"lacking|x\"}", false),
            ("{__name__=~\"lacking|a:b:sum\"}", true),
        ] {
            assert_eq!(off.query(query).unwrap(), expected, "{query}");
        }
    }
}
