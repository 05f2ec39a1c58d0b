//! `metrics.operator.prometheus`, namespace/name, against the address of the same Prometheus.

use super::RULE;
use crate::rules::look::text;
use crate::shape::nearest;
use crate::url::Url;
use crate::{Findings, Values};

/// A name that is in front of its namespace, or a namespace that is not the address'.
pub(super) fn swapped(values: &Values, findings: &mut Findings) {
    let path = "metrics.operator.prometheus";
    let Some(node) = values.get(path) else { return };
    let Some((namespace, name)) = node.as_str().and_then(|text| text.split_once('/')) else {
        return;
    };
    let address = text(values, "metrics.operator.prometheusURL");
    let url = Url::of(address);
    // Namespaces that people give to monitoring.
    const NAMESPACES: [&str; 5] = [
        "monitoring",
        "observability",
        "cattle-monitoring-system",
        "openshift-monitoring",
        "metrics",
    ];
    let of_url = url.host.split('.').nth(1).filter(|_| url.in_cluster());
    let (new, expected) = match of_url {
        Some(there) if there == namespace => return,
        Some(there) if there == name => (format!("{name}/{namespace}"), there),
        Some(there) if nearest(namespace, [there]).is_some() => (format!("{there}/{name}"), there),
        None if NAMESPACES.contains(&name) && !NAMESPACES.contains(&namespace) => {
            (format!("{name}/{namespace}"), name)
        }
        _ => return,
    };
    let finding = RULE
        .at(path, node.place)
        .found(format!("{namespace}/{name}, in a namespace {namespace}"))
        .expected(format!("namespace/name, with the namespace {expected}"))
        .why(
            "There is no such object: its selectors are not compared with metrics.operator.labels.",
        );
    findings.push(finding.writes(node.place, &new));
}
