//! 4317 is the port of OTLP over gRPC, 4318 that of OTLP over HTTP. At the other's port every attempt
//! to send fails, with an unclear error message.

use super::Rule;
use super::endpoint::endpoints;
use crate::{Findings, Severity, Values};

/// The port of `tracing.exporters.{otlp,otlphttp}.*.endpoint`.
pub const RULE: Rule = Rule {
    code: "exporter-port",
    severity: Severity::Warning,
    title: text!("An exporter sends to the other protocol's port"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for end in endpoints(values) {
        let (wrong, right, other) = match end.kind {
            "otlp" => ("4318", "4317", "otlphttp"),
            _ => ("4317", "4318", "otlp"),
        };
        let host = end.host_and_port().split(':').next().unwrap_or("");
        if end.port() != Some(wrong) || super::exporter_vendor::vendor(host).is_some() {
            continue;
        }
        findings.push(
            RULE.at(end.path.clone(), &end.node.place)
                .found(format!("port {wrong} for {}", end.kind))
                .expected(format!("port {right}, or the exporter under {other}"))
                .why(text!(
                    "Receivers listen there for the other protocol: every attempt to send fails."
                ))
                .fix(format!(
                    "write {right}, or move it to tracing.exporters.{other}"
                )),
        );
    }
}
