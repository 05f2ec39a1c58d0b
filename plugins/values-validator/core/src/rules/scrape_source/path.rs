//! vLLM has its metrics at `/metrics`; Istio's agent has them merged with its own at port 15020, below
//! `/stats/prometheus`.

use super::RULE;
use crate::rules::look::{models, on, text};
use crate::{Findings, Node, Severity, Values};

/// Where Istio's agent serves what it merged, and the port at which Envoy has its own alone.
const MERGED: &str = "/stats/prometheus";
const AGENT: i64 = 15020;
const ENVOY: i64 = 15090;

/// What vLLM has at other paths, or other servers instead of `/metrics`.
const WRONG: &str = "/ /health /healthz /ready /ping /version /load /docs /v1 /v1/models /v1/metrics /api/metrics /metric /prometheus /prometheus/metrics /metrics/prometheus /actuator/prometheus /federate";

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let path = "metrics.scrape.path";
    let Some(node) = values
        .get(path)
        .filter(|_| on(values, "metrics.scrape.enabled"))
    else {
        return;
    };
    let given = text(values, path);
    let models = models(values);
    let mut warn =
        |path: &str, node: &Node, found: String, expected: &str, why: &str, fix: &str| {
            let mut finding = RULE
                .at(path, node.place)
                .found(found)
                .expected(expected)
                .why(why)
                .fix(fix);
            finding.severity = Severity::Warning;
            findings.push(finding);
        };
    const DOWN: &str = "Each scrape gets the answer 404: every pod counts as down.";
    for model in &models {
        let Some(port) = (match model.node.child("port") {
            Some(port) => port.as_i64(),
            None => model.node.child("ports").is_none().then_some(8000),
        }) else {
            continue;
        };
        let agent = port == AGENT;
        if given == MERGED && model.deploy.is_some() {
            let found = format!("{given}, and {} is scraped at vLLM's own port", model.path);
            return warn(path, node, found, "/metrics", DOWN, "write path: /metrics");
        }
        if given == MERGED && port != ENVOY && !agent {
            let found = format!("{given}, and port {port} of {}", model.path);
            let fix = format!(
                "write port: {AGENT} in {}, or path: /metrics for vLLM's own",
                model.path
            );
            let expected = "port 15020 of Istio's agent, or the path /metrics";
            return warn(path, node, found, expected, DOWN, &fix);
        }
        let Some(place) = model.node.child("port").filter(|_| model.deploy.is_none()) else {
            continue;
        };
        let path = format!("{}.port", model.path);
        if port == ENVOY {
            let why = "Envoy has no series of vLLM there: nothing of this model is seen.";
            let fix = format!("write port: {AGENT}, with metrics.scrape.path: {MERGED}");
            warn(
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
        let mut finding = RULE
            .at(path, node.place)
            .found(format!("{given}, where vLLM has no metrics"))
            .expected("/metrics")
            .why(DOWN);
        finding.severity = Severity::Warning;
        findings.push(finding.writes(node.place, "/metrics"));
    }
}
