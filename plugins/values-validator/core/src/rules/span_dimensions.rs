//! The connector of span metrics has four dimensions of its own and refuses a name twice: no collector
//! starts.

use super::Rule;
use super::look::on;
use crate::sorted::Names;
use crate::{Findings, Severity, Values};

/// `tracing.spanMetrics.dimensions`.
pub const RULE: Rule = Rule {
    code: "span-dimensions",
    severity: Severity::Error,
    title: text!("A dimension of span metrics that is there already"),
    check,
};

/// What the connector adds itself.
const OWN: [&str; 4] = ["service.name", "span.name", "span.kind", "status.code"];

fn check(values: &Values, findings: &mut Findings) {
    if !on(values, "tracing.enabled") || !on(values, "tracing.spanMetrics.enabled") {
        return;
    }
    let mut seen = Names::default();
    for (path, node) in values.list("tracing.spanMetrics.dimensions") {
        let Some(name) = node.as_str() else { continue };
        let own = OWN.contains(&name);
        if own || !seen.insert(name) {
            findings.push(
                RULE.at(path, &node.place)
                    .found(if own {
                        format!("{name}, which every series has")
                    } else {
                        format!("{name}, twice")
                    })
                    .expected("each dimension once")
                    .why(text!(
                        "The collector does not start with it: no trace is kept."
                    ))
                    .fix("remove it"),
            );
        }
    }
}
