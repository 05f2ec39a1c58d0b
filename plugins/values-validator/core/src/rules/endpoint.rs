//! Endpoints of the collector's exporters.

use crate::Values;
use crate::node::{Node, join};

/// One named exporter.
#[derive(Debug, Clone)]
pub struct Endpoint<'a> {
    /// `otlp` (gRPC) or `otlphttp`.
    pub kind: &'static str,
    /// `tracing.exporters.otlp.jaeger.endpoint`
    pub path: String,
    /// The endpoint.
    pub node: &'a Node,
    /// What it says.
    pub text: &'a str,
    /// The exporter.
    pub exporter: &'a Node,
}

/// Every named exporter's, where tracing is on.
pub fn endpoints(values: &Values) -> Vec<Endpoint<'_>> {
    let mut all = Vec::new();
    if !super::look::on(values, "tracing.enabled") {
        return all;
    }
    for kind in ["otlp", "otlphttp"] {
        let base = format!("tracing.exporters.{kind}");
        for (name, exporter) in values.get(&base).into_iter().flat_map(Node::entries) {
            let Some(node) = exporter.child("endpoint") else {
                continue;
            };
            if let Some(text) = node.as_str() {
                let path = join(&join(&base, name), "endpoint");
                all.push(Endpoint {
                    kind,
                    path,
                    node,
                    text,
                    exporter,
                });
            }
        }
    }
    all
}

impl Endpoint<'_> {
    /// `http` of `http://tempo:4318/x`.
    pub fn scheme(&self) -> Option<&str> {
        Some(self.text.split_once("://")?.0)
    }

    /// `tempo:4318` of `http://tempo:4318/x`.
    pub fn host_and_port(&self) -> &str {
        let rest = self
            .text
            .split_once("://")
            .map_or(self.text, |(_, rest)| rest);
        rest.split('/').next().unwrap_or(rest)
    }

    /// `4318` of it.
    pub fn port(&self) -> Option<&str> {
        Some(self.host_and_port().rsplit_once(':')?.1)
    }

    /// `/x` of it.
    pub fn url_path(&self) -> &str {
        let rest = self
            .text
            .split_once("://")
            .map_or(self.text, |(_, rest)| rest);
        rest.find('/').map_or("", |at| &rest[at..])
    }
}
