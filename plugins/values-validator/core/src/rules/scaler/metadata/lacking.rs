//! What a scaler needs and does not have, with what is there.

use super::Metadata;
use crate::Finding;

/// A key with an example, and what it says.
const EXAMPLES: [(&str, &str, &str); 9] = [
    ("serverAddress", "http://prometheus.monitoring.svc:9090", ""),
    ("query", "<PromQL>", ""),
    (
        "threshold",
        "\"5\"",
        "of the query for each replica, in quotes",
    ),
    (
        "timezone",
        "<zone>",
        "the zone that these hours are in, such as Europe/Berlin or America/New_York",
    ),
    (
        "start",
        "0 8 * * 1-5",
        "when the hours begin, as cron has it",
    ),
    ("end", "0 18 * * 1-5", "when the hours end, as cron has it"),
    (
        "desiredReplicas",
        "\"2\"",
        "the replicas within the hours, in quotes",
    ),
    (
        "value",
        "\"60\"",
        "per cent with metricType Utilization, in quotes",
    ),
    ("listName", "<list>", ""),
];

impl Metadata<'_> {
    /// All of it in one finding: what is added one by one leads to the next.
    pub(super) fn lacking(&self, needed: &str, renamed: &[&str]) -> Option<Finding> {
        let keys: Vec<&str> = (needed.split(' '))
            .filter(|key| !self.authenticated && !self.has(key) && !renamed.contains(key))
            .collect();
        if keys.is_empty() {
            return None;
        }
        let one = |key: &&str| match EXAMPLES.iter().find(|(name, ..)| name == key) {
            Some((_, value, _)) => format!("{key}: {value}"),
            None => format!("{key}: <{key}>"),
        };
        let all: Vec<String> = keys.iter().map(one).collect();
        let said = (EXAMPLES.iter())
            .filter(|(name, _, said)| keys == [*name] && !said.is_empty())
            .map(|(_, _, said)| format!(", {said}"));
        let found = format!("{} without {}", self.kind, keys.join(", "));
        let words = format!(
            "add below metadata: {}{}",
            all.join(", "),
            said.collect::<String>()
        );
        Some((self.say)(self.path.to_owned(), self.node.place, found, needed).fix(words))
    }
}
