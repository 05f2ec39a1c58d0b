//! Tokens that cross a network in plain text.

use super::RULE;
use crate::rules::look::{on, text};
use crate::{Findings, Values};

/// `tracing.receiver.bearerToken` without TLS, with senders outside of the cluster.
pub(super) fn check(values: &Values, findings: &mut Findings) {
    let path = "tracing.receiver.bearerToken.secretName";
    let outside = values
        .list("networkPolicies.senders")
        .find_map(|(_, peer)| peer.child("ipBlock"));
    let (Some(token), Some(outside)) = (values.get(path), outside) else {
        return;
    };
    if !on(values, "tracing.enabled")
        || text(values, path).is_empty()
        || !text(values, "tracing.receiver.tls.secretName").is_empty()
    {
        return;
    }
    let finding = RULE
        .warning(path, &token.place)
        .found("tokens, and a receiver without TLS")
        .expected("tracing.receiver.tls.secretName")
        .why("Senders outside of the cluster transmit their tokens in plain text: who is on the path reads and uses them.")
        .fix("add tracing.receiver.tls.secretName, a Secret with a certificate for the receiver")
        .related(outside.place, "senders outside of the cluster");
    findings.push(finding);
}
