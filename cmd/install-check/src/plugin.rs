//! Whether the plugin that runs is the chart's.

use crate::exposition::{Sample, named};
use crate::outcome::Look;

/// Start of the name of the metric that tells which module is loaded.
const INFO: &str = "otelcol_wasm_sampling_policy_info";

/// The hash that a collector's metrics page reports is the chart's.
#[must_use]
pub fn runs(page: &[Sample], sha256: &str) -> Look {
    let Some(info) = named(page, INFO).next() else {
        return Look::NotYet(format!(
            "the collector reports no plugin ({INFO} is missing); tracing.collector.image must be an image of otelcol-vllm"
        ));
    };
    let running = info.label("sha256");
    if running == sha256 {
        Look::Holds(format!(
            "{} {} runs, sha256 {sha256}",
            info.label("name"),
            info.label("version")
        ))
    } else {
        Look::NotYet(format!(
            "the collector runs the plugin with sha256 {running}, the chart's is {sha256}; a rollout that has not ended, or a ConfigMap changed by hand: `kubectl rollout restart` the collector, or `helm upgrade` again"
        ))
    }
}
