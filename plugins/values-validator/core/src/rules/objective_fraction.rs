//! Objectives are percentages: `99.9` leaves one event in a thousand. `0.999` would leave 99 of a
//! hundred, and its alerts would say nothing when almost every request fails.

use super::Rule;
use super::slo_burn::OBJECTIVES;
use crate::{Findings, Severity, Values};
use vllm_catalog::number::Shown;

/// `slos.*.objective` written as a fraction.
pub const RULE: Rule = Rule {
    code: "objective-fraction",
    severity: Severity::Error,
    title: text!("An objective is a fraction, not a percentage"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for key in OBJECTIVES {
        let path = format!("slos.{key}.objective");
        let Some(node) = values.get(&path) else {
            continue;
        };
        let Some(fraction) = node.as_f64().filter(|f| *f > 0.0 && *f <= 1.0) else {
            continue;
        };
        let percent = (fraction * 1e8).round() / 1e6;
        let small = percent < 100.0;
        let (fraction, percent) = (Shown(fraction), Shown(percent));
        let finding = RULE
            .finds(
                path,
                &node.place,
                format!("{fraction}, that is {fraction} %"),
                text!("a percentage, such as 99.9"),
                text!("Almost every request could fail before the objective is missed."),
            )
            .fix_write(&percent.to_string());
        findings.push(if small {
            finding.replace(node.place, percent.to_string())
        } else {
            finding
        });
    }
}
