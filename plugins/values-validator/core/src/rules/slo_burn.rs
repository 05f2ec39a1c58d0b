//! The error budget of an objective of 95 % is 5 %. It burns at most 20 times too fast: then every
//! event is bad. An alert on a rate of burning that would need more than all events to be bad can
//! never be raised.
//!
//! The chart refuses it too. Objectives of 1 and less are [another matter](#objective-fraction).

use super::Rule;
use crate::node::blamed;
use crate::{Findings, Severity, Values};
use vllm_catalog::number::Shown;

/// `slos.windows.*.burn` against `slos.*.objective`.
pub const RULE: Rule = Rule {
    code: "slo-burn",
    severity: Severity::Error,
    title: text!("An alert needs a burn rate that its budget cannot reach"),
    check,
};

/// The keys of `slos` that are objectives.
pub(super) const OBJECTIVES: [&str; 4] = [
    "availability",
    "timeToFirstToken",
    "interTokenLatency",
    "e2eLatency",
];

fn check(values: &Values, findings: &mut Findings) {
    for key in OBJECTIVES {
        let objective_path = format!("slos.{key}.objective");
        let Some(objective) = values.get(&objective_path) else {
            continue;
        };
        let Some(percent) = objective.as_f64().filter(|p| *p > 1.0 && *p < 100.0) else {
            continue;
        };
        let most = 100.0 / (100.0 - percent);
        for (path, _, window) in values.map("slos.windows") {
            let Some(burn) = window.child("burn") else {
                continue;
            };
            let Some(times) = burn.as_f64().filter(|times| *times >= most - 1e-9) else {
                continue;
            };
            let tenths = Shown((most * 10.0).floor() / 10.0);
            let at = blamed(&[burn, objective]).unwrap_or(burn);
            let (path, other) = if std::ptr::eq(at, burn) {
                (format!("{path}.burn"), objective)
            } else {
                (objective_path.clone(), burn)
            };
            findings.push(
                RULE.at(path, &at.place)
                    .found(format!("burn {} of a budget of {} %", Shown(times), Shown(budget(percent))))
                    .expected(format!("a burn below {}", Shown((most * 1e4).round() / 1e4)))
                    .why(text!("More than all events would have to be bad, so the alert can never be raised."))
                    .fix(format!("lower burn below {tenths}, or raise slos.{key}.objective"))
                    .related(other.place, "the other of the two"),
            );
        }
    }
}

fn budget(percent: f64) -> f64 {
    // Tenths of thousandths are enough to show a budget; binary fractions are not.
    ((100.0 - percent) * 1e4).round() / 1e4
}
