//! `GOMEMLIMIT` of a program in Go against the memory limit of its container.

use super::RULE;
use crate::rules::look::walk_given;
use crate::{Finding, Findings, Node, Severity, Values};
use vllm_catalog::number::Shown;

const MEBIBYTE: f64 = 1_048_576.0;

/// The share of the container's limit from which on Go begins too late, and the one that the chart sets.
const LATE: f64 = 0.95;
const USUAL: f64 = 0.8;

/// Units as Go reads them: those of Kubernetes have no B.
const UNITS: [(&str, f64); 5] = [
    ("KiB", 1024.0),
    ("MiB", MEBIBYTE),
    ("GiB", 1024.0 * MEBIBYTE),
    ("TiB", 1_048_576.0 * MEBIBYTE),
    ("B", 1.0),
];

/// Bytes of a text that Go reads; none: it refuses it.
fn bytes(text: &str) -> Option<f64> {
    let (number, unit) = UNITS
        .iter()
        .find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?, *bytes)))
        .unwrap_or((text, 1.0));
    let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    Some(number.parse::<f64>().ok().filter(|_| plain)? * unit)
}

pub(super) fn check(values: &Values, findings: &mut Findings) {
    walk_given(&values.root, "", &mut |path, key, node| {
        let Some(above) = path.strip_suffix(".extraEnv").filter(|_| key == "extraEnv") else {
            return;
        };
        let limit = values.get(&format!("{above}.resources.limits.memory"));
        for (at, item) in node.items().iter().enumerate() {
            let own = item.child("name").and_then(Node::as_str) == Some("GOMEMLIMIT");
            if let Some(value) = item.child("value").filter(|_| own)
                && let Some(text) = value.as_str().filter(|text| !matches!(*text, "" | "off"))
            {
                let path = format!("{path}[{at}].value");
                findings.0.extend(match bytes(text) {
                    Some(bytes) => above_limit(&path, value, (text, bytes), limit),
                    None => Some(malformed(&path, value, text)),
                });
            }
        }
    });
}

fn above_limit(
    path: &str,
    value: &Node,
    (text, bytes): (&str, f64),
    limit: Option<&Node>,
) -> Option<Finding> {
    let node = limit?;
    let limit = node.as_quantity()?;
    if limit < MEBIBYTE || bytes <= limit * LATE {
        return None;
    }
    let shown = crate::shape::written(node);
    let less = format!("{}MiB", Shown((limit * USUAL / MEBIBYTE).floor()));
    let finding = RULE
        .at(path, value.place)
        .found(format!("GOMEMLIMIT {text}, and a memory limit of {shown}"))
        .expected(format!("well below the memory limit, such as {less}"))
        .why("Go does not collect harder near the limit: the container is killed under load.")
        .fix(format!(
            "write {less}, or leave it out: the chart sets 80 % of the limit"
        ))
        .related(node.place, "the memory limit");
    Some(finding.replace(value.place, less))
}

fn malformed(path: &str, value: &Node, text: &str) -> Finding {
    let mut finding = RULE
        .at(path, value.place)
        .found(format!("GOMEMLIMIT {text}"))
        .expected("a whole number with B, KiB, MiB, GiB or TiB, or off")
        .why("Go does not read it: the program does not start.");
    finding.severity = Severity::Error;
    let meant = format!("{text}B");
    if text.ends_with('i') && bytes(&meant).is_some() {
        finding.writes(value.place, &meant)
    } else {
        finding.fix("write it with its unit, such as 1600MiB")
    }
}
