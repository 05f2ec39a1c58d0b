//! Quantities of Kubernetes: a number and its unit.

use crate::codes::BAD_QUANTITY;
use crate::node::Node;
use crate::shape::schema::Schema;
use crate::shape::words::expected;
use crate::{Finding, units};

/// A number and what stands behind it.
fn halves(text: &str) -> (&str, &str) {
    let at = text.find(|c: char| c.is_ascii_alphabetic());
    text.split_at(at.unwrap_or(text.len()))
}

/// A quantity with its unit as Kubernetes writes it: `300gi` is `300Gi`, `16 GB` is `16G`.
pub(super) fn cased(text: &str) -> Option<String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let group = compact
        .split(',')
        .skip(1)
        .any(|part| halves(part).0.len() == 3);
    let compact = compact.replace(',', if group { "" } else { "." });
    let (digits, unit) = halves(compact.strip_suffix(['B', 'b']).unwrap_or(&compact));
    if unit.is_empty() && text.contains(',') && units::float(digits).is_some() {
        return Some(digits.to_owned());
    }
    let known = ["Ki", "Mi", "Gi", "Ti", "k", "M", "G", "T"];
    // 4G1, 100Go and 16Gib.
    let unit = match unit.get(1..) {
        Some("1" | "l" | "o" | "ib" | "ig" | "I") => unit.get(..1).map(|u| format!("{u}i")),
        _ => None,
    }
    .unwrap_or_else(|| unit.to_owned());
    let unit = { known }
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(&unit))?;
    units::float(digits)?;
    Some(format!("{digits}{unit}"))
}

pub(super) fn bad_quantity(schema: &Schema, root: &Schema, node: &Node, path: &str) -> Finding {
    let finding = BAD_QUANTITY
        .at(path, &node.place)
        .found(node.described())
        .expected(expected(schema, root))
        .why(text!("Kubernetes refuses what has such a quantity."));
    let text = node.as_str().unwrap_or_default();
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mended = compact.strip_suffix(['B', 'b']).unwrap_or(&compact);
    let (digits, unit) = halves(mended);
    match cased(text) {
        Some(mended)
            if units::quantity(&mended).is_some_and(|amount| amount >= 0.0)
                && Some(mended.as_str()) != node.as_str() =>
        {
            finding.writes(node.place, &mended)
        }
        _ if ["core", "cores", "cpu", "cpus"].contains(&unit) => finding.writes(node.place, digits),
        _ if digits.starts_with('-') => {
            finding.fix(format!("write {}", mended.trim_start_matches('-')))
        }
        _ => finding.fix(text!(
            "write a number with one of the suffixes m, k, M, G, T, Ki, Mi, Gi, Ti"
        )),
    }
}
