//! Sections of other charts that set up monitors: what they have belongs to `metrics`.

use super::{Case, Form, with};
use crate::codes;
use crate::node::Node;

const SECTIONS: [&str; 8] = [
    "serviceMonitor",
    "podMonitor",
    "serviceMonitors",
    "podMonitors",
    "vmPodScrape",
    "vmServiceScrape",
    "prometheusRule",
    "prometheusRules",
];

/// Keys of such a section, and where this chart has them.
const KEYS: [(&str, &[&str]); 9] = [
    ("additionalLabels", &["operator", "labels"]),
    ("labels", &["operator", "labels"]),
    ("extraLabels", &["operator", "labels"]),
    ("selector", &["operator", "labels"]),
    ("interval", &["scrape", "interval"]),
    ("scrapeInterval", &["scrape", "interval"]),
    ("scrapeTimeout", &["scrape", "timeout"]),
    ("timeout", &["scrape", "timeout"]),
    ("path", &["scrape", "path"]),
];

pub(super) fn monitors(case: &mut Case<'_>) -> Option<()> {
    if !case.is(codes::UNKNOWN_KEY) {
        return address(case);
    }
    let metrics = ["metrics".to_owned()];
    if case.key() == "selector" && case.above(1) == ["metrics", "operator"] {
        let to = with(&metrics, &["operator", "labels"]);
        return case.moved(&case.path.clone(), &to, "write labels");
    }
    let labels = [
        "serviceMonitorSelector",
        "podMonitorSelector",
        "ruleSelector",
    ];
    if labels.contains(&case.key()) && case.path.first()? == "metrics" {
        let from = with(&case.path, &["matchLabels"]);
        let to = with(&metrics, &["operator", "labels"]);
        return case.moved(&from, &to, "write metrics: {operator: {labels: …}}");
    }
    if matches!(case.key(), "additionalLabels" | "labels" | "ruleLabels")
        && case.above(1) == ["rules"]
    {
        let to = with(&metrics, &["operator", "labels"]);
        return case.moved(
            &case.path.clone(),
            &to,
            "write metrics: {operator: {labels: …}}, which are on the rules too",
        );
    }
    if !SECTIONS.contains(&case.key()) {
        return None;
    }
    let mut draft = case.draft();
    let mut left = case.node()?.entries().len();
    let path = case.path.clone();
    let entries: Vec<(&str, &Node)> = case.node()?.entries().collect();
    for (key, value) in entries {
        let from = with(&path, &[key]);
        if key == "enabled" {
            if value.as_bool() != Some(true) {
                return None;
            }
            // A mode that is given is meant; auto finds the operator.
            let given = case
                .root
                .get("metrics.mode")
                .is_some_and(|mode| !mode.is_default());
            if given || path.ends_with(&["prometheusRule".to_owned()]) {
                draft.removed(if left == 1 { &path } else { &from })?;
            } else {
                draft.put(&from, &Form::text("operator"))?;
                draft.moved(&from, &with(&metrics, &["mode"]))?;
            }
        } else {
            let (_, to) = KEYS.iter().find(|(known, _)| *known == key)?;
            draft.moved(&from, &with(&metrics, to))?;
        }
        left -= 1;
    }
    let words = "write metrics: {operator: {labels: …}}, and the interval in metrics.scrape";
    case.all.push((draft.text(), words.to_owned()));
    Some(())
}

/// The Prometheus of an operator, by a map or by its address.
fn address(case: &mut Case<'_>) -> Option<()> {
    if case.finding.path != "metrics.operator.prometheus" {
        return None;
    }
    let node = case.node()?;
    if let [Some(name), Some(space)] = ["name", "namespace"].map(|key| node.child(key)?.as_str()) {
        let text = format!("{space}/{name}");
        case.put(node, &Form::text(&text), format!("write {text}"));
    }
    let url = crate::url::Url::of(node.as_str()?);
    if url.scheme.is_some() || url.port.is_some() {
        let path = case.path.clone();
        let to = with(case.above(1), &["prometheusURL"]);
        case.moved(
            &path,
            &to,
            "write prometheusURL; prometheus is an object, as <namespace>/<name>",
        );
    }
    Some(())
}
