//! `insecure: true` has an exporter send without TLS. Certificates beside it say that TLS was meant: at
//! best they are not used, at worst traces go out for everyone to read.
//!
//! The chart refuses it too.

use super::Rule;
use super::endpoint::endpoints;
use crate::node::join;
use crate::{Findings, Node, Severity, Values};

/// `tracing.exporters.*.*.insecure` against `tlsSecret`.
pub const RULE: Rule = Rule {
    code: "exporter-insecure",
    severity: Severity::Error,
    title: "An exporter has certificates, and sends without TLS",
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for end in endpoints(values) {
        let insecure = end.exporter.child("insecure");
        let insecure = insecure.filter(|node| node.as_bool() == Some(true));
        let secret = end.exporter.child("tlsSecret");
        let secret = secret.filter(|node| node.entries().next().is_some());
        let (Some(insecure), Some(secret)) = (insecure, secret) else {
            continue;
        };
        let name = secret.child("name").and_then(Node::as_str).unwrap_or("");
        let exporter = end.path.trim_end_matches(".endpoint");
        findings.push(
            RULE.at(join(exporter, "insecure"), insecure.place)
                .found(format!("insecure: true beside the Secret {name:?}"))
                .expected("one of them")
                .why("It sends without TLS, and the certificates are for nothing.")
                .fix("leave insecure out; or, for a receiver without TLS, tlsSecret")
                .related(secret.place, "the certificates"),
        );
    }
}
