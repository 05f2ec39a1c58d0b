//! Either this chart has vLLM scraped (`metrics.scrape.enabled`), or something else does and
//! `metrics.matchers` says which series are meant. Both at once read each pod twice; neither reads
//! nothing; and series that something else scrapes do not say of which entry they are, so `models`
//! has one entry at most then.
//!
//! The chart refuses it too, but for a path or a port at which vLLM has no metrics.

#[cfg(feature = "full")]
mod path;

use super::Rule;
use super::look::on;
use crate::node::blamed;
use crate::{Findings, Node, Severity, Value, Values};

/// `metrics.matchers` and `models` against `metrics.scrape.enabled`.
pub const RULE: Rule = Rule {
    code: "scrape-source",
    severity: Severity::Error,
    title: text!("vLLM is scraped twice, or not at all"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    path::check(values, findings);
    let paths = ["metrics.scrape.enabled", "metrics.matchers"];
    let [Some(enabled), matchers] = paths.map(|path| values.get(path)) else {
        return;
    };
    // Null removes the default: there are none then, too.
    let given = matchers.map(|node| &node.value);
    if !matches!(given, None | Some(Value::List(_) | Value::Null)) {
        return;
    }
    let none = matchers.map_or(&[][..], Node::items).is_empty();
    let scrapes = on(values, paths[0]);
    if let (true, false, Some(matchers)) = (scrapes, none, matchers) {
        let at = blamed(&[enabled, matchers]).unwrap_or(matchers);
        findings.push(
            RULE.at(paths[1], &at.place)
                .found(text!("matchers, and metrics.scrape.enabled: true"))
                .expected("one of them")
                .why(text!("The rules would read each pod twice."))
                .fix(text!(
                    "set metrics.scrape.enabled to false, or leave matchers out"
                )),
        );
    }
    if enabled.as_bool() != Some(false) {
        return;
    }
    if none {
        findings.push(
            RULE.finds(
                paths[0],
                &enabled.place,
                text!("false, and no metrics.matchers"),
                text!("matchers of the series that are there already"),
                text!("The rules would not know what to read."),
            )
            .fix(text!("name them: metrics: {matchers: ['job=\"vllm\"']}")),
        );
    }
    if let Some(models) = values.get("models") {
        let count = models.items().len();
        if count > 1 {
            let at = blamed(&[enabled, models]).map_or(models.place, Node::key_place);
            findings.push(
                RULE.finds(
                    "models",
                    at,
                    format!("{count} entries, and metrics.scrape.enabled: false"),
                    text!("one entry at most"),
                    text!("Series that something else scrapes do not say of which entry they are."),
                )
                .fix(text!(
                    "install one release for each fleet, with matchers of its own"
                )),
            );
        }
    }
}
