//! Alertmanager checks its configuration strictly at its start: a key that it does not know, a duration
//! without its unit, a matcher that does not parse, a route to a receiver of another name or two
//! receivers of one name, and the pod crashes. No notification is sent then.

#[cfg(feature = "full")]
mod alerts;
mod fields;
#[cfg(feature = "full")]
mod hours;
#[cfg(feature = "full")]
mod inhibition;
mod labels;
mod matcher;
mod matchers;
#[cfg(feature = "full")]
mod meaning;
mod names;
#[cfg(feature = "full")]
mod never;
#[cfg(feature = "full")]
mod reach;
mod receiver;
mod route;
#[cfg(feature = "full")]
mod services;
#[cfg(feature = "full")]
mod switched;
#[cfg(feature = "full")]
mod templates;
#[cfg(feature = "full")]
mod unfit;
mod value;

use super::Rule;
use super::time_intervals::faults;
use crate::embedded::Text;
use crate::node::join;
use crate::sorted::Names;
use crate::{Finding, Findings, Node, Severity, Value, Values};

/// `alertmanager.config` as Alertmanager reads it.
pub const RULE: Rule = Rule {
    code: "alertmanager-config",
    severity: Severity::Error,
    title: text!("A configuration that Alertmanager refuses"),
    check,
};

pub(crate) const CRASHES: Text =
    text!("Alertmanager refuses its configuration and does not start: no notification is sent.");

struct Reader<'a> {
    findings: &'a mut Findings,
    intervals: Vec<&'a str>,
    global: Option<&'a Node>,
    /// Names of this chart's alerts and of those added.
    alerts: Names,
    /// Where volumes of the user's are mounted.
    mounts: Vec<&'a str>,
    /// Whether annotations may ask something else to mount more.
    injected: bool,
}

/// What is read: nothing where a Secret has it.
pub(crate) fn read(root: &Node) -> Option<&Node> {
    let existing = root
        .get(text!("alertmanager.existingSecret").as_str())
        .and_then(Node::as_str);
    root.get("alertmanager.config")
        .filter(|_| matches!(existing, None | Some("")))
}

/// What the walk over `amConfig` does not see.
fn check(values: &Values, findings: &mut Findings) {
    let Some(config) = read(&values.root) else {
        return;
    };
    let named = |key: &str| -> Vec<&str> {
        let items = config.child(key).map_or(&[][..], Node::items).iter();
        items
            .filter_map(|item| item.child("name")?.as_str())
            .collect()
    };
    let mut intervals = named("time_intervals");
    intervals.extend(named("mute_time_intervals"));
    let alerts = (values.map("rules.alerts"))
        .map(|(_, name, _)| name)
        .chain(
            (values.list("rules.additionalAlerts")).filter_map(|(_, a)| a.child("alert")?.as_str()),
        )
        .collect();
    let mut reader = Reader {
        intervals,
        findings,
        global: config.child("global"),
        alerts,
        mounts: (values.list("alertmanager.extraVolumeMounts"))
            .filter_map(|(_, mount)| mount.child("mountPath")?.as_str())
            .collect(),
        injected: values.map("alertmanager.podAnnotations").next().is_some(),
    };
    let path = "alertmanager.config";
    if !matches!(config.value, Value::Map(_)) {
        return reader.say(
            path,
            config.key_place(),
            "a text",
            text!("a map: route and receivers below it, without |").as_str(),
            text!("remove the | behind config").as_str(),
        );
    }
    if let Some(global) = config.child("global") {
        let path = join(path, "global");
        reader.fields(&path, global);
    }
    match config.child("route") {
        Some(route) if matches!(route.value, Value::Map(_)) => {
            reader.route(&join(path, "route"), route, true);
        }
        Some(_) => {}
        None => reader.say(
            path,
            config.place,
            "no route",
            "route: {receiver: …}",
            text!("add route with a receiver").as_str(),
        ),
    }
    reader.names(path, config, "receivers");
    reader.names(path, config, "time_intervals");
    for (at, receiver) in items(config, "receivers") {
        reader.receiver(&format!("{path}.receivers[{at}]"), receiver);
    }
    for (at, rule) in items(config, "inhibit_rules") {
        let path = format!("{path}.inhibit_rules[{at}]");
        for key in ["source_matchers", "target_matchers"] {
            reader.matchers(&path, rule, key);
        }
        let texts = |key: &str| -> Vec<Option<&str>> {
            items(rule, key).map(|(_, item)| item.as_str()).collect()
        };
        let source = texts("source_matchers");
        if let Some(node) = rule.child("source_matchers")
            && !source.is_empty()
            && source == texts("target_matchers")
        {
            let finding = RULE.finds(join(&path, "source_matchers"), node.key_place(), text!("the same alerts as source and as target"), text!("the alerts that mute others as source"), text!("No alert mutes one like itself: the rule does nothing."))
                .fix(text!("write severity=\"critical\" in source_matchers, severity=\"warning\" in target_matchers")).as_warning();
            reader.push(finding);
        }
        for (at, label) in items(rule, "equal") {
            let name = label.as_str().unwrap_or("");
            reader.known_label(&format!("{path}.equal[{at}]"), label, name, false);
        }
        #[cfg(feature = "full")]
        reader.of_models(&path, rule.child("equal"));
    }
    for key in ["time_intervals", "mute_time_intervals"] {
        for (at, interval) in items(config, key) {
            let path = format!("{path}.{key}[{at}]");
            for (at, times) in items(interval, "time_intervals") {
                let path = format!("{path}.time_intervals[{at}]");
                for (path, place, found, expected, fix) in faults(&path, times) {
                    reader.say(&path, place, found, expected, fix);
                }
            }
        }
    }
    #[cfg(feature = "full")]
    {
        let alerts = alerts::Alerts::of(values);
        inhibition::check(&alerts, config, findings);
        never::inhibitions(config, findings);
        services::check(values, config, findings);
        templates::check(config, findings);
        if let Some(route) = config.child("route") {
            let path = "alertmanager.config.route";
            hours::check(config, path, route, findings);
            never::routes(path, route, findings);
        }
        super::remote_write::schemes(&RULE, path, config, findings);
        reach::check(values, &alerts, config, findings);
    }
}

fn items<'a>(node: &'a Node, key: &str) -> impl Iterator<Item = (usize, &'a Node)> {
    node.child(key)
        .map_or(&[][..], Node::items)
        .iter()
        .enumerate()
}

impl Reader<'_> {
    fn say(
        &mut self,
        path: &str,
        place: crate::Place,
        found: impl Into<String>,
        expected: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.push(
            RULE.at(path, &place)
                .found(found)
                .expected(expected)
                .why(CRASHES)
                .fix(fix),
        );
    }

    fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}
