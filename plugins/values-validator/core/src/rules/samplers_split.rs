//! Several samplers each decide on the spans they get. Where callers send spans too, a trace's spans
//! may reach different samplers, and each decides on a part of it. A balancing tier sends a trace to
//! one sampler whole. vLLM's own spans alone are not affected: there is one for each request.

use super::Rule;
use super::look::on;
use crate::{Findings, Severity, Values};

/// `tracing.collector.replicas` without a balancing tier.
pub const RULE: Rule = Rule {
    code: "samplers-split",
    severity: Severity::Warning,
    title: text!("Several samplers without balancers split traces"),
    check,
};

/// Where the balancing tier is turned on.
const BALANCING: &str = "tracing.balancer.enabled";

fn check(values: &Values, findings: &mut Findings) {
    let path = "tracing.collector.replicas";
    let Some(node) = values.get(path) else {
        return;
    };
    let Some(count) = node.as_i64().filter(|count| *count > 1) else {
        return;
    };
    if !on(values, "tracing.enabled") || on(values, BALANCING) {
        return;
    }
    // Its switch, or what is given of it without the switch.
    let whole = values.get("tracing.balancer");
    let whole = whole.filter(|tier| !tier.place.is_untouched());
    let switch = values.get(BALANCING);
    let tier = switch.filter(|switch| !switch.is_default());
    let tier = tier.or(whole).or(switch);
    findings.push(
        RULE.finds(
            path,
            &node.place,
            format!("{count} samplers"),
            text!("one sampler, or a balancing tier before them"),
            text!(
                "A caller's spans and vLLM's can reach different samplers: their trace is split."
            ),
        )
        .fix(text!(
            "set it to 1, or turn the balancing tier on; nothing is lost where only vLLM sends"
        ))
        .related(tier.unwrap_or(node).place, "the balancing tier"),
    );
}
