//! `replicas: auto` where nothing scrapes kube-state-metrics.

use super::RULE;
use crate::rules::look::models;
use crate::rules::scrape_jobs;
use crate::{Findings, Severity, Values};

/// Entries whose number of replicas this Prometheus cannot know.
pub(super) fn check(values: &Values, findings: &mut Findings) {
    let Some(exporter) = scrape_jobs::unscraped(values, "kube_deployment_spec_replicas") else {
        return;
    };
    for model in models(values) {
        let replicas = model.node.child("replicas");
        let Some(node) = replicas.filter(|node| node.as_str() == Some("auto")) else {
            continue;
        };
        let mut finding = RULE
            .at(format!("{}.replicas", model.path), node.place)
            .found(format!("auto, and no job scrapes {exporter}"))
            .expected(format!("{exporter} in prometheus.scrapeConfigs, or a number"))
            .why("auto is read from its series: without them no number is expected, and VllmReplicaDown never fires.")
            .fix(format!("write the number of replicas, or add a job for {exporter} to prometheus.scrapeConfigs"));
        finding.severity = Severity::Warning;
        findings.push(finding);
    }
}
