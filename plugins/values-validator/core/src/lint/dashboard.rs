//! Dashboards of Grafana and Perses: variables that nobody declares, queries of variables, and legends with labels
//! that a query drops.

mod declared;
mod legends;
mod used;

use super::Query;
use crate::finding::Findings;
use crate::node::{Node, Value};
use declared::{declared, name, variable};
use legends::legends;
use used::unknown;

/// Where a dashboard may begin in a document.
fn roots(document: &Node) -> Vec<(&'static str, &Node)> {
    let mut all = vec![("", document)];
    all.extend(
        ["dashboard", "spec"]
            .iter()
            .filter_map(|key| Some((*key, document.child(key)?))),
    );
    all
}

/// Adds the queries of variables to those of panels, which begin at `first`, and says what is wrong with both.
pub(super) fn check<'a>(
    document: &'a Node,
    queries: &mut Vec<Query<'a>>,
    first: usize,
    findings: &mut Findings,
) {
    let variables = declared(document);
    let names: Vec<&str> = variables
        .iter()
        .filter_map(|(_, node)| name(node))
        .collect();
    let mut texts: Vec<(String, &Node)> = (queries.iter().skip(first))
        .map(|query| (query.path.clone(), query.node))
        .collect();
    for (path, node) in &variables {
        variable(path, node, &mut texts, queries, findings);
    }
    for (path, node) in texts {
        unknown(&path, node, &names, findings);
    }
    legends(document, "", findings);
}

/// Whether a document is a dashboard.
pub(super) fn is(document: &Node) -> bool {
    let list = |node: &Node, key: &str| {
        matches!(
            node.child(key).map(|n| &n.value),
            Some(Value::List(_) | Value::Map(_))
        )
    };
    let kind = document.child("kind").and_then(Node::as_str);
    (kind.is_none() || kind == Some("Dashboard"))
        && roots(document)
            .iter()
            .any(|(_, root)| list(root, "panels") || list(root, "elements"))
}
