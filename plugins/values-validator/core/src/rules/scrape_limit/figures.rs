//! What a pod of vLLM exports at least, by profile and release: counted in the captures of 0.10.2, 0.20.2, 0.32 and
//! 0.33 (tests/fixtures/vllm).

use vllm_catalog::Version;

use super::RULE;
use crate::rules::look::{models, text};
use crate::{Findings, Node, Values};

/// Samples that are kept with a profile, of a pod that answered a request.
pub(super) fn samples(values: &Values, profile: &str) -> i64 {
    // Of 0.10.2, of 0.20.2, and of the newest, which is taken where the release is not known; with all of them that
    // would be too many for a pod of somebody else's.
    let [first, middle, newest] = match profile {
        "full" => [380, 424, 460],
        "minimal" => [83, 92, 95],
        _ => [193, 209, 216],
    };
    if old(values) {
        first
    } else if recent(values) || profile != "full" && !before(values, Version::new(0, 32, 0)) {
        newest
    } else {
        middle
    }
}

/// A limit, and the least of what a scrape has: of any release, and of those that export the configuration of the
/// cache with 38 labels.
struct Limit {
    key: &'static str,
    what: &'static str,
    least: f64,
    recent: f64,
    instead: &'static str,
}

/// The limits of one profile. Prometheus counts the labels of the target too: job, instance, namespace and pod.
fn limits(profile: &str) -> [Limit; 4] {
    let minimal = profile == "minimal";
    let pick = |all: f64, few: f64| if minimal { few } else { all };
    let limit = |key, what, least, recent, instead| Limit {
        key,
        what,
        least,
        recent,
        instead,
    };
    [
        limit(
            "labels",
            "labels on vllm:cache_config_info and its target",
            pick(26.0, 8.0),
            pick(43.0, 8.0),
            "100",
        ),
        limit(
            "labelNameLength",
            "letters in a label's name",
            pick(24.0, 15.0),
            pick(37.0, 15.0),
            "100",
        ),
        limit(
            "labelValueLength",
            "letters in a metric's name",
            if profile == "full" { 46.0 } else { 39.0 },
            0.0,
            "1000",
        ),
        limit("bodySize", "bytes in a scrape", 39_000.0, 50_000.0, "10MB"),
    ]
}

/// Bytes as Prometheus reads them: each unit is 1024 of the one before.
fn bytes(text: &str) -> Option<f64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 1.0,
        "K" | "KB" | "KIB" => 1024.0,
        "M" | "MB" | "MIB" => 1_048_576.0,
        _ => return None,
    };
    Some(crate::units::float(digits)? * unit)
}

/// Whether an entry is of 0.32 or later: the release of what this chart deploys is known; elsewhere it may be any.
fn recent(values: &Values) -> bool {
    models(values).iter().any(|model| {
        let own = model
            .deploy
            .is_some_and(|deploy| deploy.child("image").is_none());
        let release = model.release();
        own || release.is_some_and(|(_, version)| version >= Version::new(0, 32, 0))
    })
}

/// Whether all entries are of releases before 0.20.
fn old(values: &Values) -> bool {
    before(values, Version::new(0, 20, 0))
}

/// Whether all entries are of releases before that one.
fn before(values: &Values, release: Version) -> bool {
    let models = models(values);
    let before = |(_, version): (&Node, Version)| version < release;
    !models.is_empty()
        && models
            .iter()
            .all(|model| model.release().is_some_and(before))
}

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let recent = recent(values);
    for limit in limits(text(values, "metrics.profile")) {
        let path = format!("metrics.scrape.limits.{}", limit.key);
        let Some(node) = values.get(&path).filter(|node| !node.is_default()) else {
            continue;
        };
        let least = if recent {
            limit.recent.max(limit.least)
        } else {
            limit.least
        };
        let given = (node.as_f64()).or_else(|| bytes(node.as_str()?));
        if !given.is_some_and(|most| most > 0.0 && most < least) {
            continue;
        }
        let finding = RULE
            .at(path, node.place)
            .found(node.described())
            .expected(format!("at least {least} {}, or no limit", limit.what))
            .why("Prometheus drops each scrape above it as a whole: the pod counts as down.")
            .fix(format!("write {}", limit.instead));
        findings.push(finding.replace(node.place, limit.instead));
    }
}
