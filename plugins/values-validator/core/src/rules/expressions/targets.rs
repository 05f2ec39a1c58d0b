//! What the values say of the targets that this chart scrapes.

use crate::rules::look::{models, on, seconds, text};
use crate::{Node, Values};

/// Labels of pods and of other charts' targets, which no scrape of this chart gives.
const PODS: [&str; 10] = [
    "app",
    "app_kubernetes_io_component",
    "app_kubernetes_io_instance",
    "app_kubernetes_io_name",
    "deployment",
    "kubernetes_name",
    "release",
    "service",
    "statefulset",
    "workload",
];

/// Labels that an operator or a store may add; this chart's own Prometheus adds none.
const ADDED: [&str; 8] = [
    "cluster",
    "env",
    "environment",
    "region",
    "replica",
    "team",
    "tenant",
    "zone",
];

/// The flag with which a server is given other names.
const NAMES: &str = "--served-model-name";

/// Labels that the targets surely lack.
pub(super) fn lacking(values: &Values) -> Vec<&'static str> {
    let own = values.list("prometheus.scrapeConfigs").next().is_some();
    if !on(values, "metrics.scrape.enabled") || own {
        return Vec::new();
    }
    let service = |(_, model): (String, &Node)| {
        model.child("monitor").and_then(Node::as_str) == Some("ServiceMonitor")
    };
    let services = values.list("models").any(service);
    let standalone = text(values, "metrics.mode") == "standalone";
    let pods = PODS
        .into_iter()
        .filter(|label| !(services && *label == "service"));
    pods.chain(ADDED.into_iter().filter(|_| standalone))
        .collect()
}

/// The namespaces of all models; none where one of them does not say its own.
pub(super) fn namespaces(values: &Values) -> Vec<&str> {
    let mut all = Vec::new();
    for model in models(values) {
        let names = model.node.child("namespaces").map_or(&[][..], Node::items);
        if names.is_empty() || !on(values, "metrics.scrape.enabled") {
            return Vec::new();
        }
        for name in names.iter().filter_map(Node::as_str) {
            if name == "*" || name.contains("{{") {
                return Vec::new();
            }
            if !all.contains(&name) {
                all.push(name);
            }
        }
    }
    all
}

/// Seconds for which this chart's own Prometheus keeps samples, where nothing else answers for it; and whether
/// somebody chose that time.
pub(super) fn kept(values: &Values) -> Option<(f64, bool)> {
    let own = text(values, "metrics.mode") == "standalone"
        && values.list("rules.export.engines").next().is_none();
    let chosen = values.get("prometheus.retention")?.place;
    let kept = seconds(values, "prometheus.retention").filter(|kept| own && *kept > 0.0)?;
    Some((kept, !chosen.is_untouched()))
}

/// Further names of the models, each with the name of its entry; nothing where another server may have one of them.
pub(super) fn served(values: &Values) -> Vec<(&str, &str)> {
    let mut all = Vec::new();
    for model in models(values) {
        let Some(deploy) = model
            .deploy
            .filter(|_| on(values, "metrics.scrape.enabled") && model.arg(NAMES).is_none())
        else {
            return Vec::new();
        };
        let further = deploy.child("servedNames").map_or(&[][..], Node::items);
        let names = further.iter().chain(deploy.child("model"));
        all.extend(names.filter_map(|name| Some((name.as_str()?, model.name))));
    }
    all
}
