//! The alerts that this chart's Prometheus sends, and what is known of their labels.

use crate::rules::look::{models, on, plugin};
use crate::{Node, Values};

/// Which labels the alert's expression leaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Of an entry of `models`, whose namespaces are added up.
    Entry,
    /// Of a model in a namespace.
    Model,
    Pod,
    /// Of a collector's or a balancer's pod.
    Collector,
    Release,
    /// Of an entry's targets in a namespace.
    Targets,
    /// Somebody's own expression.
    Other,
}

/// What an alert can have as a label's text.
pub(super) enum Label<'a> {
    Lacks,
    OneOf(Vec<&'a str>),
    /// A text that is not known.
    Has,
    Unknown,
}

/// An alert with one of its severities.
#[derive(Clone, Copy)]
pub(super) struct Alert<'a> {
    pub(super) name: &'a str,
    pub(super) severity: &'a str,
    pub(super) kind: Kind,
    labels: Option<&'a Node>,
}

pub(super) struct Alerts<'a> {
    pub(super) all: Vec<Alert<'a>>,
    external: Option<&'a Node>,
    models: Option<Vec<&'a str>>,
    namespaces: Option<Vec<&'a str>>,
}

impl<'a> Alerts<'a> {
    pub(super) fn of(values: &'a Values) -> Self {
        let mut all = Vec::new();
        for (_, name, node) in values.map("rules.alerts") {
            let text = |key: &str| node.child(key).and_then(Node::as_str);
            let off = node.child("enabled").and_then(Node::as_bool) == Some(false);
            if off || name.starts_with("VllmProbe") && !on(values, "probe.enabled") {
                continue;
            }
            let mut severities: Vec<&str> = text("severity").into_iter().collect();
            if name.ends_with("BudgetBurning") {
                let windows = values.map("slos.windows");
                severities.extend(windows.filter_map(|(_, _, w)| w.child("severity")?.as_str()));
            }
            // Where somebody is served.
            if name == "VllmProbeFailing" && severities.contains(&"critical") {
                severities.push("warning");
            }
            severities.sort_unstable();
            severities.dedup();
            let kind = match name {
                "VllmTraceBudgetExhausted" if plugin(values) => Kind::Other,
                _ => kind(name),
            };
            // One is of the whole release, the other of a model's replicas.
            let kinds = if name == "VllmTracingSilent" {
                vec![Kind::Release, Kind::Model]
            } else {
                vec![kind]
            };
            for severity in severities {
                all.extend(kinds.iter().map(|kind| Alert {
                    name,
                    severity,
                    kind: *kind,
                    labels: node.child("labels"),
                }));
            }
        }
        for (_, node) in values.list("rules.additionalAlerts") {
            let text = |key: &str| node.child(key).and_then(Node::as_str);
            all.push(Alert {
                name: text("alert").unwrap_or_default(),
                severity: text("severity").unwrap_or("warning"),
                kind: Kind::Other,
                labels: node.child("labels"),
            });
        }
        let entries = models(values);
        let scraped = on(values, "metrics.scrape.enabled") && !entries.is_empty();
        let mut namespaces = scraped.then(Vec::new);
        for entry in &entries {
            let own = entry.node.child("namespaces").map_or(&[][..], Node::items);
            let named = own.iter().map(|item| item.as_str().filter(|n| *n != "*"));
            let named: Option<Vec<&str>> = named.collect();
            let named = named.filter(|named| !named.is_empty() && entry.deploy.is_none());
            namespaces = namespaces.zip(named).map(|(all, own)| [all, own].concat());
        }
        Self {
            all,
            external: values.get("prometheus.externalLabels"),
            models: scraped.then(|| entries.iter().map(|entry| entry.name).collect()),
            namespaces,
        }
    }

    pub(super) fn label(&self, alert: &Alert<'a>, name: &str) -> Label<'a> {
        match name {
            "alertname" => return Label::OneOf(vec![alert.name]),
            "severity" => return Label::OneOf(vec![alert.severity]),
            _ => {}
        }
        let fixed = |node: &'a Node| match node.as_str() {
            Some(text) if !text.contains("{{") => Label::OneOf(vec![text]),
            _ => Label::Unknown,
        };
        if let Some(node) = alert.labels.and_then(|labels| labels.child(name)) {
            return fixed(node);
        }
        match self.left(alert.kind, name) {
            Label::Lacks => {
                let external = self.external.and_then(|labels| labels.child(name));
                external.map_or(Label::Lacks, fixed)
            }
            left => left,
        }
    }

    /// What the expression leaves.
    fn left(&self, kind: Kind, name: &str) -> Label<'a> {
        let known = |texts: &Option<Vec<&'a str>>| texts.clone().map_or(Label::Has, Label::OneOf);
        match (kind, name) {
            (Kind::Other, _) => Label::Unknown,
            (_, "vllm_monitoring") | (Kind::Pod, "pod") | (Kind::Model, "model_name") => Label::Has,
            (Kind::Entry | Kind::Targets | Kind::Model | Kind::Pod, "model") => known(&self.models),
            (Kind::Targets | Kind::Model | Kind::Pod, "namespace") => known(&self.namespaces),
            (Kind::Pod, "model_name") | (Kind::Collector, "pod") => Label::Unknown,
            (_, "model" | "namespace" | "pod" | "model_name") => Label::Lacks,
            // What is on some of them alone.
            (
                _,
                "cluster" | "engine" | "kube_namespace" | "container" | "gpu" | "UUID" | "Hostname"
                | "window" | "slo" | "of" | "cause" | "exporter" | "policy" | "reason" | "limit"
                | "rule_group" | "integration" | "alertmanager" | "le" | "finished_reason"
                | "status",
            ) => Label::Unknown,
            _ => Label::Lacks,
        }
    }
}

/// By the series that each alert reads.
fn kind(name: &str) -> Kind {
    match name {
        "VllmFleetDown" | "VllmReplicaDown" | "VllmProbeDown" => Kind::Entry,
        "VllmE2ELatencyHigh"
        | "VllmInterTokenLatencyHigh"
        | "VllmTimeToFirstTokenHigh"
        | "VllmSlowRequestsPresent"
        | "VllmPreemptionSpike"
        | "VllmRequestsAborted"
        | "VllmPrefixCacheCollapse" => Kind::Model,
        "VllmSeriesMissing" => Kind::Targets,
        "VllmKeptTracesLost" | "VllmTracesDroppedUndecided" | "VllmLateSpansDropped" => {
            Kind::Collector
        }
        "Watchdog" | "VllmCollectorDown" | "VllmBalancerDown" | "VllmTraceBudgetExhausted" => {
            Kind::Release
        }
        "VllmKVCacheNearlyFull"
        | "VllmQueueTooLong"
        | "VllmWaitingForCapacity"
        | "VllmReplicaOutlier"
        | "VllmAdmissionStalled"
        | "VllmEngineStalled"
        | "VllmRequestsUnanswered"
        | "VllmCrashLooping"
        | "VllmGpuFault"
        | "VllmProbeFailing" => Kind::Pod,
        _ if name.ends_with("BudgetBurning") => Kind::Model,
        _ if name.starts_with("VllmCollector") || name.starts_with("VllmBalancer") => {
            Kind::Collector
        }
        _ if name.starts_with("Prometheus") || name.starts_with("Alertmanager") => Kind::Release,
        _ => Kind::Other,
    }
}
