//! `--disable-log-stats` takes every `vllm:` series from /metrics. Rules, dashboards and alerts of this
//! chart read nothing then, and all of them stay silent.

use super::Rule;
use super::look::models;
use crate::{Findings, Severity, Values};

/// `--disable-log-stats` in `models[].deploy.args`.
pub const RULE: Rule = Rule {
    code: "stats-disabled",
    severity: Severity::Error,
    title: text!("A model is started without its metrics"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for model in models(values) {
        let Some(arg) = model.arg("--disable-log-stats") else {
            continue;
        };
        findings.push(
            RULE.finds(
                arg.path,
                &arg.node.place,
                text!("--disable-log-stats"),
                text!("vLLM with its statistics"),
                text!("It takes every `vllm:` series from /metrics: there is nothing to monitor."),
            )
            .fix(if crate::FULL {
                "take it out, or write --disable-uvicorn-access-log instead, which quiets the log and keeps the series"
            } else {
                "take it out"
            }),
        );
    }
}
