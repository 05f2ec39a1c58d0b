//! vLLM has its metrics at `/metrics`; Istio's agent has them merged with its own at port 15020, below
//! `/stats/prometheus`.

use super::RULE;
use crate::rules::look::{Model, models, on};
use crate::{Findings, Node, Values};

/// Where Istio's agent serves what it merged, and the port at which Envoy has its own alone.
const MERGED: &str = "/stats/prometheus";
const AGENT: i64 = 15020;
const ENVOY: i64 = 15090;
/// Its other ports: administration, traffic, health, DNS and debugging.
const ISTIO: [i64; 10] = [
    15000, 15001, 15004, 15006, 15008, 15009, 15010, 15021, 15053, 15443,
];

/// What vLLM has at other paths, or other servers instead of `/metrics`.
const WRONG: &str = "/ /health /healthz /ready /ping /version /load /docs /v1 /v1/models /v1/metrics /api/metrics /metric /prometheus /prometheus/metrics /metrics/prometheus /actuator/prometheus /federate";

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let of_all = "metrics.scrape.path";
    let Some(all) = values
        .get(of_all)
        .filter(|_| on(values, "metrics.scrape.enabled"))
    else {
        return;
    };
    let models = models(values);
    // An entry may have a path of its own.
    let (other, common): (Vec<_>, Vec<_>) = { models }
        .into_iter()
        .partition(|model| model.node.get("scrape.path").is_some());
    one(of_all, all, &common, findings);
    for model in other {
        let path = format!("{}.scrape.path", model.path);
        if let Some(node) = model.node.get("scrape.path") {
            one(&path, node, std::slice::from_ref(&model), findings);
        }
    }
}

/// A path and the entries that are scraped at it.
fn one(path: &str, node: &Node, models: &[Model<'_>], findings: &mut Findings) {
    let given = node.as_str().unwrap_or_default();
    let warn = |findings: &mut Findings,
                path: &str,
                node: &Node,
                found: String,
                expected: &str,
                why: &str,
                fix: &str| {
        findings.push(
            RULE.warning(path, node.place)
                .found(found)
                .expected(expected)
                .why(why)
                .fix(fix),
        );
    };
    const DOWN: &str = "Each scrape gets the answer 404: every pod counts as down.";
    for model in models {
        let Some(port) = (match model.node.child("port") {
            Some(port) => port.as_i64(),
            None => model.node.child("ports").is_none().then_some(8000),
        }) else {
            continue;
        };
        let agent = port == AGENT;
        if given == MERGED && model.deploy.is_some() {
            let found = format!("{given}, and {} is scraped at vLLM's own port", model.path);
            return warn(
                findings,
                path,
                node,
                found,
                "/metrics",
                DOWN,
                "write path: /metrics",
            );
        }
        let meant = model.node.child("port").filter(|_| ISTIO.contains(&port));
        if let Some(port) = meant.filter(|_| given == MERGED) {
            let finding = RULE
                .warning(format!("{}.port", model.path), port.place)
                .found(format!("{}, and the path {given}", port.described()))
                .expected("port 15020 of Istio's agent")
                .why("Istio's proxy has another service there: no scrape gets a series of vLLM, and every pod counts as down.");
            findings.push(finding.writes(port.place, &AGENT.to_string()));
            continue;
        }
        if given == MERGED && port != ENVOY && !agent {
            let found = format!("{given}, and port {port} of {}", model.path);
            let fix = format!(
                "write port: {AGENT} in {}, or path: /metrics for vLLM's own",
                model.path
            );
            let expected = "port 15020 of Istio's agent, or the path /metrics";
            return warn(findings, path, node, found, expected, DOWN, &fix);
        }
        let Some(place) = model.node.child("port").filter(|_| model.deploy.is_none()) else {
            continue;
        };
        let path = format!("{}.port", model.path);
        if port == ENVOY {
            let why = "Envoy has no series of vLLM there: nothing of this model is seen.";
            let fix = format!("write port: {AGENT}, with metrics.scrape.path: {MERGED}");
            warn(
                findings,
                &path,
                place,
                format!("{ENVOY}, the port of Envoy"),
                "the port of vLLM, or 15020",
                why,
                &fix,
            );
        } else if agent && given == "/metrics" {
            let found = format!("{AGENT}, the port of Istio's agent, and the path /metrics");
            let fix =
                format!("write metrics.scrape.path: {MERGED}, or the port of vLLM, such as 8000");
            warn(
                findings,
                &path,
                place,
                found,
                "the path /stats/prometheus",
                DOWN,
                &fix,
            );
        }
    }
    let wrong = WRONG
        .split(' ')
        .any(|wrong| wrong == given.trim_end_matches('/') || wrong == given);
    if !models.is_empty() && wrong {
        let finding = RULE
            .warning(path, node.place)
            .found(format!("{given}, where vLLM has no metrics"))
            .expected("/metrics")
            .why(DOWN);
        findings.push(finding.writes(node.place, "/metrics"));
    }
}
