//! Dimensions are read before redaction: what it removes from traces would be a label in Prometheus.

use super::RULE;
use crate::rules::without_effect::default;
use crate::{Finding, Node, re2};

/// Who asked, and what, beside what the chart's own list names.
const MORE: &str = "client.address client.ip http.client_ip net.peer.ip net.sock.peer.addr network.peer.address source.address url.full url.query http.url http.target exception.message exception.stacktrace gen_ai.conversation.id thread.id";

/// Beginnings of attributes that are a number, another one in each request.
const NUMBERS: [&str; 2] = ["gen_ai.usage.", "gen_ai.latency."];

pub(super) fn check(path: &str, node: &Node, name: &str) -> Option<Finding> {
    let theirs = default("tracing.redaction.attributes").map_or(&[][..], Node::items);
    let personal = MORE.split(' ').any(|one| one == name)
        || (theirs.iter().filter_map(Node::as_str))
            .any(|text| re2::whole(text).is_some_and(|pattern| pattern.is_match(name)));
    let number = NUMBERS.iter().any(|start| name.starts_with(start));
    let [found, why] = if personal {
        [
            "an attribute of the user or of the request",
            "Dimensions are read before redaction: it becomes a label in Prometheus, with a series for each user or request.",
        ]
    } else if number {
        [
            "a number, another one in nearly every request",
            "Each value is a series: after cardinalityLimit of them the rest are put together.",
        ]
    } else {
        return None;
    };
    let finding = RULE
        .warning(path, &node.place)
        .found(format!("{name}, {found}"))
        .expected("an attribute of few values, such as tenant or http.route")
        .why(why)
        .fix("remove it");
    Some(finding)
}
