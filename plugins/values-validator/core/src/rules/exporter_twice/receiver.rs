//! The receiver that an exporter sends to, however its address is written: gRPC and HTTP are two ports of one, a
//! Service has a short name and long ones, and to this release's Jaeger the chart sends without being asked.

use super::RULE;
use crate::node::Node;
use crate::rules::endpoint::Endpoint;
use crate::rules::look::{on, sends, text};
use crate::url::Url;
use crate::{Finding, Values};

/// An address and what is sent with it, as one text: the same for what is one receiver.
pub(super) fn of(end: &Endpoint<'_>) -> String {
    let url = Url::of(end.text);
    let host = url.host.trim_end_matches('.');
    let host = host.strip_suffix(".cluster.local").unwrap_or(host);
    let host = host.strip_suffix(".svc").unwrap_or(host);
    // Behind a port of its own there may be another receiver, and behind a path.
    let port = match url.port {
        Some("4317" | "4318") => "otlp",
        port => port.unwrap_or(end.kind),
    };
    let path = url.path.trim_end_matches("/v1/traces").trim_matches('/');
    let mut to = sends(&format!("{host}:{port}/{path}"), end.exporter);
    let kept = end.exporter.child("headersFrom");
    for (header, from) in kept.into_iter().flat_map(Node::entries) {
        let named = |key: &str| from.child(key).and_then(Node::as_str).unwrap_or_default();
        to.push_str(&format!("\n{header}<{}/{}", named("name"), named("key")));
    }
    to
}

/// An exporter to the Jaeger of this release.
pub(super) fn own(values: &Values, end: &Endpoint<'_>) -> Option<Finding> {
    let first = Url::of(end.text).host.split('.').next()?;
    let name = first.strip_suffix("-jaeger")?;
    let [whole, part] = ["fullnameOverride", "nameOverride"].map(|path| text(values, path));
    let part = if part.is_empty() {
        "vllm-monitoring"
    } else {
        part
    };
    let own = if whole.is_empty() {
        name.ends_with(part)
    } else {
        name == whole
    };
    if !own || !on(values, "jaeger.enabled") {
        return None;
    }
    let exporter = end.path.trim_end_matches(".endpoint");
    let finding = RULE
        .at(end.path.clone(), &end.node.place)
        .found(format!("{:?}, the Jaeger of this release", end.text))
        .expected("no exporter for it: with jaeger.enabled the chart writes one")
        .why("Every kept trace is sent to it twice, and each of the two exporters gets half of the queue.")
        .fix(format!("remove {exporter}"));
    Some(match values.get("jaeger.enabled") {
        Some(switch) => {
            finding.related(switch.place, "the switch with which the chart sends to it")
        }
        None => finding,
    })
}
