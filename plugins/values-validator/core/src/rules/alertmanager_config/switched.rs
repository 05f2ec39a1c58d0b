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
