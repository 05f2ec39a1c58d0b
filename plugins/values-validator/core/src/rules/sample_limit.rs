//! A pod of vLLM exports some 470 samples for a model (the captures have 430 to 541); the profile drops more
//! than half of them, or three quarters. Prometheus drops a whole scrape that has more than its limit, and
//! the target is down.

use super::Rule;
use super::look::walk_given;
use crate::{Findings, Severity, Values};

/// `metrics.scrape.limits.samples`, and a model's own.
pub const RULE: Rule = Rule {
    code: "sample-limit",
    severity: Severity::Warning,
    title: text!("A limit of samples below what vLLM exports"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    // Far below what is left: how many there are depends on the version and its switches.
    let least = match values.get("metrics.profile").and_then(crate::Node::as_str) {
        Some("full") => 400,
        Some("minimal") => 60,
        _ => 100,
    };
    walk_given(&values.root, "", &mut |path, key, node| {
        if key == "samples"
            && path.ends_with("limits.samples")
            && node.as_i64().is_some_and(|n| n > 0 && n <= least)
        {
            findings.push(
                RULE.at(path, &node.place)
                    .found(format!("{} of one scrape", node.described()))
                    .expected(text!(
                        "5000 or more: a pod of vLLM exports some 470 before the profile drops some, and more with several models"
                    ))
                    .why(text!(
                        "Prometheus drops every scrape that has more: each target is down."
                    ))
                    .fix("write 5000, or 0 for no limit"),
            );
        }
    });
}
