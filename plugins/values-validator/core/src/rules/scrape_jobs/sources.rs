//! What the jobs of this Prometheus give to alerts: whether one scrapes an exporter, and lets its series through.

use crate::node::{item, join};
use crate::rules::look::text;
use crate::{Node, Values, re2};

/// The exporter of a series, and words that the name or a target of its job has.
fn exporter(name: &str) -> Option<(&'static str, &'static [&'static str])> {
    let kube = [
        "kube_pod_",
        "kube_deployment_",
        "kube_statefulset_",
        "kube_daemonset_",
        "kube_replicaset_",
        "kube_node_",
        "kube_job_",
        "kube_horizontalpodautoscaler_",
        "kube_persistentvolumeclaim_",
    ];
    if kube.iter().any(|start| name.starts_with(start)) {
        return Some(("kube-state-metrics", &["kube-state", "ksm"]));
    }
    (name.starts_with("DCGM_FI_")).then_some(("the DCGM exporter", &["dcgm"]))
}

/// Words of jobs whose targets are one program, and what it is.
const KNOWN: [&str; 12] = [
    "kube-state",
    "ksm",
    "dcgm",
    "node-exporter",
    "node_exporter",
    "cadvisor",
    "blackbox",
    "alertmanager",
    "grafana",
    "otel",
    "gateway",
    "keda",
];

/// The name of a job and all its targets, in small letters; none: its targets are found, or it reads another
/// Prometheus, so that nobody knows what it gives.
fn words(job: &Node) -> Option<String> {
    let mut words = String::new();
    for (key, node) in job.entries() {
        match key {
            "job_name" => words.push_str(node.as_str()?),
            "metrics_path" if node.as_str()?.contains("federate") => return None,
            "static_configs" => {
                for target in node.items().iter().filter_map(|one| one.child("targets")) {
                    for target in target.items() {
                        words.push(' ');
                        words.push_str(target.as_str()?);
                    }
                }
            }
            _ if key.ends_with("_configs") && !key.contains("relabel") => return None,
            _ => {}
        }
    }
    Some(words.to_ascii_lowercase())
}

fn has(words: &str, of: &[&str]) -> bool {
    of.iter().any(|word| words.contains(word))
}

/// The exporter of a series, where this chart's own Prometheus evaluates the rules and no job can scrape it.
pub(in crate::rules) fn unscraped(values: &Values, name: &str) -> Option<&'static str> {
    let (exporter, hints) = exporter(name)?;
    let own = text(values, "metrics.mode") == "standalone"
        && values.list("rules.export.engines").next().is_none();
    let elsewhere = |(_, job): (String, &Node)| {
        words(job).is_some_and(|words| has(&words, &KNOWN) && !has(&words, hints))
    };
    (own && values.list("prometheus.scrapeConfigs").all(elsewhere)).then_some(exporter)
}

/// The step at the scrape that takes a series away, with its path, where each job that may give it has one.
pub(in crate::rules) fn dropped<'a>(values: &'a Values, name: &str) -> Option<(String, &'a Node)> {
    let (_, hints) = exporter(name)?;
    let mut first = None;
    for (path, job) in values.list("prometheus.scrapeConfigs") {
        let steps = job.child("metric_relabel_configs");
        let gone = steps.iter().flat_map(|steps| steps.items()).enumerate();
        let gone = gone.filter_map(|(at, step)| {
            let regex = step.child("regex")?;
            let path = join(&item(&join(&path, "metric_relabel_configs"), at), "regex");
            takes(step, name).then_some((path, regex))
        });
        let may = words(job).is_none_or(|words| has(&words, hints) || !has(&words, &KNOWN));
        match { gone }.next() {
            Some(gone) if may => first = first.or(Some(gone)),
            None if may => return None,
            _ => {}
        }
    }
    first
}

/// Whether a step takes a series away by its name.
fn takes(step: &Node, name: &str) -> bool {
    let labels = step.child("source_labels").map(Node::items);
    let by_name = matches!(labels, Some([one]) if one.as_str() == Some("__name__"));
    let pattern = step
        .child("regex")
        .and_then(Node::as_str)
        .and_then(re2::whole);
    let (true, Some(pattern)) = (by_name, pattern) else {
        return false;
    };
    match step.child("action").and_then(Node::as_str) {
        Some("keep") => !pattern.is_match(name),
        Some("drop") => pattern.is_match(name),
        _ => false,
    }
}

/// The external labels that no series of this Prometheus has.
pub(in crate::rules) fn external(values: &Values) -> Vec<&str> {
    let own = text(values, "metrics.mode") == "standalone"
        && values.list("rules.export.engines").next().is_none();
    let mut given = String::new();
    for path in ["metrics.scrape", "prometheus.scrapeConfigs"] {
        if let Some(node) = values.get(path) {
            texts(node, &mut given);
        }
    }
    // A label that a target has, or that a step gives to it, is another one.
    let labels = values
        .map("prometheus.externalLabels")
        .map(|(_, label, _)| label);
    labels
        .filter(|label| own && !given.lines().any(|text| text == *label))
        .collect()
}

/// All keys and texts of a value, one a line.
fn texts(node: &Node, out: &mut String) {
    for (key, child) in node.entries() {
        out.push_str(key);
        out.push('\n');
        texts(child, out);
    }
    for child in node.items() {
        texts(child, out);
    }
    out.push_str(node.as_str().unwrap_or_default());
    out.push('\n');
}
