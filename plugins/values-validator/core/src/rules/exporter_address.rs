//! An exporter sends to the port where a receiver of OTLP listens: 4317 for gRPC, 4318 for HTTP. Ports of
//! pages and query interfaces (Jaeger's 16686, Tempo's 3200), of Jaeger's older protocols (14250, 14268)
//! and addresses without a port take no traces. `localhost` is the collector's own pod, and the
//! collector of this release would get its own traces back. Vendors on the internet speak TLS only.
//!
//! The chart refuses what the collector would not start with, or not send to at all.

mod elsewhere;
mod ports;
mod refused;

pub(crate) use refused::OVER_HTTP;

use super::endpoint::endpoints;
use super::look::text;
use super::{Rule, exporter_vendor};
use crate::{Findings, Node, Severity, Values};
use elsewhere::elsewhere;
use refused::refused;

/// `tracing.exporters.{otlp,otlphttp}.*.endpoint`.
pub const RULE: Rule = Rule {
    code: "exporter-address",
    severity: Severity::Error,
    title: text!("An exporter's endpoint is not the address of an OTLP receiver"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    let own = text(values, "fullnameOverride");
    for end in endpoints(values) {
        for (name, header) in end
            .exporter
            .child("headers")
            .into_iter()
            .flat_map(Node::entries)
        {
            if header.as_str().is_some_and(|text| text.contains("{{")) {
                let exporter = end.path.trim_end_matches(".endpoint");
                let finding = RULE.finds(format!("{exporter}.headers.{name}"), &header.place, header.described(), text!("a text; nothing expands {{ }} here"), text!("The receiver gets the braces as they are, and puts the traces under that name or refuses them."))
                    .fix(text!("write the text itself, or ${env:NAME} with NAME in tracing.collector.extraEnv")).as_warning();
                findings.push(finding);
            }
        }
        if end.text.contains("${") {
            continue;
        }
        if let Some(finding) = refused(&end) {
            findings.push(finding);
        } else if !exporter_vendor::check(&RULE, &end, findings)
            && let Some(finding) = elsewhere(values, &end, own)
        {
            findings.push(finding);
        }
    }
}
