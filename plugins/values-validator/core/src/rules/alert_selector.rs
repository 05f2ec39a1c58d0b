//! vLLM's labels and many of their values are known: `finished_reason` is one of stop, length, abort,
//! error and repetition; `le` is a bound of the histogram, written `10.0`. A matcher with another name
//! or value fits no series. `=` compares letter by letter; patterns need `=~`.

use super::Rule;
use super::expressions::report;
use crate::promql::meaning::Topic;
use crate::{Findings, Severity, Values};

/// Matchers and groupings in `rules.additionalAlerts[].expr`.
pub const RULE: Rule = Rule {
    code: "alert-selector",
    severity: Severity::Error,
    title: text!("An added alert selects by a label or value that vLLM does not have"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    report(&RULE, Topic::Selector, values, findings);
}
