//! The time that the checks of `helm test` have together.

use super::RULE;
use crate::{Findings, Values};

/// Seconds that they need at least.
const LEAST: f64 = 30.0;

pub(super) fn timeout(values: &Values, findings: &mut Findings) {
    let path = "helmTest.timeout";
    let Some(node) = values.get(path) else { return };
    if !node
        .as_seconds()
        .is_some_and(|seconds| seconds > 0.0 && seconds < LEAST)
    {
        return;
    }
    findings.push(
        RULE.warning(path, &node.place)
            .found(node.described())
            .expected("30s or more for all checks together")
            .why("The checks have not ended by then: helm test fails although everything works.")
            .fix("write 2m, or remove it for 2m"),
    );
}
