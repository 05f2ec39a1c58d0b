//! Ports where no receiver of OTLP listens.

use crate::embedded::Text;

/// Ports that take no OTLP, and whose they are.
pub(super) const OTHERS: [(&str, Text); 20] = [
    (
        "14250",
        text!("Jaeger's own gRPC protocol, which current Jaeger does not serve"),
    ),
    ("14268", text!("Jaeger's own HTTP protocol")),
    ("16686", text!("Jaeger's page and queries")),
    ("16685", text!("Jaeger's queries")),
    ("16687", text!("Jaeger's own metrics")),
    ("14269", text!("Jaeger's health")),
    ("6831", text!("Jaeger's agent, over UDP")),
    ("6832", text!("Jaeger's agent, over UDP")),
    ("5778", text!("Jaeger's agent")),
    ("3200", text!("Tempo's queries")),
    ("3100", text!("Loki's, or an old Tempo's, queries")),
    ("9095", text!("Tempo's gRPC between its own parts")),
    ("9411", text!("Zipkin")),
    ("3000", text!("Grafana")),
    ("9090", text!("Prometheus")),
    (
        "9200",
        text!("Elasticsearch, whose APM server takes OTLP at 8200"),
    ),
    ("8126", text!("Datadog's own protocol")),
    ("8888", text!("the collector's own metrics")),
    ("13133", text!("the collector's health")),
    ("55680", text!("OTLP before 2021")),
];

/// Whether a port is 4317 or 4318 with two digits swapped, one lost or one too many.
pub(super) fn slipped(port: &str) -> bool {
    let swapped = matches!(port, "3417" | "3418" | "4137" | "4138" | "4371" | "4381");
    let lost = matches!(port, "417" | "418" | "431" | "437" | "438" | "317" | "318");
    swapped || lost || port.len() == 5 && (port.starts_with("4317") || port.starts_with("4318"))
}
