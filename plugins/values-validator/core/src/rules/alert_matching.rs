//! An operator between two vectors pairs series whose labels are all equal. Where one side has a label
//! that the other lacks, no series has a partner: put both together by the same labels, or say with `on`
//! or `ignoring` what counts.

use super::Rule;
use super::expressions::report;
use crate::promql::meaning::Topic;
use crate::{Findings, Severity, Values};

/// Operators between vectors in `rules.additionalAlerts[].expr`.
pub const RULE: Rule = Rule {
    code: "alert-matching",
    severity: Severity::Error,
    title: text!("An added alert combines series that have no labels in common"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    report(&RULE, Topic::Matching, values, findings);
}
