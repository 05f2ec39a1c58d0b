//! The clusters that exported rules expect, against the name under which this one writes.

use super::RULE;
use crate::rules::look::text;
use crate::shape::nearest;
use crate::{Findings, Node, Values};

/// `rules.export.clusters` without this cluster.
pub(super) fn check(values: &Values, findings: &mut Findings) {
    let own = text(values, "prometheus.externalLabels.cluster");
    let listed: Vec<(String, &Node)> = values.list("rules.export.clusters").collect();
    let named = |name: &str| listed.iter().any(|(_, node)| node.as_str() == Some(name));
    let writes = text(values, "metrics.mode") == "standalone"
        && values.list("prometheus.remoteWrite").next().is_some();
    if !writes || own.is_empty() || own.contains('$') || listed.is_empty() || named(own) {
        return;
    }
    let names = listed.iter().filter_map(|(_, node)| node.as_str());
    let near = nearest(own, names);
    let mut short = listed
        .iter()
        .filter(|(_, node)| node.as_str().is_some_and(|name| shortened(own, name)));
    let short = short.next().filter(|_| short.next().is_none());
    let meant = listed
        .iter()
        .find(|(_, node)| near.is_some() && node.as_str() == near || listed.len() == 1)
        .or(short);
    let Some((path, node)) = meant.or(listed.first()) else {
        return;
    };
    let finding = RULE
        .at(path.as_str(), node.place)
        .found(format!("clusters without {own}, as which this one writes"))
        .expected(format!("{own}, as prometheus.externalLabels.cluster says"))
        .why("VllmFleetDown fires for each cluster of the list that has no series in the store: for a name that none writes always, and for this cluster never.");
    let finding = match values.get("prometheus.externalLabels.cluster") {
        Some(label) => finding.related(label.place, "the name of this cluster"),
        None => finding,
    };
    findings.push(match meant {
        Some((_, name)) => {
            let finding = finding.fix(format!(
                "write {own}; or {} in prometheus.externalLabels.cluster: one name at both places",
                name.as_str().unwrap_or_default()
            ));
            // Which of two spellings is the odd one, the others of the list tell a reader.
            if listed.len() == 1 {
                finding.replace(node.place, own)
            } else {
                finding
            }
        }
        None => finding.fix(format!(
            "add {own} to the list; if one of the list is this cluster, write one name at both places"
        )),
    });
}

/// Whether one name is the other with letters left out: euw1 of eu-west-1.
fn shortened(a: &str, b: &str) -> bool {
    let within = |short: &str, long: &str| {
        let mut rest = long.chars();
        let digits = |text: &str| {
            text.chars()
                .filter(char::is_ascii_digit)
                .collect::<String>()
        };
        short.chars().all(|c| rest.any(|other| other == c))
            && digits(short) == digits(long)
            && short.chars().next() == long.chars().next()
    };
    within(a, b) || within(b, a)
}
