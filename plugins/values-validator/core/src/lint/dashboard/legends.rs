//! Legends with labels that a query drops.

use super::super::variables::filled;
use crate::codes::DASHBOARD_QUERY;
use crate::finding::Findings;
use crate::node::{Node, join};
use crate::promql::meaning::{Kept, kept};
use crate::promql::parse;
use crate::rules::inside;
use crate::shape::nearest;
use crate::sorted::Names;

/// Each legend beside its query.
pub(super) fn legends(node: &Node, path: &str, findings: &mut Findings) {
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
