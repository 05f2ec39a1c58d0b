//! The alert on a disk that fills up, against the share of it that samples may use.

use super::RULE;
use crate::rules::look::on;
use crate::{Findings, Values};
use vllm_catalog::number::Shown;

/// `bytes`: what `prometheus.retentionSize` allows; none for 80 % of the disk.
pub(super) fn check(values: &Values, bytes: Option<f64>, disk: f64, findings: &mut Findings) {
    let alert = "rules.alerts.PrometheusStorageFillingUp";
    let path = format!("{alert}.threshold");
    let Some(node) = values.get(&path) else {
        return;
    };
    let share = bytes.map_or(0.8, |bytes| bytes / disk);
    let Some(threshold) = node.as_f64().filter(|threshold| *threshold <= share) else {
        return;
    };
    // No limit is 0; a limit above the disk is said of itself.
    if !on(values, &format!("{alert}.enabled")) || bytes == Some(0.0) || share > 0.95 {
        return;
    }
    let least = ((share + 0.1) * 100.0).round().min(95.0) / 100.0;
    findings.push(
        RULE.at(path, &node.place)
            .found(format!("threshold {}, and samples may use {} of the disk", Shown(threshold), Shown((share * 100.0).round() / 100.0)))
            .expected(format!("a threshold above {}", Shown((share * 100.0).round() / 100.0)))
            .why("Prometheus deletes the oldest samples only above that share: once the disk has filled up, the alert fires permanently.")
            .fix(format!("write {}, or lower prometheus.retentionSize", Shown(least)))
            .replace(node.place, Shown(least).to_string()),
    );
}
