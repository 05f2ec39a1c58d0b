//! Kinds of data sources that no Grafana has: the name of a program with a word too many, or misspelt.

use super::RULE;
use crate::rules::look::on;
use crate::{Findings, Values};

/// Those that every Grafana has and whose name is not `…-datasource`.
const KINDS: &str = "prometheus loki tempo jaeger zipkin elasticsearch influxdb graphite opentsdb mysql postgres mssql cloudwatch stackdriver alertmanager testdata parca";
/// Programs whose kind has a longer name.
const LONG: [(&str, &str); 6] = [
    ("pyroscope", "grafana-pyroscope-datasource"),
    ("postgresql", "grafana-postgresql-datasource"),
    ("azuremonitor", "grafana-azure-monitor-datasource"),
    ("victoriametrics", "victoriametrics-metrics-datasource"),
    ("clickhouse", "grafana-clickhouse-datasource"),
    ("mimir", "prometheus"),
];

/// The kind that is meant.
fn meant(kind: &str) -> Option<&'static str> {
    let bare = kind.to_ascii_lowercase();
    let bare = bare.strip_prefix("grafana-").unwrap_or(&bare);
    let bare = bare.strip_suffix("-datasource").unwrap_or(bare);
    let plain = bare.replace(['-', '_', ' '], "");
    let long = LONG.iter().find(|(name, _)| *name == plain);
    (KINDS.split(' ').find(|known| *known == bare))
        .or(long.map(|(_, kind)| *kind))
        .or_else(|| crate::shape::nearest(kind, KINDS.split(' ')))
}

pub(super) fn check(values: &Values, findings: &mut Findings) {
    if !on(values, "grafana.enabled") {
        return;
    }
    for (path, source) in values.list("grafana.datasources") {
        let Some(node) = source.child("type") else {
            continue;
        };
        let Some(kind) = node.as_str() else { continue };
        let known = KINDS.split(' ').any(|known| known == kind);
        // A plugin that is installed beside it.
        let plugin = kind.ends_with("-datasource") || kind.ends_with("-app");
        let Some(meant) = meant(kind).filter(|meant| !known && !plugin && *meant != kind) else {
            continue;
        };
        findings.push(
            RULE.warning(format!("{path}.type"), &node.place)
                .found(format!("type: {kind}"))
                .expected("a kind that Grafana has")
                .why("Grafana has no such plugin: each query of this data source fails.")
                .meant(node.place, meant),
        );
    }
}
