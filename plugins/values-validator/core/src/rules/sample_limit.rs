//! A pod of vLLM exports some 470 samples for a model. Prometheus drops a whole scrape that has more than
//! its limit, and the target is down.

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
    walk_given(&values.root, "", &mut |path, key, node| {
        if key == "samples"
            && path.ends_with("limits.samples")
            && node.as_i64().is_some_and(|n| n > 0 && n < 400)
        {
            findings.push(
                RULE.at(path, &node.place)
                    .found(format!("{} of one scrape", node.described()))
                    .expected(text!(
                        "5000 or more: a pod of vLLM exports some 470, and more with several models"
                    ))
                    .why(text!(
                        "Prometheus drops every scrape that has more: each target is down."
                    ))
                    .fix("write 5000, or 0 for no limit"),
            );
        }
    });
}
