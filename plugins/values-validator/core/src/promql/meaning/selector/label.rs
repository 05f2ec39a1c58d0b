//! Names of labels.

use super::super::{Reader, Topic};
use vllm_catalog::Family;

/// Labels that targets have by their scrape, or by common relabelling.
pub(in crate::promql::meaning) const TARGET: [&str; 23] = [
    "app",
    "cluster",
    "container",
    "endpoint",
    "env",
    "environment",
    "instance",
    "job",
    "model",
    "name",
    "namespace",
    "node",
    "pod",
    "prometheus",
    "prometheus_replica",
    "region",
    "replica",
    "service",
    "tenant",
    "team",
    "vllm_monitoring",
    "zone",
    "deployment",
];

impl Reader<'_> {
    /// A label that the family lacks, and that is near one that it has.
    pub(in crate::promql::meaning) fn label(
        &mut self,
        family: &Family,
        bucket: bool,
        at: usize,
        label: &str,
        why: &'static str,
    ) {
        let known: Vec<&str> = family
            .labels
            .iter()
            .map(|l| l.name)
            .chain(["namespace", "pod", "instance", "job"])
            .chain(bucket.then_some("le"))
            .collect();
        if known.contains(&label) {
            return;
        }
        // What other servers call it.
        let elsewhere = match label {
            "code" | "status_code" | "http_status_code" => "status",
            "path" | "route" | "endpoint_path" | "uri" => "handler",
            "verb" => "method",
            "finish_reason" | "stop_reason" | "reason" => "finished_reason",
            "modelname" | "served_model_name" | "model_id" => "model_name",
            "pod_name" | "kubernetes_pod_name" | "podname" => "pod",
            "kubernetes_namespace" | "exported_namespace" => "namespace",
            _ => "",
        };
        let near = crate::shape::nearest(label, known.iter().copied())
            .or_else(|| known.iter().copied().find(|k| *k == elsewhere));
        let Some(near) = near else {
            #[cfg(feature = "full")]
            self.elsewhere(family, &known, (at, label), why);
            return;
        };
        if let Some(doubt) = self.doubt(
            Topic::Selector,
            at,
            format!("the label {label}"),
            format!("a label of {}: {}", family.name, known.join(", ")),
            why,
            format!("did you mean {near}?"),
        ) {
            doubt.edit = Some((at, label.to_owned(), near.to_owned()));
            // Other servers count HTTP requests too.
            doubt.sure = family.name.starts_with("vllm:");
        }
    }
}
