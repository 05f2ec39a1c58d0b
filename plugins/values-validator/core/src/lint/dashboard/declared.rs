//! Variables that a dashboard declares, and what they ask for.

use super::super::Query;
use super::super::variables::filled;
use super::roots;
use crate::codes::DASHBOARD_QUERY;
use crate::finding::Findings;
use crate::node::{Node, join};
use crate::promql::meaning::{Context, doubts};
use crate::promql::parse;

/// Variables of a dashboard, by name.
pub(super) fn declared(document: &Node) -> Vec<(String, &Node)> {
    let mut all = Vec::new();
    for (path, root) in roots(document) {
        let list = root.child("templating").and_then(|t| t.child("list"));
        let grafana = ("templating.list", list);
        for (key, list) in [grafana, ("variables", root.child("variables"))] {
            for (at, node) in list.map_or(&[][..], Node::items).iter().enumerate() {
                all.push((format!("{}[{at}]", join(path, key)), node));
            }
        }
    }
    all
}

pub(super) fn name(variable: &Node) -> Option<&str> {
    let spec = variable.child("spec");
    let node = variable.child("name").or_else(|| spec?.child("name"))?;
    node.as_str()
}

/// What a variable asks for.
pub(super) fn variable<'a>(
    path: &str,
    variable: &'a Node,
    texts: &mut Vec<(String, &'a Node)>,
    queries: &mut Vec<Query<'a>>,
    findings: &mut Findings,
) {
    // Of Grafana: a text, or a map with it. `expr` of Perses is one of the dashboard's expressions.
    let asked = variable.child("query");
    let nested = asked.and_then(|asked| asked.child("query"));
    let of_another = variable.child("datasource").and_then(|d| d.child("type"));
    let of_another = of_another.is_some_and(|kind| kind.as_str() != Some("prometheus"));
    let query = variable.child("type").and_then(Node::as_str) == Some("query");
    if let Some((node, text)) = (nested.or(asked))
        .filter(|_| query && !of_another)
        .and_then(|node| Some((node, node.as_str()?)))
    {
        let below = if nested.is_some() {
            "query.query"
        } else {
            "query"
        };
        let path = join(path, below);
        texts.push((path.clone(), node));
        if let Some((start, end, label)) = label_values(text) {
            // The same text with blanks around the expression: places stay what they are.
            let blank = |part: &str| " ".repeat(part.chars().count());
            let asked = format!(
                "{}{}{}",
                blank(&text[..start]),
                &text[start..end],
                blank(&text[end..])
            );
            grouped(&path, node, &text[start..end], label, findings);
            queries.push(query_of(path, node, &asked));
        }
    }
    let spec = variable
        .child("spec")
        .and_then(|s| s.child("plugin"))
        .and_then(|p| p.child("spec"));
    let Some(spec) = spec else { return };
    let label = spec.child("labelName").and_then(Node::as_str);
    let matchers = spec.child("matchers").map_or(&[][..], Node::items);
    for (at, node) in matchers.iter().enumerate() {
        let Some(text) = node.as_str() else { continue };
        let path = format!("{path}.spec.plugin.spec.matchers[{at}]");
        texts.push((path.clone(), node));
        if let Some(label) = label {
            grouped(&path, node, text, label, findings);
        }
        queries.push(query_of(path, node, text));
    }
}

fn query_of<'a>(path: String, node: &'a Node, text: &str) -> Query<'a> {
    Query {
        path,
        node,
        text: filled(text),
        alert: false,
        recorded: false,
    }
}

/// Where the expression of `label_values(metric, label)` begins and ends, and the label.
fn label_values(text: &str) -> Option<(usize, usize, &str)> {
    let start = text
        .find("label_values(")
        .filter(|at| text[..*at].trim().is_empty())?
        + 13;
    let inside = text[start..].trim_end().strip_suffix(')')?;
    let (metric, label) = inside.rsplit_once(',')?;
    let label = label.trim();
    let plain = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (plain && !label.is_empty()).then_some((start, start + metric.len(), label))
}

/// A label that the metric has not: what is doubtful once more when its values are told apart by the label.
fn grouped(path: &str, node: &Node, asked: &str, label: &str, findings: &mut Findings) {
    let asked = filled(asked);
    let said = |text: &str| -> Vec<_> {
        let expr = parse(text).ok();
        expr.map(|expr| doubts(&expr, Context::default()))
            .unwrap_or_default()
    };
    let before = said(&format!("count({asked})"));
    let more = said(&format!("count by ({label}) ({asked})")).into_iter();
    for doubt in more.filter(|doubt| !before.iter().any(|other| other.found == doubt.found)) {
        findings.push(
            DASHBOARD_QUERY
                .at(path, node.place)
                .found(doubt.found)
                .expected(doubt.expected)
                .why("The variable has no values.")
                .fix(doubt.fix),
        );
    }
}
