//! Numbers and counts within their bounds, and items that stand only once.

use super::REFUSED;
use crate::codes::OUT_OF_BOUNDS;
use crate::node;
use crate::node::Node;
use crate::shape::schema::Schema;
use crate::{Finding, Findings};
use vllm_catalog::number::Shown;

pub(super) fn bounds(schema: &Schema, node: &Node, path: &str, findings: &mut Findings) {
    let Some(number) = node.as_f64() else { return };
    let limits = [
        (
            schema.minimum,
            "at least",
            number >= schema.minimum.unwrap_or(number),
        ),
        (
            schema.maximum,
            "at most",
            number <= schema.maximum.unwrap_or(number),
        ),
        (
            schema.exclusive_minimum,
            "above",
            schema.exclusive_minimum.is_none_or(|limit| number > limit),
        ),
        (
            schema.exclusive_maximum,
            "below",
            schema.exclusive_maximum.is_none_or(|limit| number < limit),
        ),
    ];
    let ratio = schema.exclusive_maximum.or(schema.maximum) == Some(1.0);
    for (limit, words, holds) in limits {
        if let (Some(limit), false) = (limit, holds) {
            let limit = Shown(limit);
            let finding = out_of_bounds(node, path, format!("a number {words} {limit}"));
            findings.push(if ratio && (2.0..100.0).contains(&number) {
                let meant = Shown(number / 100.0);
                finding
                    .expected(text!("a ratio between 0 and 1: 95 % is 0.95"))
                    .fix_write(&meant.to_string())
                    .replace(node.place, meant.to_string())
            } else {
                let fix = match words {
                    "at least" => format!("write {limit} or more"),
                    "at most" => format!("write {limit} or less"),
                    _ => format!("write a number {words} {limit}"),
                };
                finding.fix(fix)
            });
        }
    }
}

fn out_of_bounds(node: &Node, path: &str, expected: String) -> Finding {
    OUT_OF_BOUNDS
        .at(path, &node.place)
        .found(node.described())
        .why(REFUSED)
        .fix_write(&expected)
        .expected(expected)
}

/// Each text of a list once; the schema asks it of lists of texts only.
pub(super) fn unique(items: &[Node], path: &str, findings: &mut Findings) {
    for (i, item) in items.iter().enumerate() {
        if items[..i]
            .iter()
            .any(|other| other.as_str() == item.as_str())
        {
            let path = node::item(path, i);
            findings.push(out_of_bounds(
                item,
                &path,
                text!("each item once").to_string(),
            ));
        }
    }
}

pub(super) fn counted(
    node: &Node,
    path: &str,
    count: usize,
    (least, most): (Option<usize>, Option<usize>),
    what: &str,
    findings: &mut Findings,
) {
    let amount = |limit: usize| {
        let what = if limit == 1 {
            what.trim_end_matches('s')
        } else {
            what
        };
        format!("{limit} {what}")
    };
    if let Some(least) = least.filter(|least| count < *least) {
        findings.push(out_of_bounds(
            node,
            path,
            format!("at least {}", amount(least)),
        ));
    }
    if let Some(most) = most.filter(|most| count > *most) {
        findings.push(out_of_bounds(
            node,
            path,
            format!("at most {}", amount(most)),
        ));
    }
}
