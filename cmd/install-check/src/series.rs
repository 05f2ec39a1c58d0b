//! What the targets that are up export: vLLM's series, and whether they are halves of a model.

use crate::input::Prometheus;
use crate::outcome::Look;
use crate::targets::{Sample, Vector};

/// Pods that are up and have none of vLLM's series, by entry.
#[must_use]
pub fn silent_query(asked: &Prometheus) -> String {
    let Prometheus {
        matchers,
        running,
        requests,
        ..
    } = asked;
    format!(
        "count by (model, namespace) (group by (cluster, model, namespace, pod) (up{{{matchers},model!=\"\"}} == 1) \
         unless on (cluster, namespace, pod) {{__name__=~\"{running}|{requests}\",model_name!=\"\",{matchers}}})"
    )
}

/// Every pod that is up has series of vLLM.
#[must_use]
pub fn silent(asked: &Prometheus, found: &Vector) -> Look {
    if found.result.is_empty() {
        return Look::Holds("every target that is up exports vLLM's series".to_owned());
    }
    let entries: Vec<String> = (found.result.iter())
        .map(|sample| format!("{} of {}", sample.value.1, entry(sample)))
        .collect();
    Look::NotYet(format!(
        "targets are up and have no series {}: {}; they are another server's port, a router, Ray with its prefix, or vLLM with --disable-log-stats; see docs/runbooks/VllmSeriesMissing.md",
        asked.running,
        entries.join(", ")
    ))
}

fn entry(sample: &Sample) -> String {
    let label = |name: &str| sample.metric.get(name).map_or("", String::as_str);
    match label("namespace") {
        "" => label("model").to_owned(),
        namespace => format!("{} in {namespace}", label("model")),
    }
}

/// Pods that the rules take for the prefill half of their model.
#[must_use]
pub fn prefill_query(release: &str, asked: &Prometheus) -> String {
    format!(
        "count by (model, model_name) ({}{{vllm_monitoring={release:?}}})",
        asked.prefill
    )
}

/// Models of which several pods run and KV blocks are fetched from others.
#[must_use]
pub fn transfers_query(asked: &Prometheus) -> String {
    let Prometheus {
        matchers,
        transfers,
        requests,
        ..
    } = asked;
    format!(
        "count by (model, model_name) (group by (model, model_name, pod) ({requests}{{{matchers}}})) > 1 \
         and on (model, model_name) {{__name__=~\"{transfers}\",{matchers}}} > 0"
    )
}

/// What is said of prefill and decode halves; never a failure.
#[must_use]
pub fn halves(prefill: &Vector, transfers: &Vector) -> String {
    let name = |sample: &Sample| {
        let label = |name: &str| sample.metric.get(name).map_or("", String::as_str);
        format!("{} (entry {})", label("model_name"), label("model"))
    };
    let known: Vec<String> = (prefill.result.iter()).map(name).collect();
    let mut said: Vec<String> = (prefill.result.iter())
        .map(|sample| {
            format!(
                "{} has {} prefill pods, whose requests are counted in its decode pods",
                name(sample),
                sample.value.1
            )
        })
        .collect();
    let unknown = (transfers.result.iter())
        .map(name)
        .filter(|name| !known.contains(name));
    said.extend(unknown.map(|name| {
        format!(
            "{name} fetches KV blocks from other pods, and none is known as its prefill half: if it is served in halves, name their pods in rules.prefillPods, else each request is counted twice"
        )
    }));
    if said.is_empty() {
        "no model is served in prefill and decode halves".to_owned()
    } else {
        said.join("; ")
    }
}
