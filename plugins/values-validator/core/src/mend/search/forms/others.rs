//! What other charts have under another key and in another form: a Gateway by its name, targets without their
//! group, attributes by name, a preset of the collector.

use super::{Case, Form, text, with};
use crate::codes;
use crate::node::{Node, Value};

/// Whether a finding says that its key is none, whichever rule says so.
fn unknown(case: &Case<'_>) -> bool {
    case.is(codes::UNKNOWN_KEY) || case.finding.found.starts_with("the key ")
}

/// A map with a key and its value in the place of others.
fn instead(
    case: &mut Case<'_>,
    keys: &[&str],
    key: &str,
    value: &Form,
    words: String,
) -> Option<()> {
    let above = case.above(1).to_vec();
    let parent = case.at(&above)?;
    if !parent.child(key).is_none_or(Node::is_default) {
        return None;
    }
    let mut all = Vec::new();
    let mut put = Some(Form::entry(key, value));
    for (other, form) in case.lines.entries(parent)? {
        if keys.contains(&other.as_str()) {
            all.extend(put.take());
        } else {
            all.push(form);
        }
    }
    case.put(parent, &Form::map(&all), words);
    Some(())
}

/// Keys that name the Gateway of a route, and those with its namespace.
const GATEWAY: [&str; 5] = [
    "gateway",
    "gatewayName",
    "gatewayRef",
    "gateways",
    "parentRef",
];
const NAMESPACE: [&str; 1] = ["gatewayNamespace"];

/// A Gateway of a route by its name, as `namespace/name`, as a map, or several.
pub(super) fn gateway(case: &mut Case<'_>) -> Option<()> {
    let key = case.key();
    if !unknown(case) || case.path.iter().rev().nth(1)? != "httpRoute" || !GATEWAY.contains(&key) {
        return None;
    }
    let own = case.node()?;
    let beside = case.at(case.above(1))?.child(NAMESPACE[0]);
    let space = beside.and_then(text);
    let many = matches!(own.value, Value::List(_));
    let nodes = if many {
        own.items()
    } else {
        std::slice::from_ref(own)
    };
    let one = |node: &Node| {
        let (name, space) = match text(node) {
            Some(name) => match name.split_once('/') {
                Some((space, name)) => (name, Some(space)),
                None => (name, space),
            },
            None => (
                text(node.child("name")?)?,
                node.child("namespace").and_then(text).or(space),
            ),
        };
        let mut all = vec![Form::entry("name", &Form::text(name))];
        all.extend(space.map(|space| Form::entry("namespace", &Form::text(space))));
        Some(Form::map(&all).inline())
    };
    let all: Option<Vec<Form>> = nodes.iter().map(one).collect();
    let list = Form::list(&all?).inline();
    let words = format!("write parentRefs: {}", list.shown());
    instead(
        case,
        &[&GATEWAY[..], &NAMESPACE].concat(),
        "parentRefs",
        &list,
        words,
    )
}

/// Targets of a scrape without `static_configs`, or as the texts of that list.
pub(super) fn targets(case: &mut Case<'_>) -> Option<()> {
    if case.path.get(..2)? != ["prometheus", "scrapeConfigs"] {
        return None;
    }
    let group = |targets: Form, labels: Option<Form>| {
        let mut all = vec![Form::entry("targets", &targets.inline())];
        all.extend(labels.map(|labels| Form::entry("labels", &labels.inline())));
        Form::list(&[Form::map(&all).inline()]).inline()
    };
    if unknown(case) && case.path.len() == 4 && matches!(case.key(), "targets" | "target") {
        let own = case.node()?;
        let targets = match &own.value {
            Value::Text(one) => Form::list(&[Form::text(one)]),
            Value::List(_) => Form::list(&case.lines.items(own)?),
            _ => return None,
        };
        let job = case.at(case.above(1))?;
        let labels = match job.child("labels") {
            Some(labels) => Some(case.lines.value(labels)?),
            None => None,
        };
        let list = group(targets, labels);
        let words = format!("write static_configs: {}", list.shown());
        return instead(
            case,
            &["targets", "target", "labels"],
            "static_configs",
            &list,
            words,
        );
    }
    let at = case.path.iter().position(|part| part == "static_configs")?;
    if !case.is(codes::WRONG_TYPE) || case.path.len() > at + 2 {
        return None;
    }
    let path = case.path[..=at].to_vec();
    let node = case.at(&path)?;
    let texts: Option<Vec<Form>> = match &node.value {
        Value::Text(one) => Some(vec![Form::text(one)]),
        Value::List(items) => items
            .iter()
            .map(|item| text(item).map(Form::text))
            .collect(),
        _ => None,
    };
    let list = group(Form::list(&texts?), None);
    let words = format!("write static_configs: {}", list.shown());
    case.put(node, &list, words);
    Some(())
}

/// Texts of a list as the keys of a map, each on or empty.
pub(super) fn keys(case: &mut Case<'_>) -> Option<()> {
    let node = case.node()?;
    if !case.is(codes::WRONG_TYPE) || node.entries().len() == 0 {
        return None;
    }
    let lists = [
        "dimensions",
        "allow",
        "attributes",
        "hostnames",
        "hosts",
        "clusters",
        "engines",
    ];
    if !lists.contains(&case.key()) {
        return None;
    }
    let mut all = Vec::new();
    for (key, value) in node.entries() {
        match &value.value {
            Value::Null | Value::Bool(true) => {}
            Value::Map(map) if map.is_empty() => {}
            Value::Bool(false) => continue,
            _ => return None,
        }
        all.push(Form::text(key));
    }
    let list = Form::list(&all);
    case.put(
        node,
        &list,
        format!("write {}: {}", case.key(), list.inline().shown()),
    );
    Some(())
}

/// What a preset of the OpenTelemetry chart is here, or that it is none of this collector.
pub(super) fn presets(case: &mut Case<'_>) -> Option<()> {
    if !unknown(case) || case.key() != "presets" {
        return None;
    }
    let node = case.node()?;
    let kubernetes = "kubernetesAttributes";
    let on = |node: &Node| node.child("enabled").and_then(Node::as_bool) != Some(false);
    let others = node
        .entries()
        .filter(|(name, node)| *name != kubernetes && on(node))
        .count();
    let (from, to) = (
        case.path.clone(),
        ["tracing", "k8sAttributes"].map(str::to_owned),
    );
    let mut draft = case.draft();
    let preset = node.child(kubernetes).filter(|preset| on(preset));
    let taken = case
        .at(&to)
        .is_some_and(|own| own.entries().any(|(_, node)| !node.is_default()));
    let words = match preset {
        Some(preset) => {
            // All that it sets beside `enabled` has no key here.
            if preset.entries().len() > 1 || preset.child("enabled").is_none() {
                return None;
            }
            if !taken {
                draft.moved(
                    &with(&from, &[kubernetes, "enabled"]),
                    &with(&to, &["enabled"]),
                )?;
            }
            "write tracing: {k8sAttributes: {enabled: true}}"
        }
        None => "remove it",
    };
    let words = if others > 0 {
        format!(
            "{words}: the collector of this chart takes traces alone; for metrics and logs of nodes and pods run a collector of your own"
        )
    } else {
        words.to_owned()
    };
    if preset.is_some() {
        // It is gone already where nothing is left of it.
        let _ = draft.removed(&from);
    } else {
        draft.removed(&alone(case, from)?)?;
    }
    case.all.push((draft.text(), words));
    Some(())
}

/// The path of the highest map that has nothing but what is at a path.
fn alone(case: &Case<'_>, mut path: Vec<String>) -> Option<Vec<String>> {
    while let [above @ .., _] = &path[..]
        && !above.is_empty()
    {
        let own = |(_, node): &(&str, &Node)| !node.is_default();
        if case.at(above)?.entries().filter(own).count() > 1 {
            break;
        }
        path.pop();
    }
    Some(path)
}

/// The chart's list of attributes behind the one that takes its place.
pub(super) fn attributes(case: &mut Case<'_>) -> Option<()> {
    if case.finding.code != "redaction-list" || !case.finding.found.contains("in place of") {
        return None;
    }
    let node = case.node()?;
    let chart = crate::check::DEFAULTS
        .get("tracing")?
        .get("redaction.attributes")?;
    let mut all = case.lines.items(node)?;
    let own = |item: &&Node| !node.items().iter().any(|own| own.as_str() == item.as_str());
    all.extend(
        chart
            .items()
            .iter()
            .filter(own)
            .filter_map(text)
            .map(Form::text),
    );
    case.put(
        node,
        &Form::list(&all),
        "write the chart's list behind yours; or use tracing.redaction.mode: allow",
    );
    Some(())
}
