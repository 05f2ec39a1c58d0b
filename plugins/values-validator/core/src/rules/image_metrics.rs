//! The rules read series by the names they have now. An older vLLM has some of them under another name
//! or not at all; rules on them stay empty, and their alerts silent. `docs/rules-by-version.md` says
//! which.

use vllm_catalog::{Version, family};

use super::Rule;
use super::look::models;
use crate::node::join;
use crate::{Findings, Severity, Values};

/// `models[].deploy.image.tag` against the series that the rules read.
pub const RULE: Rule = Rule {
    code: "image-metrics",
    severity: Severity::Warning,
    title: text!("A version of vLLM lacks series that alerts read"),
    check,
};

/// What alerts need, and the oldest examined release has not all of.
const READ: [&str; 5] = [
    "vllm:inter_token_latency_seconds",
    "vllm:kv_cache_usage_perc",
    "vllm:time_to_first_token_seconds",
    "vllm:e2e_request_latency_seconds",
    "vllm:num_requests_waiting",
];

fn check(values: &Values, findings: &mut Findings) {
    for model in models(values) {
        let Some((tag, version)) = model.release() else {
            continue;
        };
        let missing: Vec<&str> = READ
            .into_iter()
            .filter(|name| family(name).is_some_and(|f| !f.releases.holds(version)))
            .collect();
        if missing.is_empty() && version >= Version::OLDEST {
            continue;
        }
        let found = if missing.is_empty() {
            format!("vLLM {version}, older than any that was examined")
        } else {
            format!("vLLM {version}, which lacks {}", missing.join(" and "))
        };
        findings.push(
            RULE.finds(
                join(&model.deploy_path("image"), "tag"),
                &tag.place,
                found,
                text!("vLLM 0.10.2 or newer"),
                text!("Rules on what is missing stay empty, and their alerts silent."),
            )
            .fix(text!("take a newer image")),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_rules_read_is_in_the_catalog() {
        assert!(READ.iter().all(|name| family(name).is_some()));
    }
}
