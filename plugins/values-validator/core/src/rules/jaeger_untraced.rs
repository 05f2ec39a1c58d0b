//! The bundled Jaeger gets its traces from this chart's collector. Without the collector it has no
//! traces to show.
//!
//! The chart refuses it too.

use super::Rule;
use super::look::on;
use crate::node::blamed;
use crate::{Findings, Severity, Values};

/// `jaeger.enabled` against `tracing.enabled`.
pub const RULE: Rule = Rule {
    code: "jaeger-untraced",
    severity: Severity::Error,
    title: text!("Jaeger is on but tracing is off"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    let paths = ["jaeger.enabled", "tracing.enabled"];
    let [Some(jaeger), Some(tracing)] = paths.map(|path| values.get(path)) else {
        return;
    };
    if !on(values, paths[0]) || tracing.as_bool() != Some(false) {
        return;
    }
    let at = blamed(&[tracing, jaeger]).unwrap_or(jaeger);
    findings.push(
        RULE.finds(
            paths[usize::from(std::ptr::eq(at, tracing))],
            &at.place,
            text!("jaeger.enabled: true with tracing.enabled: false"),
            text!("both, or neither"),
            text!("The collector of this chart is what would send it traces."),
        )
        .fix(text!("set tracing.enabled to true, or leave Jaeger out"))
        .related(jaeger.place, "Jaeger is turned on")
        .related(tracing.place, "tracing is turned off"),
    );
}
