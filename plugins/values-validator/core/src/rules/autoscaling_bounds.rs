//! An autoscaler moves between `minReplicas` and `maxReplicas`. From 0 nothing leads back by vLLM's own
//! series, which are gone with the last replica: that needs a trigger that something else feeds.
//!
//! The chart refuses it too.

use super::Rule;
use super::look::models;
use crate::node::{blamed, join};
use crate::{Findings, Node, Severity, Values};

/// `models[].autoscaling.minReplicas` against `maxReplicas` and `triggers`.
pub const RULE: Rule = Rule {
    code: "autoscaling-bounds",
    severity: Severity::Error,
    title: text!("An autoscaler cannot scale up, or its bounds contradict"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for model in models(values) {
        let Some(autoscaling) = model.autoscaling() else {
            continue;
        };
        let path = |key: &str| join(&join(&model.path, "autoscaling"), key);
        let triggers = autoscaling.child("triggers").map_or(&[][..], Node::items);
        for (at, trigger) in triggers.iter().enumerate() {
            clock(
                &format!("{}[{at}].metadata", path("triggers")),
                trigger,
                findings,
            );
        }
        let least = autoscaling.child("minReplicas");
        let most = autoscaling.child("maxReplicas");
        let count = least.map_or(Some(1), Node::as_i64);
        if let (Some(count), Some(most), Some(limit)) = (count, most, most.and_then(Node::as_i64))
            && count > limit
        {
            let at = blamed(&[least.unwrap_or(most), most]).unwrap_or(most);
            let key = if std::ptr::eq(at, most) {
                "maxReplicas"
            } else {
                "minReplicas"
            };
            let mut finding = RULE
                .finds(
                    path(key),
                    &at.place,
                    format!("at least {count} replicas, at most {limit}"),
                    text!("minReplicas not above maxReplicas"),
                    text!("KEDA refuses the object."),
                )
                .fix(text!("exchange the two, or raise maxReplicas"))
                .related(least.unwrap_or(most).place, "minReplicas");
            if crate::FULL {
                finding = finding.fix(format!("raise maxReplicas to {count}, lower minReplicas to {limit} or less, or exchange the two"));
            }
            findings.push(finding);
        }
        let fed = autoscaling
            .child("triggers")
            .is_some_and(|t| !t.items().is_empty());
        if let (Some(least), Some(0), false) = (least, count, fed) {
            findings.push(
                RULE.finds(
                    path("minReplicas"),
                    &least.place,
                    text!("0, and no triggers"),
                    text!("1, or a trigger of your own"),
                    text!("A model without replicas has no series that ask for the first one."),
                )
                .fix(text!(
                    "set minReplicas to 1, or add a trigger that a gateway or a clock feeds"
                )),
            );
        }
    }
}

/// A trigger of type cron: five fields, each in its range, and a time zone.
fn clock(path: &str, trigger: &Node, findings: &mut Findings) {
    if trigger.child("type").and_then(Node::as_str) != Some("cron") {
        return;
    }
    let mut say = |key: &str, node: &Node, expected: &str, fix: &str| {
        findings.push(
            crate::codes::BAD_FORMAT
                .at(join(path, key), &node.place)
                .found(node.described())
                .expected(expected)
                .why(text!("KEDA refuses the trigger: the clock scales nothing."))
                .fix(fix),
        );
    };
    let metadata = |key: &str| trigger.child("metadata").and_then(|m| m.child(key));
    for key in ["start", "end"] {
        let Some(node) = metadata(key) else { continue };
        let Some(text) = node.as_str() else { continue };
        let fields: Vec<&str> = text.split_whitespace().collect();
        if fields.len() != 5 {
            if !text.starts_with('@') {
                let fix = match fields.len() {
                    // With a weekday at the end it is not the end that is missing.
                    1..5 if text.ends_with('*') => {
                        format!("write {text}{}", " *".repeat(5 - fields.len()))
                    }
                    _ => text!("write five fields, such as 0 8 * * 1-5")
                        .as_str()
                        .to_owned(),
                };
                let five = text!("five fields: minute, hour, day, month, weekday");
                say(key, node, five.as_str(), &fix);
            }
            continue;
        }
        let ranges = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];
        for (field, (least, most)) in fields.iter().zip(ranges) {
            let numbers = field
                .split([',', '-', '/'])
                .filter_map(|n| n.parse::<u32>().ok());
            if { numbers }.any(|n| n < least || n > most) {
                let expected = format!("{least} to {most} in that field");
                say(
                    key,
                    node,
                    &expected,
                    &format!("write {least} to {most} for {field}"),
                );
            }
        }
    }
    if let Some(node) = metadata("timezone")
        && node
            .as_str()
            .is_some_and(|text| !super::time_intervals::zone(text))
    {
        let place = text!("a place of the time zone database, or UTC");
        let fix = text!("write it as Europe/Berlin, America/New_York or UTC");
        say("timezone", node, place.as_str(), fix.as_str());
    }
}
