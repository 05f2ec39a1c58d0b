//! Which versions of vLLM export what is read.

use super::super::look::{models, on};
use crate::Values;
use vllm_catalog::Version;

/// Which versions of vLLM export what is read.
pub(super) struct Fleet {
    /// Those that this release deploys; the newest known where none says its version.
    pub(super) versions: Vec<Version>,
    /// Whether there may be others.
    pub(super) others: bool,
    /// Whether spans are counted by this chart's collector alone.
    pub(super) spans: bool,
}

impl Fleet {
    pub(super) fn of(values: &Values) -> Self {
        let models = models(values);
        let mut versions: Vec<Version> = models
            .iter()
            .filter_map(|model| Some(model.release()?.1))
            .collect();
        let others = models.iter().any(|model| model.release().is_none());
        if versions.is_empty() {
            versions.push(Version::NEWEST);
        }
        // Tempo's and Alloy's series may be there where traces are sent on.
        let sent = |kind: &str| values.map(kind).next().is_some();
        let spans = crate::FULL
            && on(values, "tracing.spanMetrics.enabled")
            && !sent("tracing.exporters.otlp")
            && !sent("tracing.exporters.otlphttp");
        Self {
            versions,
            others,
            spans,
        }
    }
}
