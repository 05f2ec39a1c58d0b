//! OTLP over gRPC uses TLS unless the endpoint begins with `http://` or the exporter has `insecure:
//! true`. Receivers inside a cluster rarely speak TLS, and the handshake always fails.

use super::Rule;
use super::endpoint::endpoints;
use crate::{Findings, Node, Severity, Values};

/// `tracing.exporters.otlp.*` that send with TLS to a Service.
pub const RULE: Rule = Rule {
    code: "exporter-tls",
    severity: Severity::Warning,
    title: text!("A gRPC exporter sends with TLS to an address inside the cluster"),
    check,
};

fn inside(address: &str) -> bool {
    let url = crate::url::Url::of(address);
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    url.in_cluster() && url.port == Some("4317")
        || !host.contains('.')
        || host.ends_with(".svc")
        || host.ends_with(".cluster.local")
}

fn check(values: &Values, findings: &mut Findings) {
    for end in endpoints(values).iter().filter(|end| end.kind == "otlp") {
        let tls = end.scheme().is_none()
            && ["insecure", "insecureSkipVerify", "tlsSecret"]
                .iter()
                .all(|key| {
                    let node = end.exporter.child(key);
                    node.is_none_or(|n: &Node| n.as_bool() == Some(false))
                });
        if !tls || end.text.contains("${") || !inside(end.host_and_port()) {
            continue;
        }
        findings.push(
            RULE.finds(
                end.path.clone(),
                &end.node.place,
                format!("{:?}: with TLS, as no scheme says otherwise", end.text),
                text!("http:// for a receiver without TLS, https:// for one with it"),
                text!("Most receivers inside a cluster speak no TLS: the handshake always fails."),
            )
            .fix(format!(
                "write http://{}, or https://{} where it has TLS",
                end.text, end.text
            )),
        );
    }
}
