//! A policy of your own is a module in a ConfigMap (`tracing.policy.module`), which the collector loads only
//! with the SHA-256 that the values name, and only with the engine `wasm`. `tracing.policy.settings` are its
//! settings; this project's policy is set by `thresholds` and the other sections of `tracing.policy`.
//!
//! The chart refuses it too.

use super::Rule;
use super::look::{on, plugin, text};
use crate::{Findings, Severity, Value, Values};

/// `tracing.policy.module` against the engine, its hash and its settings.
pub const RULE: Rule = Rule {
    code: "policy-module",
    severity: Severity::Error,
    title: text!("No collector can load your policy"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    const NAME: &str = "tracing.policy.module.configMap";
    const SETTINGS: &str = "tracing.policy.settings";
    if !on(values, "tracing.enabled") {
        return;
    }
    let given = values
        .get(SETTINGS)
        .filter(|settings| matches!(&settings.value, Value::Map(map) if !map.is_empty()));
    let Some(name) = values.get(NAME).filter(|_| !text(values, NAME).is_empty()) else {
        if let Some(settings) = given {
            findings.push(
                RULE.finds(SETTINGS, &settings.place, text!("settings, and no tracing.policy.module.configMap"), text!("the module that they are of"), text!(
                        "This project's policy is set by thresholds and the other sections of tracing.policy."
                    ))
                    .fix(text!(
                        "name the module's ConfigMap and sha256, or remove the settings"
                    )),
            );
        }
        return;
    };
    if !plugin(values) {
        findings.push(
            RULE.finds(NAME, &name.place, text!(
                    "a module, and tracing.policy.engine is ottl, or auto without an image"
                ), text!("the engine wasm"), text!("The stock collector hosts no module."))
                .fix(text!(
                    "name an image of otelcol-vllm in tracing.collector.image.repository, or remove the module"
                )),
        );
    }
    if text(values, "tracing.policy.module.sha256").is_empty() {
        findings.push(
            RULE.finds(
                NAME,
                &name.place,
                text!("a module, and an empty tracing.policy.module.sha256"),
                text!("the SHA-256 of the uncompressed module"),
                text!("A collector loads no module whose hash it does not know."),
            )
            .fix(text!("write what `sha256sum policy.wasm` prints")),
        );
    }
}
