//! An entry of `models` watches the pods that its `selector` picks in its `namespaces`. Two entries
//! that pick the same pods scrape each of them twice, and each request counts for both.
//!
//! The chart refuses it too.

#[cfg(feature = "full")]
mod own;

use super::Rule;
use super::look::{Model, models};
use crate::sorted::{Names, Sorted};
use crate::{Findings, Node, Severity, Value, Values};

/// Selectors and namespaces of `models` against each other.
pub const RULE: Rule = Rule {
    code: "model-pods",
    severity: Severity::Error,
    title: text!("Two models watch the same pods"),
    check,
};

/// What picks an entry's pods; those that the chart deploys are picked by labels of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pick {
    /// Label and value.
    pub labels: Sorted<String>,
    /// Further conditions (`selectorExpressions`), as they are written.
    pub expressions: Names,
    /// Where; empty: the release's.
    pub namespaces: Names,
    /// The ports that are scraped: one pod may have several servers.
    pub ports: Names,
}

impl Pick {
    pub(super) fn of(model: &Model<'_>) -> Option<Self> {
        let selector = model.node.child("selector");
        let selector = selector.filter(|labels| labels.entries().next().is_some());
        if selector.is_none() && model.deploy.is_some() {
            return None;
        }
        let text = |node: &Node| node.as_str().unwrap_or("").to_owned();
        let labels = match selector {
            Some(selector) => selector.entries().map(|(k, v)| (k, text(v))).collect(),
            None => [("app", "vllm".into())].into_iter().collect(),
        };
        let namespaces = model.node.child("namespaces").map_or(&[][..], Node::items);
        let expressions = model.node.child("selectorExpressions");
        let several = model.node.child("ports").map_or(&[][..], Node::items);
        let mut ports: Names = several.iter().map(port).collect();
        if ports.is_empty() {
            ports.insert(model.node.child("port").map_or("8000".into(), port));
        }
        Some(Self {
            labels,
            expressions: (expressions.map_or(&[][..], Node::items).iter().map(written)).collect(),
            namespaces: namespaces.iter().map(text).collect(),
            ports,
        })
    }

    /// Whether both have a port of the same pods, were it not for what their selectors say.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.ports.iter().any(|port| other.ports.contains(port))
    }

    /// Whether both scrape the same.
    fn same(&self, other: &Self) -> bool {
        self.labels == other.labels
            && self.expressions == other.expressions
            && self.namespaces == other.namespaces
            && self.meets(other)
    }
}

/// A port's number or name.
fn port(node: &Node) -> String {
    node.as_i64()
        .map_or_else(|| node.as_str().unwrap_or("").to_owned(), |n| n.to_string())
}

/// A value without its places.
fn written(node: &Node) -> String {
    match &node.value {
        Value::Map(map) => map.iter().fold(String::new(), |text, (key, node)| {
            format!("{text}{key}: {}, ", written(node))
        }),
        Value::List(items) => (items.iter()).fold(String::new(), |text, item| {
            format!("{text}{}, ", written(item))
        }),
        _ => node.described(),
    }
}

fn check(values: &Values, findings: &mut Findings) {
    let mut seen: Vec<(Pick, &str, &Node)> = Vec::new();
    for model in models(values) {
        let Some(pick) = Pick::of(&model) else {
            continue;
        };
        let node = model.node.child("selector").unwrap_or(model.node);
        if let Some((_, first, other)) = seen.iter().find(|(other, ..)| other.same(&pick)) {
            let finding = RULE
                .finds(
                    format!("{}.selector", model.path),
                    &node.place,
                    format!("the pods of {first:?} again"),
                    text!("a selector or a port of its own for each entry"),
                    text!("Each request would count for both entries."),
                )
                .fix(format!(
                    "add a label that only these pods have: selector: {{app: vllm, model: {}}}",
                    model.slug()
                ))
                .related(other.place, format!("{first:?} watches them too"));
            #[cfg(feature = "full")]
            let finding = own::cured(finding, &model, first);
            findings.push(finding);
        }
        seen.push((pick, model.name, node));
    }
}
