//! A route to which only alerts go that are switched off.

use super::RULE;
use super::meaning::Matcher;
use crate::rules::look::on;
use crate::{Finding, Node, Values, re2};

/// The alerts that a matcher of `alertname` names, where all of them are switched off; with the switch of the first.
fn named<'a>(
    values: &'a Values,
    matcher: &Matcher<'_>,
) -> Option<(Vec<&'a str>, String, &'a Node)> {
    let pattern = matcher
        .operator
        .ends_with('~')
        .then(|| re2::whole(&matcher.value));
    let fits = |name: &str| match &pattern {
        None => matcher.value == name,
        Some(pattern) => pattern.as_ref().is_some_and(|p| p.is_match(name)),
    };
    let mut off = Vec::new();
    let mut switch = None;
    for (path, name, alert) in values.map("rules.alerts").filter(|(_, name, _)| fits(name)) {
        let own = alert
            .child("enabled")
            .filter(|node| node.as_bool() == Some(false))
            .map(|node| (format!("{path}.enabled"), node));
        let (path, node) = own.or_else(|| {
            let probe = name.starts_with("VllmProbe") && !on(values, "probe.enabled");
            let path = "probe.enabled";
            Some((path.to_owned(), values.get(path).filter(|_| probe)?))
        })?;
        off.push(name);
        switch.get_or_insert((path, node));
    }
    let (path, node) = switch?;
    Some((off, path, node))
}

/// Other names of the alert that always fires, without what stands between their words.
const ALWAYS: [&str; 8] = [
    "alwaysfiring",
    "deadman",
    "deadmanssnitch",
    "deadmansswitch",
    "deadmanswitch",
    "heartbeat",
    "pulse",
    "watchdog",
];

/// A route for the alert that always fires, by the name that it has elsewhere.
pub(super) fn renamed(values: &Values, own: &[Matcher<'_>]) -> Option<Finding> {
    let known = |matcher: &&Matcher<'_>| {
        let mut name = matcher.value.to_ascii_lowercase();
        name.retain(char::is_alphabetic);
        matcher.label == "alertname" && matcher.operator == "=" && ALWAYS.contains(&&*name)
    };
    let matcher = own.iter().find(known)?;
    let new = if matcher.old {
        "Watchdog".to_owned()
    } else {
        "'alertname=\"Watchdog\"'".to_owned()
    };
    let off = "rules.alerts.Watchdog.enabled";
    let also = if on(values, off) {
        String::new()
    } else {
        format!(", and set {off}: true")
    };
    let finding = RULE
        .warning(&matcher.path, matcher.node.place)
        .found(format!(
            "a route for {:?}, which no alert of this release is called",
            matcher.value
        ))
        .expected("Watchdog, the alert that fires all the time")
        .why("No alert arrives at this route: its receiver raises the alarm, or is never called.")
        .fix(format!("write alertname=\"Watchdog\"{also}"));
    Some(if matcher.alone && also.is_empty() {
        finding.replace(matcher.node.place, new)
    } else {
        finding
    })
}

/// Says which switch keeps a route without alerts.
pub(super) fn off(values: &Values, own: &[Matcher<'_>]) -> Option<Finding> {
    let mut names = own
        .iter()
        .filter(|matcher| matcher.label == "alertname" && matcher.operator.starts_with('='));
    let matcher = names.next()?;
    let (off, path, switch) = named(values, matcher)?;
    let all = off.join(", ");
    let dead = off.contains(&"Watchdog");
    let finding = RULE
        .warning(&matcher.path, matcher.node.place)
        .found(format!("a route for {all}, with {path}: false"))
        .expected("alerts that are switched on")
        .why(if dead {
            "Watchdog fires all the time, so that its receiver hears when alerting stops: without it that receiver raises the alarm at once, or is never called."
        } else {
            "No alert arrives at this route: its receiver is not notified."
        })
        .related(switch.place, "what switches it off");
    let finding = if let [_] = off[..] {
        finding.replace(switch.place, "true")
    } else {
        finding
    };
    Some(finding.fix(format!("set {path}: true, or remove the route")))
}
