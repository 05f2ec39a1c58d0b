//! What is asked is a server's own address: Prometheus at 9090, Tempo at 3200, Jaeger at 16686, without
//! the path of its API, which the asker adds. `localhost` is the pod that asks.

mod address;
mod links;
mod sources;
#[cfg(feature = "full")]
mod stores;

use super::Rule;
use crate::{Findings, Node, Severity, Values};

/// `*.prometheusURL` and `grafana.datasources[].url`.
pub const RULE: Rule = Rule {
    code: "query-address",
    severity: Severity::Warning,
    title: text!("A query URL is not the server's address"),
    check,
};

/// Ports of a kind of server: the one to ask, and others of it or of its neighbours.
const PORTS: [(&str, &str, &[&str]); 4] = [
    (
        "prometheus",
        "9090",
        &["9093", "9091", "3000", "10901", "4317", "4318"],
    ),
    (
        "tempo",
        "3200",
        &["4317", "4318", "9411", "9095", "14250", "14268", "16686"],
    ),
    (
        "jaeger",
        "16686",
        &["4317", "4318", "14250", "14268", "9411", "16685"],
    ),
    ("loki", "3100", &["9095", "4317", "4318", "9090"]),
];

fn check(values: &Values, findings: &mut Findings) {
    let mut asked: Vec<(String, &Node, &str)> = Vec::new();
    for path in [
        "metrics.operator.prometheusURL",
        "grafana.prometheusURL",
        "helmTest.prometheusURL",
        text!("autoscaling.prometheusURL").as_str(),
    ] {
        if let Some(node) = values.get(path) {
            asked.push((path.into(), node, "prometheus"));
        }
    }
    links::placeholder(values, findings);
    #[cfg(feature = "full")]
    {
        super::trace_store::looked_up(&RULE, values, findings);
        links::page(values, findings);
    }
    links::dashboard(values, findings);
    sources::check(values, &mut asked, findings);
    for (path, node, kind) in asked {
        if let Some(text) = node.as_str().filter(|t| !t.is_empty() && !t.contains('$')) {
            address::check(values, path, node, kind, text, findings);
        }
    }
}
