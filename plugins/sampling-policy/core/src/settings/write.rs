//! Writing the settings in force.

use std::fmt::Write;

use super::Settings;
use super::read::MEASURES;
use crate::duration;
use crate::json::{Entries, Node};
use crate::rules::{Limits, OFF, RULES};

/// Writes settings as a document that [`super::parse`] reads to the same settings.
#[must_use]
pub fn to_json(settings: &Settings) -> String {
    let mut document = of_limits(&settings.limits);
    let mut section = |name: &str, node: Option<Node>| {
        document.push((name.to_owned(), node.unwrap_or_else(|| Node::from("off"))));
    };
    let errors = settings.errors.map(|errors| {
        let codes = errors.codes().map(|code| Node::from(f64::from(code)));
        Node::object([("status_codes", Node::List(codes.collect()))])
    });
    section("errors", errors);
    let slowest = settings.slowest.map(|slowest| {
        let compared = MEASURES
            .into_iter()
            .zip([slowest.first_token, slowest.output]);
        let measures = compared
            .filter(|(_, on)| *on)
            .map(|(name, _)| Node::from(name));
        Node::object([
            ("share", percent(slowest.percent)),
            ("measures", Node::List(measures.collect())),
            ("at_least", slowest.at_least.into()),
            ("memory", Node::Text(duration::format(slowest.memory))),
            ("minimum", slowest.minimum.into()),
        ])
    });
    section("slowest", slowest);
    let baseline = settings.baseline.map(|baseline| {
        Node::object([
            ("share", percent(baseline.percent)),
            ("per_model_per_hour", baseline.per_model_per_hour.into()),
        ])
    });
    section("baseline", baseline);
    let budget = settings.budget.map(|budget| {
        Node::object([
            ("traces_per_minute", budget.traces_per_minute.into()),
            ("burst", Node::Text(duration::format(budget.burst))),
        ])
    });
    section("budget", budget);
    let models = settings.models.iter();
    let models = models.map(|(model, limits)| (model.clone(), Node::Object(of_limits(limits))));
    section("models", Some(Node::Object(models.collect())));
    Node::Object(document).to_json()
}

/// Writes settings for a reader: `e2e_latency=120s time_to_first_token=10s decode_time=off`, then
/// the sections.
#[must_use]
pub fn to_text(settings: &Settings) -> String {
    let mut text = String::new();
    for (rule, seconds) in RULES.iter().zip(settings.limits.0) {
        let _ = write!(text, "{}={} ", rule.name, limit_text(seconds));
    }
    let sections = [
        ("errors", settings.errors.is_some()),
        ("slowest", settings.slowest.is_some()),
        ("baseline", settings.baseline.is_some()),
        ("budget", settings.budget.is_some()),
    ];
    for (name, on) in sections {
        let _ = write!(text, "{name}={} ", if on { "on" } else { "off" });
    }
    let _ = write!(text, "models={}", settings.models.len());
    text
}

fn of_limits(limits: &Limits) -> Entries {
    let limits = RULES.iter().zip(limits.0);
    limits
        .map(|(rule, seconds)| (rule.name.to_owned(), Node::Text(limit_text(seconds))))
        .collect()
}

fn limit_text(seconds: f64) -> String {
    if seconds == OFF {
        "off".to_owned()
    } else {
        duration::format(seconds)
    }
}

fn percent(percent: f64) -> Node {
    Node::Text(format!("{percent}%"))
}
