//! Clients of deployed models that the values show: a route to one, and who sends spans of its own.

use super::RULE;
use super::peer::{empty, namespace, say};
use crate::rules::extra_object::routed;
use crate::rules::look::{foreign_prometheus, models};
use crate::shape::written;
use crate::{Findings, Values};

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let Some(deploy) = models(values).into_iter().find_map(|model| model.deploy) else {
        return;
    };
    // With a Prometheus of somebody else's the list is asked for already.
    if foreign_prometheus(values) || !empty(values, "callers") {
        return;
    }
    if let Some((route, gateway)) = routed(values) {
        let peer = namespace(gateway.unwrap_or("<namespace of the gateway's pods>"));
        let why = "The policy lets the gateway connect to no pod of vLLM: each request of a client fails.";
        let found = "a route to a deployed model, and nobody in callers";
        say(values, "callers", route, found, why, &peer, findings);
        return;
    }
    let path = "networkPolicies.senders";
    let (Some(list), Some((_, first))) = (values.get(path), values.list(path).next()) else {
        return;
    };
    let finding = RULE
        .warning(path, &list.key_place())
        .found("senders of spans, and nobody in callers")
        .expected("the clients of vLLM in networkPolicies.callers")
        .why("senders may only send spans to the collectors: no client of the deployed models is let in.")
        .fix(format!("add callers: [{}] to networkPolicies, if these are the clients; else theirs", written(first)))
        .related(deploy.key_place(), "what they call");
    findings.push(finding);
}
