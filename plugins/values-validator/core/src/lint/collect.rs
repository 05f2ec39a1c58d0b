//! The expressions of a file.

use super::variables::filled;
use super::{Query, rule};
use crate::finding::Findings;
use crate::node::{Node, Value, join};
use crate::sorted::Names;

/// Who reads a part of a file, as far as `kind` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Unsaid,
    Prometheus,
    Victoria,
}

pub(super) fn collect<'a>(
    node: &'a Node,
    path: &str,
    whose: Whose,
    queries: &mut Vec<Query<'a>>,
    recorded: &mut Names,
    findings: &mut Findings,
) {
    match &node.value {
        Value::Map(map) => {
            let text = |key: &str| node.child(key).and_then(Node::as_str);
            let alert = text("alert").is_some();
            let record = text("record");
            if let Some(name) = record {
                recorded.insert(name);
            }
            let kind = text("kind").unwrap_or("");
            let whose = match kind {
                "VMRule" => Whose::Victoria,
                _ if kind.starts_with("Prometheus") => Whose::Prometheus,
                _ => whose,
            };
            if alert {
                rule::texts(path, node, findings);
            }
            if whose != Whose::Victoria {
                rule::group(path, node, findings);
            }
            for (key, value) in map {
                let below = join(path, key);
                let is_query = key == "expr" || (key == "query" && whose == Whose::Prometheus);
                if let Some(text) = value
                    .as_str()
                    .filter(|text| is_query && !text.trim().is_empty())
                {
                    queries.push(Query {
                        path: below.clone(),
                        node: value,
                        text: filled(text),
                        alert,
                        recorded: record.is_some(),
                    });
                } else {
                    collect(value, &below, whose, queries, recorded, findings);
                }
            }
        }
        Value::List(items) => {
            for (at, item) in items.iter().enumerate() {
                collect(
                    item,
                    &format!("{path}[{at}]"),
                    whose,
                    queries,
                    recorded,
                    findings,
                );
            }
        }
        _ => {}
    }
}
