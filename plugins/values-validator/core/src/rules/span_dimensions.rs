//! The connector of span metrics has four dimensions of its own and refuses a name twice: no collector
//! starts.

#[cfg(feature = "full")]
mod cluster;
#[cfg(feature = "full")]
mod personal;

use super::Rule;
use super::look::on;
use crate::embedded::Text;
use crate::sorted::Names;
use crate::{Findings, Severity, Values};

/// `tracing.spanMetrics.dimensions`.
pub const RULE: Rule = Rule {
    code: "span-dimensions",
    severity: Severity::Error,
    title: text!("A dimension of span metrics exists already"),
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
        const IDS: Text = text!(
            "trace_id span_id trace.id span.id request_id request.id gen_ai.request.id gen_ai.response.id session.id user.id"
        );
        if IDS.split(' ').any(|id| id == name) {
            let finding = RULE.finds(path.clone(), &node.place, format!("{name}, another one in nearly every request"), text!("an attribute of few values, such as tenant or http.route"), text!("Each value is a series: after cardinalityLimit of them the rest are put together."))
                .fix("remove it").as_warning();
            findings.push(finding);
        } else {
            #[cfg(feature = "full")]
            findings.0.extend(personal::check(&path, node, name));
        }
        #[cfg(feature = "full")]
        findings.0.extend(cluster::check(values, &path, node, name));
        let own = OWN.contains(&name);
        if own || !seen.insert(name) {
            findings.push(
                RULE.finds(
                    path,
                    &node.place,
                    if own {
                        format!("{name}, which every series has")
                    } else {
                        format!("{name}, twice")
                    },
                    text!("each dimension once"),
                    text!("The collector does not start with it: no trace is kept."),
                )
                .fix("remove it"),
            );
        }
    }
}
