//! What a job asks for that its target does not have or cannot read.

use super::RULE;
use super::ended::{DCGM, KUBE, ended};
use crate::finding::in_quotes;
use crate::node::{item, join};
use crate::{Finding, Findings, Node, re2};

fn warns(path: String, node: &Node, found: String, expected: &str, why: &str) -> Finding {
    RULE.warning(path, node.place)
        .found(found)
        .expected(expected)
        .why(why)
}

/// Looks at one job.
pub(super) fn check(path: &str, job: &Node, findings: &mut Findings) {
    query(path, job, findings);
    selectors(path, job, findings);
    telemetry(path, job, findings);
    nothing(path, job, findings);
    rare(path, job, findings);
}

/// A question mark in the path is a letter of it.
fn query(path: &str, job: &Node, findings: &mut Findings) {
    let Some(node) = job.child("metrics_path") else {
        return;
    };
    let text = node.as_str().unwrap_or_default();
    if let Some((before, _)) = text.split_once('?') {
        let why = "Prometheus escapes the question mark: each scrape gets the answer 404.";
        findings.push(
            warns(
                join(path, "metrics_path"),
                node,
                text.to_owned(),
                "a path alone; parameters in params",
                why,
            )
            .fix(format!(
                "write metrics_path: {before}, and what follows it below params"
            )),
        );
    }
}

/// What `/federate` cannot read.
fn selectors(path: &str, job: &Node, findings: &mut Findings) {
    let all = job
        .child("params")
        .and_then(|params| params.child("match[]"));
    for (at, node) in all.map_or(&[][..], Node::items).iter().enumerate() {
        let Some(text) = node.as_str() else { continue };
        if crate::promql::parse(text).is_ok() {
            continue;
        }
        let path = item(&format!("{path}.params[\"match[]\"]"), at);
        let why = "/federate answers 400: each scrape fails.";
        let finding = warns(
            path,
            node,
            in_quotes(text),
            "a selector, as {__name__=~\"kube_.+\"}",
            why,
        );
        let names = |c: char| c.is_ascii_alphanumeric() || "_:.*+|".contains(c);
        let new = format!("{{__name__=~\"{text}\"}}");
        findings.push(if text.chars().all(names) && re2::whole(text).is_some() {
            finding
                .fix(format!("write {new}"))
                .replace(node.place, format!("'{new}'"))
        } else {
            finding.fix("write the label's text in quotes: {job=\"kube-state-metrics\"}")
        });
    }
}

/// All targets of a job, with their paths.
fn targets<'a>(path: &str, job: &'a Node) -> Vec<(String, &'a Node)> {
    let mut all = Vec::new();
    let configs = job.child("static_configs").map_or(&[][..], Node::items);
    for (i, config) in configs.iter().enumerate() {
        let targets = config.child("targets").map_or(&[][..], Node::items);
        for (k, target) in targets.iter().enumerate() {
            all.push((format!("{path}.static_configs[{i}].targets[{k}]"), target));
        }
    }
    all
}

/// kube-state-metrics has series of itself at 8081.
fn telemetry(path: &str, job: &Node, findings: &mut Findings) {
    for (path, target) in targets(path, job) {
        let text = target.as_str().unwrap_or_default();
        let Some(host) = text.strip_suffix(":8081") else {
            continue;
        };
        if !host.contains("kube-state-metrics") {
            continue;
        }
        let why = "There it serves series about itself alone: none of kube_….";
        findings.push(
            warns(
                path,
                target,
                in_quotes(text),
                "port 8080 of kube-state-metrics",
                why,
            )
            .quotes(target.place, &format!("{host}:8080")),
        );
    }
}

/// A step that keeps no series of the one exporter that the job scrapes.
fn nothing(path: &str, job: &Node, findings: &mut Findings) {
    let all = targets(path, job);
    let of = |words: &[&str]| {
        !all.is_empty()
            && all.iter().all(|(_, target)| {
                target
                    .as_str()
                    .is_some_and(|text| words.iter().any(|word| text.contains(word)))
            })
    };
    const SERIES: [(&[&str], &str, &str); 2] = [
        (&["dcgm"], "DCGM_FI_", DCGM),
        (&["kube-state-metrics", "ksm"], "kube_", KUBE),
    ];
    let Some((_, prefix, known)) = SERIES.iter().find(|(words, ..)| of(words)) else {
        return;
    };
    let steps = job
        .child("metric_relabel_configs")
        .map_or(&[][..], Node::items);
    for (at, step) in steps.iter().enumerate() {
        let labels = step.child("source_labels").map(Node::items);
        let by_name = matches!(labels, Some([one]) if one.as_str() == Some("__name__"));
        let keep = step.child("action").and_then(Node::as_str) == Some("keep");
        let Some(node) = step.child("regex").filter(|_| by_name && keep) else {
            continue;
        };
        let text = node.as_str().unwrap_or_default();
        let Some(pattern) = re2::whole(text) else {
            continue;
        };
        // Another name of this exporter may be meant: it begins in the same way, and goes on.
        let other = text.split('|').any(|one| {
            let rest = one.trim_start_matches(['(', '^']).strip_prefix(prefix);
            rest.is_some_and(|rest| !rest.is_empty() && !one.ends_with('_'))
        });
        let ended = ended(text, known);
        let other = other && ended.is_none();
        if other || known.split(' ').any(|name| pattern.is_match(name)) {
            continue;
        }
        let path = format!("{path}.metric_relabel_configs[{at}].regex");
        // What reads these series has said it already.
        if findings.0.iter().any(|finding| finding.path == path) {
            continue;
        }
        let found = format!("keep {text:?}, which fits no series of this exporter");
        let expected = format!("a pattern of whole names that begin with {prefix}");
        let finding = warns(
            path,
            node,
            found,
            &expected,
            "Every series is dropped: the job stores none.",
        );
        let fits = |new: &str| {
            re2::whole(new).is_some_and(|new| known.split(' ').any(|name| new.is_match(name)))
        };
        findings.push(if let Some(ended) = ended {
            finding.quotes(node.place, &ended)
        } else if fits(&text.to_ascii_uppercase()) {
            finding.quotes(node.place, &text.to_ascii_uppercase())
        } else {
            finding.fix(format!(
                "write {}, or the names that are wanted",
                in_quotes(&format!("{prefix}.+"))
            ))
        });
    }
}

/// A series is stale five minutes behind its sample; the chart's rules read those of these exporters as they are.
fn rare(path: &str, job: &Node, findings: &mut Findings) {
    let known = |(_, target): &(String, &Node)| {
        let text = target.as_str().unwrap_or_default();
        ["kube-state-metrics", "dcgm"]
            .iter()
            .any(|word| text.contains(word))
    };
    if !targets(path, job).iter().any(known) {
        return;
    }
    let Some(node) = job.child("scrape_interval") else {
        return;
    };
    if node.as_seconds().is_some_and(|seconds| seconds >= 300.0) {
        let why = "A sample counts for five minutes: between two scrapes the series are gone, and what reads them is silent.";
        findings.push(
            warns(
                join(path, "scrape_interval"),
                node,
                node.described(),
                "an interval below 5m, such as 1m",
                why,
            )
            .fix("write 1m, at most 2m"),
        );
    }
}
