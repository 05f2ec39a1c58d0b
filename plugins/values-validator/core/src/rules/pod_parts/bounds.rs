//! `Gt` and `Lt` compare whole numbers: with another text no node fulfils them.

use super::RULE;
use crate::node::item;
use crate::{Findings, Node};
use vllm_catalog::number::Shown;

/// Units of memory, in the mebibytes of which the label of NVIDIA's GPUs has the number.
const UNITS: [(&str, f64); 8] = [
    ("GiB", 1024.0),
    ("Gi", 1024.0),
    ("GB", 1000.0),
    ("G", 1000.0),
    ("MiB", 1.0),
    ("Mi", 1.0),
    ("MB", 1.0),
    ("M", 1.0),
];

pub(super) fn check(path: &str, list: &Node, findings: &mut Findings) {
    for (at, one) in list.items().iter().enumerate() {
        let text = |key: &str| one.child(key).and_then(Node::as_str).unwrap_or_default();
        let operator = text("operator");
        let values = one.child("values").map_or(&[][..], Node::items);
        let [node] = values else { continue };
        let Some(given) = node.as_str().filter(|_| matches!(operator, "Gt" | "Lt")) else {
            continue;
        };
        if given.parse::<i64>().is_ok() || given.contains("{{") {
            continue;
        }
        let path = item(&format!("{}.values", item(path, at)), 0);
        let finding = RULE
            .warning(path, &node.place)
            .found(format!("{operator} {given:?}"))
            .expected("a whole number in quotes, in the unit of the label")
            .why("No node fulfils it: the pods are never scheduled.");
        findings.push(match meant(text("key"), given) {
            Some(number) => finding.quotes(node.place, &number),
            None => finding.fix(format!(
                "write the number alone, as the nodes have it in {}",
                text("key")
            )),
        });
    }
}

/// The whole number, where the unit of the label is known or a point divides it.
fn meant(key: &str, given: &str) -> Option<String> {
    let given = given.trim().trim_start_matches(['>', '<', '=']).trim();
    if let Some(whole) = given.strip_suffix(".0") {
        return whole.parse::<i64>().ok().map(|whole| whole.to_string());
    }
    if let Ok(whole) = given.parse::<i64>() {
        return Some(whole.to_string());
    }
    if key != "nvidia.com/gpu.memory" {
        return None;
    }
    let (number, unit) = UNITS
        .iter()
        .find_map(|(unit, mebibytes)| Some((given.strip_suffix(unit)?.trim(), mebibytes)))?;
    let number: f64 = number.parse().ok()?;
    Some(Shown((number * unit).round()).to_string())
}
