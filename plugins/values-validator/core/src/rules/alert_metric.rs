//! An alert on a series that nobody exports never fires. vLLM has renamed metrics over time, and what
//! stands on the web is often old; counters end in `_total`, and a histogram has `_bucket`, `_sum` and
//! `_count` only. Names are looked up as the deployed versions of vLLM have them.

use vllm_catalog::{FAMILIES, Kind, Version, family_of_series, is_undescribed, renamed};

use super::Rule;
use super::alert_expression::expressions;
use super::look::models;
use super::promql::metrics;
use crate::{Findings, Node, Severity, Values};

/// Metrics in `rules.additionalAlerts[].expr`.
pub const RULE: Rule = Rule {
    code: "alert-metric",
    severity: Severity::Error,
    title: "An added alert reads a metric that this vLLM does not export",
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    let versions = versions(values);
    for (path, node, text) in expressions(values) {
        let Ok(names) = metrics(text) else {
            continue;
        };
        for name in names.iter().filter(|name| name.starts_with("vllm:")) {
            let Some((found, meant, words)) = missing(name, &versions) else {
                continue;
            };
            let finding = RULE
                .at(path.clone(), node.place)
                .found(found)
                .expected("a series that vLLM exports")
                .why("Nothing has that name, so the alert never fires.")
                .fix(words);
            // Only a plain scalar holds the expression as it is written.
            let plain = node.place.end_line == node.place.line
                && (node.place.end_column - node.place.column) as usize == text.chars().count();
            findings.push(match meant {
                Some(meant) if plain => {
                    finding.replace(node.place, text.replace(name.as_str(), &meant))
                }
                _ => finding,
            });
        }
    }
}

/// The versions that this release deploys; the newest known where none says its version.
fn versions(values: &Values) -> Vec<Version> {
    let tags = models(values).into_iter().filter_map(|model| {
        let tag = model.deploy?.get("image.tag").and_then(Node::as_str)?;
        Version::parse(tag).ok()
    });
    let mut all: Vec<Version> = tags.collect();
    if all.is_empty() {
        all.push(Version::NEWEST);
    }
    all
}

type Missing = (String, Option<String>, String);

/// What is wrong with a name, the name that is meant where there is no doubt, and what to do.
fn missing(name: &str, versions: &[Version]) -> Option<Missing> {
    if let Some(family) = family_of_series(name) {
        let without = versions
            .iter()
            .find(|version| !family.releases.holds(**version))?;
        let (found, fix) = match (family.releases.until, renamed(name)) {
            (Some(_), Some(entry)) => (
                format!("{name}, gone since vLLM {}", entry.gone),
                successor(name, entry).1,
            ),
            _ => (
                format!("{name}, which vLLM {without} does not have yet"),
                format!("it is there from {} on", family.releases.since),
            ),
        };
        let meant = family
            .releases
            .until
            .and_then(|_| successor(name, renamed(name)?).0);
        return Some((found, meant, fix));
    }
    if is_undescribed(name) {
        return None;
    }
    if let Some(entry) = renamed(name) {
        let (meant, words) = successor(name, entry);
        return Some((
            format!("{name}, gone since vLLM {}", entry.gone),
            meant,
            words,
        ));
    }
    let counter = format!("{name}_total");
    if family_of_series(&counter).is_some() {
        return Some((
            format!("{name}, a counter without its ending"),
            Some(counter.clone()),
            format!("write {counter}"),
        ));
    }
    if FAMILIES
        .iter()
        .any(|f| f.name == name && matches!(f.kind, Kind::Histogram | Kind::Summary))
    {
        let words =
            format!("write {name}_bucket for quantiles, {name}_sum / {name}_count for the mean");
        return Some((
            format!("{name}, a histogram, which has no series of its own name"),
            None,
            words,
        ));
    }
    let near = FAMILIES
        .iter()
        .map(|family| (strsim::damerau_levenshtein(family.name, name), family.name))
        .min()
        .filter(|(distance, _)| *distance <= 3);
    let words = near.map_or_else(
        || "see docs/queries.md, or GET /metrics of a server, for what there is".to_owned(),
        |(_, near)| format!("write {near}"),
    );
    Some((format!("{name}, which no vLLM exports"), None, words))
}

/// The series that says the same now, with the old one's suffix, and words.
fn successor(name: &str, entry: &vllm_catalog::Renamed) -> (Option<String>, String) {
    let suffix = ["_bucket", "_sum", "_count"]
        .into_iter()
        .find(|s| name.ends_with(s))
        .unwrap_or("");
    match entry.now {
        [] => (None, entry.instead.to_owned()),
        [first, ..] => {
            let now = format!("{first}{suffix}");
            (Some(now.clone()), format!("write {now}: {}", entry.instead))
        }
    }
}
