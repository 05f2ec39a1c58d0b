//! Parts that a NetworkPolicy of the chart cuts off from what they need: nobody is named in the list of its peers.

use super::RULE;
use super::peer::{empty, namespace, namespaces, say};
use crate::rules::look::{foreign_prometheus, models, on};
use crate::{Findings, Severity, Values};

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let Some(node) = values.get("networkPolicies.enabled") else {
        return;
    };
    let every = node.as_bool() == Some(true) || node.as_str() == Some("true");
    let auto = node.as_str() == Some("auto");
    if !every && !auto {
        return;
    }
    // Who never thought of policies has perhaps a network that knows none.
    if every || !node.is_default() {
        super::readers::check(values, every, findings);
    }
    if every {
        scraped(values, findings);
        called(values, findings);
        super::clients::check(values, findings);
    }
    if on(values, "networkPolicies.egress.enabled") {
        super::outward::check(values, findings);
    }
}

/// A Prometheus that is not the chart's reads the collectors and asks the probe.
fn scraped(values: &Values, findings: &mut Findings) {
    if !foreign_prometheus(values) || !empty(values, "scrapers") {
        return;
    }
    let parts = ["tracing.enabled", "probe.enabled"];
    let part = parts.iter().find(|path| on(values, path));
    if let Some(node) = part.and_then(|path| values.get(path)) {
        let why = "The Prometheus is not this chart's, and the policy does not let it connect: the collectors count as down, and the probe is not asked.";
        say(
            values,
            "scrapers",
            node,
            "metrics for a Prometheus of somebody else's, and nobody in scrapers",
            why,
            &namespace("<namespace of the Prometheus>"),
            findings,
        );
    }
}

/// Clients of deployed models, and a Prometheus that is not the chart's.
fn called(values: &Values, findings: &mut Findings) {
    let Some(deploy) = models(values).into_iter().find_map(|model| model.deploy) else {
        return;
    };
    // Clients may be on the host's network, which policies do not bind; a Prometheus of the operator is a pod.
    if !foreign_prometheus(values) {
        return;
    }
    if empty(values, "callers") {
        let why =
            "No client reaches vLLM, and no Prometheus: VllmReplicaDown fires for every replica.";
        let peer = namespace("<namespace of the Prometheus>");
        let found = "deployed models, and nobody in callers";
        say(values, "callers", deploy, found, why, &peer, findings);
        return;
    }
    let names = ["callers", "scrapers"].map(|list| namespaces(values, list));
    let [Some(callers), Some(scrapers)] = names else {
        return;
    };
    if let [scraper, ..] = &scrapers[..]
        && !scrapers.iter().any(|name| callers.contains(name))
    {
        let path = "networkPolicies.callers";
        let Some(list) = values.get(path) else { return };
        let mut finding = RULE
            .at(path, &list.key_place())
            .found(format!("callers without the namespace {scraper} of scrapers"))
            .expected("the clients, and the Prometheus that scrapes vLLM")
            .why("The Prometheus is not this chart's, and the policy does not let it connect to vLLM: VllmReplicaDown fires for every replica.")
            .fix(format!("add {} to callers", namespace(scraper)));
        if let Some(node) = values.get("networkPolicies.scrapers") {
            finding = finding.related(node.key_place(), "the Prometheus");
        }
        finding.severity = Severity::Warning;
        findings.push(finding);
    }
}
