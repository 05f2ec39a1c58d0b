//! The plugin checks its settings when a collector starts. With values that it refuses no new collector
//! starts, and a running one keeps its earlier settings and counts a refusal: how long requests are remembered
//! and how long a budget is saved up have bounds, so has the slowest share, a limit is above zero, and it tells
//! 64 models apart by names of up to 120 bytes.
//!
//! The chart refuses it too.

use super::Rule;
use super::look::{foreign, keep_traces, models, on, plugin};
use crate::embedded::Text;
use crate::{Findings, Node, Severity, Values};

/// `tracing.policy` and `keepTrace` against what the plugin takes.
pub const RULE: Rule = Rule {
    code: "policy-bounds",
    severity: Severity::Error,
    title: text!("The plugin refuses these settings"),
    check,
};

/// A value of `tracing.policy` with bounds that the schema cannot state.
struct Bounded {
    section: &'static str,
    key: &'static str,
    read: fn(&Node) -> Option<f64>,
    least: f64,
    most: f64,
    expected: &'static str,
    default: &'static str,
}

/// The bounds of the crate `sampling-policy-core`, settings/read.rs; tests/chart compares both.
const BOUNDED: [Bounded; 3] = [
    Bounded {
        section: "slowest",
        key: "share",
        read: percent,
        least: 0.01,
        most: 50.0,
        expected: "0.01% to 50%",
        default: "1%",
    },
    Bounded {
        section: "slowest",
        key: "memory",
        read: Node::as_seconds,
        least: 60.0,
        most: 86_400.0,
        expected: "1m to 24h",
        default: "30m",
    },
    Bounded {
        section: "budget",
        key: "burst",
        read: Node::as_seconds,
        least: 1.0,
        most: 3600.0,
        expected: "1s to 1h",
        default: "1m",
    },
];

/// Models that have limits of their own.
const MODELS: usize = 64;

/// Bytes of such a model's name.
const NAME: usize = 120;

const LATENCIES: [&str; 3] = ["e2eLatency", "timeToFirstToken", "decodeTime"];

const WHY: Text = text!("No collector starts with it: the plugin refuses its settings.");

fn percent(node: &Node) -> Option<f64> {
    crate::units::float(node.as_str()?.strip_suffix('%')?)
}

fn check(values: &Values, findings: &mut Findings) {
    if !on(values, "tracing.enabled") || !plugin(values) || foreign(values) {
        return;
    }
    for bounded in &BOUNDED {
        sections(values, bounded, findings);
    }
    for (path, node) in LATENCIES.iter().flat_map(|key| keep_traces(values, key)) {
        if node.as_seconds().is_some_and(|seconds| seconds <= 0.0) {
            findings.push(
                RULE.finds(
                    path,
                    &node.place,
                    node.described(),
                    text!("a time above zero, or off"),
                    WHY,
                )
                .fix(text!("write 1ms for every request, or off for none")),
            );
        }
    }
    limited(values, findings);
}

fn sections(values: &Values, bounded: &Bounded, findings: &mut Findings) {
    let section = format!("tracing.policy.{}", bounded.section);
    let path = format!("{section}.{}", bounded.key);
    let Some(node) = values.get(&path) else {
        return;
    };
    let outside =
        (bounded.read)(node).is_some_and(|n| !(bounded.least..=bounded.most).contains(&n));
    if !outside || !on(values, &format!("{section}.enabled")) {
        return;
    }
    findings.push(
        RULE.at(&path, &node.place)
            .found(node.described())
            .expected(bounded.expected)
            .why(WHY)
            .fix(format!(
                "write a value from {}; the default is {}",
                bounded.expected, bounded.default
            )),
    );
}

/// Models with limits of their own: how many, and how long their names are.
fn limited(values: &Values, findings: &mut Findings) {
    let mut count = 0;
    for model in models(values) {
        let own = |key: &&str| {
            let path = format!("thresholds.{key}.keepTrace");
            model.node.get(&path).is_some()
        };
        if !LATENCIES.iter().any(own) {
            continue;
        }
        count += 1;
        let place = model.node.child("name").map(|name| name.place);
        if model.name.len() > NAME {
            findings.push(
                RULE.at(format!("{}.name", model.path), place)
                    .found(format!(
                        "{} bytes, and thresholds of its own",
                        model.name.len()
                    ))
                    .expected(format!("at most {NAME} bytes"))
                    .why(WHY)
                    .fix(text!("shorten the name, or remove its thresholds")),
            );
        }
        if count == MODELS + 1 {
            findings.push(
                RULE.at(format!("{}.thresholds", model.path), &model.node.place)
                    .found(format!(
                        "more than {MODELS} models with thresholds of their own"
                    ))
                    .expected(format!("at most {MODELS}"))
                    .why(WHY)
                    .fix(text!(
                        "leave thresholds to the models that differ from most"
                    )),
            );
        }
    }
}
