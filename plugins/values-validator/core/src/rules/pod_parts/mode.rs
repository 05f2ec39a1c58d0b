//! Permissions of files, which are octal: `644` is read as a decimal number.

use super::RULE;
use crate::{Findings, Node, Severity};

/// The largest mode that Kubernetes takes: 0777.
const MOST: i64 = 0o777;
/// Decimal numbers that are meant as octal ones although Kubernetes takes them.
const MISREAD: [i64; 4] = [400, 440, 444, 500];

/// A mode that was written without its 0.
pub(super) fn mode(path: &str, node: &Node, findings: &mut Findings) {
    let Some(number) = node.as_i64() else { return };
    let text = number.to_string();
    let place = node.place;
    // 0620 is the number 400, too: its text is longer.
    let decimal = place.end_line == place.line
        && place.end_column.saturating_sub(place.column) as usize == text.len();
    let octal = i64::from_str_radix(&text, 8).is_ok_and(|mode| (1..=MOST).contains(&mode));
    let refused = number > MOST;
    if !refused && !(decimal && MISREAD.contains(&number)) {
        return;
    }
    let mut finding = RULE
        .at(path, &place)
        .found(format!("{number}, that is {number:#o} in octal").replace("0o", "0"))
        .expected("an octal number from 0000 to 0777, such as 0644")
        .why(if refused {
            "Kubernetes refuses a mode above 0777 (decimal 511): no pod appears."
        } else {
            "The files have other permissions than meant: the process may not read them, or others may."
        });
    if !refused {
        finding.severity = Severity::Warning;
    }
    findings.push(if octal {
        let new = format!("0{text}");
        finding.writes(place, &new)
    } else {
        finding
            .fix("write the mode with a 0 before it: 0644, or 0400 for a key that one user reads")
    });
}
