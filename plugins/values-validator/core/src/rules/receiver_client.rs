//! A receiver with `tls.clientCA` takes spans from callers that show a certificate. `helm test`, the
//! balancers and vLLM that this release runs are callers, too, and take theirs from
//! `tracing.receiver.client`.
//!
//! The chart refuses it too.

#[cfg(feature = "full")]
mod plain;

use super::Rule;
use super::look::{models, on, text};
use crate::{Findings, Node, Severity, Values};

/// `tracing.receiver.tls.clientCA` against `tracing.receiver.client.secretName`.
pub const RULE: Rule = Rule {
    code: "receiver-client",
    severity: Severity::Error,
    title: text!("Callers need a certificate, but the release's own have none"),
    check,
};

/// Who of this release sends there.
fn callers(values: &Values) -> Vec<String> {
    let mut callers = Vec::new();
    if on(values, "helmTest.enabled") {
        callers.push("helm test".to_owned());
    }
    let samplers = values.get("tracing.collector.replicas");
    let several = samplers.and_then(Node::as_f64).is_some_and(|n| n > 1.0);
    if on(values, "tracing.balancer.enabled") && several {
        callers.push("balancers".to_owned());
    }
    callers.extend(models(values).iter().filter_map(|model| {
        let traces = model.deploy?.child("tracing").and_then(Node::as_bool);
        (traces != Some(false)).then(|| format!("vLLM {}", model.name))
    }));
    callers
}

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    plain::check(values, findings);
    let asked = "tracing.receiver.tls.clientCA";
    let Some(authority) = values.get(asked).filter(|_| on(values, "tracing.enabled")) else {
        return;
    };
    let given = |key: &str| !text(values, &format!("tracing.receiver.{key}")).is_empty();
    let callers = callers(values);
    if !given("tls.secretName")
        || !given("tls.clientCA")
        || given("client.secretName")
        || callers.is_empty()
    {
        return;
    }
    findings.push(
        RULE.finds(
            asked,
            &authority.place,
            format!("callers without a certificate: {}", callers.join(", ")),
            text!("a Secret with their certificate in tracing.receiver.client.secretName"),
            text!("The receiver ends the handshake with a client that has none."),
        )
        .fix(text!("set tracing.receiver.client: {secretName: …}"))
        .related(
            values.get("tracing.receiver").unwrap_or(authority).place,
            "the receiver",
        ),
    );
}
