//! A warning should come before a page: the windows of `slos` that raise a `critical`
//! alert must burn faster than those that raise a `warning`, and those faster than an `info`.

use super::Rule;
use crate::node::blamed;
use crate::{Findings, Node, Severity, Values};
use vllm_catalog::number::Shown;

/// `slos.windows.*.burn` against the windows' severities.
pub const RULE: Rule = Rule {
    code: "severity-order",
    severity: Severity::Warning,
    title: text!("A milder alert needs a higher burn rate than a more severe one"),
    check,
};

const ORDER: [&str; 3] = ["info", "warning", "critical"];

fn check(values: &Values, findings: &mut Findings) {
    let windows: Vec<_> = values
        .map("slos.windows")
        .filter_map(|(path, name, window)| {
            let severity = window.child("severity")?.as_str()?;
            let rank = ORDER.iter().position(|s| *s == severity)?;
            let burn = window.child("burn")?;
            Some((path, name, rank, burn, burn.as_f64()?))
        })
        .collect();
    for (path, name, rank, burn, times) in &windows {
        let Some((other_path, other_name, other_rank, other, other_times)) = windows
            .iter()
            .find(|(.., other_rank, _, other)| other_rank > rank && other <= times)
        else {
            continue;
        };
        let at: &Node = blamed(&[burn, other]).unwrap_or(burn);
        let path = if std::ptr::eq(at, *burn) {
            path
        } else {
            other_path
        };
        findings.push(
            RULE.finds(
                format!("{path}.burn"),
                &at.place,
                format!(
                    "{name} ({}) from burn {}, {other_name} ({}) from burn {}",
                    ORDER[*rank],
                    Shown(*times),
                    ORDER[*other_rank],
                    Shown(*other_times)
                ),
                text!("the milder alert at the smaller burn"),
                text!("The page comes before the warning that should precede it."),
            )
            .fix(text!("exchange the two severities, or the two burns")),
        );
    }
}
