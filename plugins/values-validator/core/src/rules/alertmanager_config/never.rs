//! Routes that are never active, and inhibitions that always are.

use super::{RULE, items};
use crate::node::join;
use crate::{Finding, Findings, Node};

fn warns(path: String, node: crate::Place, found: String, expected: &str, why: &str) -> Finding {
    RULE.warning(path, node)
        .found(found)
        .expected(expected)
        .why(why)
}

/// Names that are active and muted at once, below a route.
pub(super) fn routes(path: &str, route: &Node, findings: &mut Findings) {
    let active: Vec<&str> = items(route, "active_time_intervals")
        .filter_map(|(_, name)| name.as_str())
        .collect();
    for (at, node) in items(route, "mute_time_intervals") {
        let name = node.as_str().unwrap_or_default();
        if active.len() == 1 && active.contains(&name) {
            let path = format!("{path}.mute_time_intervals[{at}]");
            let found = format!("{name}, in which alone the route is active, too");
            let why = "The route never notifies: it is muted whenever it is active.";
            findings.push(
                warns(
                    path,
                    node.place,
                    found,
                    "active or muted at a time, not both",
                    why,
                )
                .fix("remove mute_time_intervals, or name another interval"),
            );
        }
    }
    for (at, child) in items(route, "routes") {
        routes(&format!("{path}.routes[{at}]"), child, findings);
    }
}

/// Inhibitions whose source is every alert, or the one that always fires.
pub(super) fn inhibitions(config: &Node, findings: &mut Findings) {
    for (at, rule) in items(config, "inhibit_rules") {
        let path = format!("alertmanager.config.inhibit_rules[{at}]");
        let any = |side: &str| {
            ["matchers", "match", "match_re"].iter().any(|key| {
                let node = rule.child(&format!("{side}_{key}"));
                node.is_some_and(|node| !node.items().is_empty() || node.entries().next().is_some())
            })
        };
        for (side, other) in [("source", "target"), ("target", "source")] {
            if any(side) || !any(other) {
                continue;
            }
            let key = format!("{side}_matchers");
            let node = rule.child(&key);
            let why = if side == "source" {
                "Without matchers every alert fits: any alert mutes all that target_matchers name."
            } else {
                "Without matchers every alert fits: the source mutes all of them."
            };
            findings.push(
                warns(
                    join(&path, &key),
                    node.unwrap_or(rule).place,
                    format!("no {key}"),
                    "matchers on both sides",
                    why,
                )
                .fix(if side == "source" {
                    "add source_matchers: [severity=\"critical\"], or what mutes the others"
                } else {
                    "add target_matchers: [severity=\"warning\"], or what is to be muted"
                }),
            );
        }
        let heart = |text: &str| text.replace([' ', '"', '\''], "") == "alertname=Watchdog";
        let unbound = items(rule, "equal").next().is_none();
        let source =
            items(rule, "source_matchers").find(|(_, matcher)| matcher.as_str().is_some_and(heart));
        if let Some((at, node)) = source.filter(|_| unbound) {
            findings.push(
                warns(
                    format!("{path}.source_matchers[{at}]"),
                    node.place,
                    "the alert Watchdog as source".to_owned(),
                    "an alert that fires when something is wrong",
                    "Watchdog fires always: what it mutes is never notified of.",
                )
                .fix("name the alert that explains the others, such as VllmFleetDown"),
            );
        }
    }
}
