//! The engine `wasm` runs in a collector that hosts the plugin: this project's distribution. The stock
//! collector does not know the policy, and stops.
//!
//! The chart refuses it too.

use super::Rule;
use super::look::{on, text};
use crate::node::blamed;
use crate::{Findings, Severity, Values};

/// `tracing.policy.engine` against `tracing.collector.image`.
pub const RULE: Rule = Rule {
    code: "policy-image",
    severity: Severity::Error,
    title: text!("engine: wasm without an image that hosts the plugin"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    let path = "tracing.policy.engine";
    let repository = "tracing.collector.image.repository";
    let wasm = on(values, "tracing.enabled") && text(values, path) == "wasm";
    let Some(engine) = values.get(path) else {
        return;
    };
    // A null removes the default, which is empty too.
    let image = values.get(repository);
    if let Some(image) = image.filter(|image| {
        image
            .as_str()
            .is_some_and(|text| text.contains("opentelemetry-collector"))
    }) && on(values, "tracing.enabled")
        && text(values, path) != "ottl"
    {
        findings.push(
            RULE.finds(repository, &image.place, format!("{}, the stock collector", image.described()), text!(
                    "the repository of an image of otelcol-vllm (`make images` builds it)"
                ), text!(
                    "The stock collector does not know the policy, and stops."
                ))
                .fix(text!(
                    "build otelcol-vllm (`make images`) and write image: {repository: <registry>/otelcol-vllm, tag: <tag>}; the stock collector is tracing.collector.stockImage: thresholds alone decide"
                ))
                .related(engine.place, "the engine"),
        );
        return;
    }
    if !wasm || image.is_some_and(|image| image.as_str() != Some("")) {
        return;
    }
    let at = image.map_or(engine, |image| blamed(&[image, engine]).unwrap_or(engine));
    findings.push(
        RULE.finds(
            if std::ptr::eq(at, engine) {
                path
            } else {
                repository
            },
            &at.place,
            text!("wasm, and an empty tracing.collector.image.repository"),
            text!("the repository of an image of otelcol-vllm (`make images` builds it)"),
            text!("The stock collector does not know the policy, and stops."),
        )
        .fix(text!(
            "name the image, or set tracing.policy.engine to ottl: the same thresholds"
        ))
        .related(
            values
                .get("tracing.collector.image")
                .unwrap_or(engine)
                .place,
            "the image",
        ),
    );
}
