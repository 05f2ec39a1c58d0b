//! Dashboards of Grafana and Perses: variables that nobody declares, queries of variables, and legends with labels
//! that a query drops.

use super::Query;
use super::variables::filled;
use crate::codes::DASHBOARD_QUERY;
use crate::finding::Findings;
use crate::node::{Node, Value, join};
use crate::promql::meaning::{Context, Kept, doubts, kept};
use crate::promql::parse;
use crate::rules::inside;
use crate::shape::nearest;
use crate::sorted::Names;

/// Variables that Grafana or Perses sets.
const OWN: &str = "__interval __interval_ms __rate_interval __rate_interval_ms __range __range_s __range_ms __from __to __dashboard __name __org __user __timeFilter __timezone __all __all_variables __auto __searchFilter __url __url_time_range __value __field __series __data __cell __cell_0 __cell_1 __project __ignore_usage__ interval timeFilter";

/// Variables of a dashboard, by name.
fn declared(document: &Node) -> Vec<(String, &Node)> {
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

fn name(variable: &Node) -> Option<&str> {
    let spec = variable.child("spec");
    let node = variable.child("name").or_else(|| spec?.child("name"))?;
    node.as_str()
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

/// What a variable asks for.
fn variable<'a>(
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

/// Variables of a text that are misspelt: not declared, and near one that is.
fn unknown(path: &str, node: &Node, names: &[&str], findings: &mut Findings) {
    let Some(text) = node.as_str() else { return };
    for (at, name) in used(text) {
        let own = || OWN.split(' ');
        let group = text.contains(&format!("<{name}>"));
        if group
            || names.contains(&name)
            || own().any(|own| own == name)
            || name.starts_with("__auto_")
        {
            continue;
        }
        let near = if name.starts_with("__") {
            nearest(name, own().filter(|own| own.starts_with("__")))
        } else {
            nearest(name, names.iter().copied())
        };
        let Some(near) = near else { continue };
        findings.push(
            DASHBOARD_QUERY
                .at(path, inside(node.place, text, at))
                .found(format!(
                    "the variable {name}, which the dashboard does not have"
                ))
                .expected(if name.starts_with("__") {
                    "a variable that Grafana sets".to_owned()
                } else {
                    names.join(", ")
                })
                .why("It is not replaced: Prometheus gets its name, and the panel stays empty.")
                .fix(format!("did you mean {near}?")),
        );
    }
}

/// Names of variables: `$name`, `${name:format}`, `[[name]]`, and where each begins.
fn used(text: &str) -> Vec<(usize, &str)> {
    let word = |at: usize| {
        let rest = &text[at..];
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        (at, &rest[..end])
    };
    let dollars = text.match_indices('$').map(|(at, _)| {
        let braced = text[at + 1..].starts_with('{');
        word(at + 1 + usize::from(braced))
    });
    let brackets = text.match_indices("[[").map(|(at, _)| word(at + 2));
    (dollars.chain(brackets))
        .filter(|(_, name)| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
        .collect()
}

/// Each legend beside its query.
fn legends(node: &Node, path: &str, findings: &mut Findings) {
    for (query, legend) in [("expr", "legendFormat"), ("query", "seriesNameFormat")] {
        let text = |key: &str| Some((node.child(key)?, node.child(key)?.as_str()?));
        if let (Some((_, query)), Some((node, text))) = (text(query), text(legend)) {
            dropped(&join(path, legend), node, text, query, findings);
        }
    }
    for (key, value) in node.entries() {
        legends(value, &join(path, key), findings);
    }
    for (at, item) in node.items().iter().enumerate() {
        legends(item, &format!("{path}[{at}]"), findings);
    }
}

/// A label of the legend that no result of the query has.
fn dropped(path: &str, node: &Node, legend: &str, query: &str, findings: &mut Findings) {
    let Ok(expr) = parse(&filled(query)) else {
        return;
    };
    let sides = kept(&expr);
    // A variable may be any label.
    let variable = |names: &Names| names.iter().any(|name| name.chars().all(|c| c == 'x'));
    let any =
        |side: &Kept| matches!(side, Kept::Only(names) | Kept::Without(names) if variable(names));
    if sides.iter().any(any) {
        return;
    }
    for (at, rest) in legend
        .match_indices("{{")
        .map(|(at, _)| (at, &legend[at + 2..]))
    {
        let Some((label, _)) = rest.split_once("}}") else {
            continue;
        };
        let label = label.trim();
        let plain = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !plain
            || label.is_empty()
            || label == "__name__"
            || sides.iter().any(|s| s.may_have(label))
        {
            continue;
        }
        let names = sides.iter().find_map(|side| match side {
            Kept::Only(names) => Some(names),
            Kept::Without(_) => None,
        });
        let near = names.and_then(|names| nearest(label, names.iter()));
        let have = match names {
            Some(names) if names.is_empty() => "no label".to_owned(),
            Some(names) => names.joined(),
            None => format!("all labels but {label}"),
        };
        findings.push(
            DASHBOARD_QUERY
                .at(path, inside(node.place, legend, at))
                .found(format!("{{{{{label}}}}}, and the query keeps {have}"))
                .expected("a label that the result has")
                .why("It is empty in the legend, which does not tell the lines apart.")
                .fix(match near {
                    Some(near) => format!("write {{{{{near}}}}}"),
                    None => format!("keep it: by ({label}), or leave it out of the legend"),
                }),
        );
    }
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
