//! A model that may have no replica, and triggers that read what its replicas alone export: the series are gone
//! with the last replica, and nothing asks for the first one.

use super::RULE;
use crate::node::{item, join};
use crate::{Findings, Node};

/// Whether a trigger reads nothing while there is no replica.
fn asleep(trigger: &Node) -> bool {
    match trigger.child("type").and_then(Node::as_str) {
        Some("cpu" | "memory") => true,
        Some("prometheus") => trigger
            .get("metadata.query")
            .and_then(Node::as_str)
            .is_some_and(own),
        _ => false,
    }
}

/// Whether every series of a query is one of vLLM's own or recorded from them. A router in front of vLLM has
/// series of such names too, and says so in a label.
fn own(query: &str) -> bool {
    if ["absent", "vector(", "router", "gateway"]
        .iter()
        .any(|word| query.contains(word))
    {
        return false;
    }
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let mut names = query
        .split(|c| !name(c))
        .filter(|word| word.contains(':') && word.len() > 5)
        .peekable();
    const OF_ENGINE: [&str; 8] = [
        "num_requests_waiting",
        "num_requests_running",
        "kv_cache_usage_perc",
        "gpu_cache_usage_perc",
        "request_queue_time_seconds",
        "time_to_first_token_seconds",
        "generation_tokens",
        "prompt_tokens",
    ];
    let engine =
        |word: &str| word.contains("vllm") && OF_ENGINE.iter().any(|own| word.contains(own));
    names.peek().is_some() && names.all(engine)
}

pub(super) fn check(path: &str, autoscaling: &Node, findings: &mut Findings) {
    let triggers = autoscaling.child("triggers").map_or(&[][..], Node::items);
    if triggers.is_empty() || !triggers.iter().all(asleep) {
        return;
    }
    for (at, trigger) in triggers.iter().enumerate() {
        let node = trigger
            .get("metadata.query")
            .or_else(|| trigger.child("type"));
        let Some(node) = node else { continue };
        findings.push(
            RULE.at(join(&item(&join(path, "triggers"), at), "metadata"), &node.place)
                .found("minReplicas: 0, and a trigger that reads the replicas themselves")
                .expected("a trigger that something else feeds: a gateway, a queue or a clock")
                .why("A model without replicas has no such series: nothing asks for the first one, and it stays at 0.")
                .fix("set minReplicas: 1, or read requests where they arrive: at the gateway in front of vLLM"),
        );
    }
}
