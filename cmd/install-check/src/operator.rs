//! Whether a Prometheus object of the operator selects what the release hands to it. A label that
//! the object's selector wants and the release lacks is the commonest reason for "No data", and no
//! component of the cluster says so.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::input::Operator;
use crate::outcome::Outcome;

/// Labels of an object.
pub type Labels = BTreeMap<String, String>;

/// The API server's answer to a list of Prometheus objects (monitoring.coreos.com/v1), as far as it
/// is read.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct List {
    /// All of them.
    pub items: Vec<Object>,
}

/// One Prometheus object.
#[derive(Debug, Clone, Deserialize)]
pub struct Object {
    /// Its name and namespace.
    pub metadata: Metadata,
    /// What it selects.
    pub spec: Spec,
}

/// A name in a namespace, and labels.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// Name.
    pub name: String,
    /// Namespace; "" for what has none.
    pub namespace: String,
    /// Labels.
    pub labels: Labels,
}

/// The selectors of a Prometheus object. An absent selector of objects selects none, an empty one
/// all; an absent selector of namespaces means the object's own.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Spec {
    /// Which PodMonitors.
    pub pod_monitor_selector: Option<Selector>,
    /// In which namespaces.
    pub pod_monitor_namespace_selector: Option<Selector>,
    /// Which PrometheusRules.
    pub rule_selector: Option<Selector>,
    /// In which namespaces.
    pub rule_namespace_selector: Option<Selector>,
    /// Path before every path of its API.
    pub route_prefix: Option<String>,
}

/// A label selector of Kubernetes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Selector {
    /// Labels with their values.
    pub match_labels: Labels,
    /// Further requirements.
    pub match_expressions: Vec<Requirement>,
}

/// One requirement of a selector.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Requirement {
    /// The label.
    pub key: String,
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
    pub operator: String,
    /// The values of `In` and `NotIn`.
    #[serde(default)]
    pub values: Vec<String>,
}

impl Requirement {
    fn fits(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.key);
        match self.operator.as_str() {
            "In" => value.is_some_and(|v| self.values.contains(v)),
            "NotIn" => value.is_none_or(|v| !self.values.contains(v)),
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => false,
        }
    }

    fn words(&self) -> String {
        match self.operator.as_str() {
            "In" => format!("{} in ({})", self.key, self.values.join(", ")),
            "NotIn" => format!("{} not in ({})", self.key, self.values.join(", ")),
            "Exists" => self.key.clone(),
            _ => format!("!{}", self.key),
        }
    }
}

impl Selector {
    /// Whether an object with these labels is selected.
    #[must_use]
    pub fn fits(&self, labels: &Labels) -> bool {
        self.match_labels
            .iter()
            .all(|(k, v)| labels.get(k) == Some(v))
            && self.match_expressions.iter().all(|r| r.fits(labels))
    }

    /// What is wanted and not there, as `kubectl --selector` writes it.
    fn lacking(&self, labels: &Labels) -> Vec<String> {
        (self.match_labels.iter())
            .filter(|(k, v)| labels.get(*k) != Some(v))
            .map(|(k, v)| format!("{k}={v}"))
            .chain(
                self.match_expressions
                    .iter()
                    .filter(|r| !r.fits(labels))
                    .map(Requirement::words),
            )
            .collect()
    }

    /// Labels to set that would make it fit; `None` where a label must go away.
    fn remedy(&self, labels: &Labels) -> Option<Labels> {
        let mut set = Labels::new();
        for (key, value) in &self.match_labels {
            if labels.get(key) != Some(value) {
                set.insert(key.clone(), value.clone());
            }
        }
        for wanted in self.match_expressions.iter().filter(|r| !r.fits(labels)) {
            match (wanted.operator.as_str(), wanted.values.first()) {
                ("In", Some(value)) => set.insert(wanted.key.clone(), value.clone()),
                ("Exists", _) => set.insert(wanted.key.clone(), "true".to_owned()),
                _ => return None,
            };
        }
        Some(set)
    }
}

/// A Prometheus that selects the release's monitors: what its API is asked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// `<namespace>/<name>` of the object.
    pub name: String,
    /// The operator's governing Service.
    pub url: String,
}

/// The line, and the Prometheus to ask where one selects the release's monitors.
#[must_use]
pub fn judge(handed: &Operator, namespace: &Metadata, list: &List) -> (Outcome, Option<Server>) {
    if list.items.is_empty() {
        let text = "the cluster has no Prometheus object, so the operator runs none that would read the PodMonitors; create one, or set metrics.mode: standalone";
        return (Outcome::NotRun(text.to_owned()), None);
    }
    let mut wrong = Vec::new();
    for object in &list.items {
        let faults = faults(handed, namespace, object);
        if faults.is_empty() {
            let name = name(object);
            let kinds = if handed.rules {
                "the PodMonitors and the PrometheusRule"
            } else {
                "the PodMonitors"
            };
            return (
                Outcome::Pass(format!("{name} selects {kinds}")),
                Some(server(object)),
            );
        }
        wrong.extend(faults);
    }
    (Outcome::Fail(wrong.join("; ")), None)
}

fn name(object: &Object) -> String {
    format!("{}/{}", object.metadata.namespace, object.metadata.name)
}

fn server(object: &Object) -> Server {
    let prefix = object.spec.route_prefix.as_deref().unwrap_or_default();
    Server {
        name: name(object),
        url: format!(
            "http://prometheus-operated.{}.svc:9090{}",
            object.metadata.namespace,
            prefix.trim_end_matches('/')
        ),
    }
}

fn faults(handed: &Operator, namespace: &Metadata, object: &Object) -> Vec<String> {
    let spec = &object.spec;
    let mut wrong = Vec::new();
    let mut look = |kind: &str, field: &str, own: &Option<Selector>, within: &Option<Selector>| {
        wrong.extend(fault(
            handed,
            namespace,
            object,
            kind,
            field,
            (own.as_ref(), within.as_ref()),
        ));
    };
    look(
        "PodMonitor",
        "podMonitor",
        &spec.pod_monitor_selector,
        &spec.pod_monitor_namespace_selector,
    );
    if handed.rules {
        look(
            "PrometheusRule",
            "rule",
            &spec.rule_selector,
            &spec.rule_namespace_selector,
        );
    }
    wrong
}

fn fault(
    handed: &Operator,
    namespace: &Metadata,
    object: &Object,
    kind: &str,
    field: &str,
    (own, within): (Option<&Selector>, Option<&Selector>),
) -> Option<String> {
    let name = name(object);
    let Some(own) = own else {
        return Some(format!(
            "{name} has no {field}Selector and selects no {kind}; give it one, {{}} selects all"
        ));
    };
    if !own.fits(&handed.labels) {
        let lacking = own.lacking(&handed.labels).join(",");
        let remedy = own.remedy(&handed.labels).map_or_else(
            || format!("take that label out of metrics.operator.labels or commonLabels, or change {field}Selector"),
            |labels| {
                let labels: Vec<String> = labels.iter().map(|(k, v)| format!("{k}: {v}")).collect();
                format!("set metrics.operator.labels: {{{}}}", labels.join(", "))
            },
        );
        return Some(format!(
            "{name} selects {lacking}, your {kind} lacks it; {remedy}"
        ));
    }
    match within {
        None if object.metadata.namespace != namespace.name => Some(format!(
            "{name} selects each {kind} in its own namespace only, yours is in {}; set its {field}NamespaceSelector ({{}} selects all namespaces), or install the release into {}",
            namespace.name, object.metadata.namespace
        )),
        Some(within) if !within.fits(&namespace.labels) => Some(format!(
            "{name} selects each {kind} in namespaces with {}, {} lacks it; label the namespace",
            within.lacking(&namespace.labels).join(","),
            namespace.name
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use serde_json::{Value, json};

    use super::*;

    fn handed(labels: Value) -> Operator {
        serde_json::from_value(json!({"namespace": "monitoring", "labels": labels, "rules": true}))
            .unwrap()
    }

    fn namespace(labels: Value) -> Metadata {
        serde_json::from_value(json!({"name": "monitoring", "labels": labels})).unwrap()
    }

    fn list(spec: Value) -> List {
        serde_json::from_value(json!({"items": [{"metadata": {"name": "kps", "namespace": "prometheus"}, "spec": spec}]})).unwrap()
    }

    fn by(selector: Value) -> Value {
        json!({"podMonitorSelector": selector, "ruleSelector": selector, "podMonitorNamespaceSelector": {}, "ruleNamespaceSelector": {}})
    }

    fn words(labels: Value, spec: Value) -> String {
        match judge(
            &handed(labels),
            &namespace(json!({"team": "ml"})),
            &list(spec),
        ) {
            (Outcome::Fail(text), None) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_prometheus_that_selects_all_is_found_and_asked() {
        for selector in [
            json!({}),
            json!({"matchLabels": {"release": "kps"}}),
            json!({"matchExpressions": [{"key": "release", "operator": "In", "values": ["kps", "b"]}]}),
        ] {
            let (outcome, server) = judge(
                &handed(json!({"release": "kps"})),
                &namespace(json!({})),
                &list(by(selector)),
            );
            assert_eq!(
                outcome,
                Outcome::Pass(
                    "prometheus/kps selects the PodMonitors and the PrometheusRule".to_owned()
                )
            );
            assert_eq!(
                server.unwrap().url,
                "http://prometheus-operated.prometheus.svc:9090"
            );
        }
    }

    #[test]
    fn a_missing_label_is_named_with_the_line_to_set() {
        let text = words(
            json!({"release": "other"}),
            by(json!({"matchLabels": {"release": "kps"}})),
        );
        assert!(text.contains("prometheus/kps selects release=kps, your PodMonitor lacks it; set metrics.operator.labels: {release: kps}"), "{text}");
        assert!(text.contains("your PrometheusRule lacks it"), "{text}");
        let text = words(
            json!({}),
            by(json!({"matchExpressions": [{"key": "prometheus", "operator": "Exists"}]})),
        );
        assert!(
            text.contains("set metrics.operator.labels: {prometheus: true}"),
            "{text}"
        );
        let text = words(
            json!({"skip": "me"}),
            by(json!({"matchExpressions": [{"key": "skip", "operator": "DoesNotExist"}]})),
        );
        assert!(
            text.contains("selects !skip") && text.contains("take that label out"),
            "{text}"
        );
    }

    #[test]
    fn only_the_kind_that_is_not_selected_is_named() {
        let mut spec = by(json!({}));
        spec["ruleSelector"] = json!({"matchLabels": {"role": "alert-rules"}});
        let text = words(json!({}), spec);
        assert!(
            text.contains("PrometheusRule") && !text.contains("PodMonitor lacks"),
            "{text}"
        );
    }

    #[test]
    fn absent_selectors_mean_none_and_the_own_namespace() {
        let text = words(
            json!({}),
            json!({"ruleSelector": {}, "ruleNamespaceSelector": {}}),
        );
        assert!(text.contains("no podMonitorSelector"), "{text}");
        let text = words(
            json!({}),
            json!({"podMonitorSelector": {}, "ruleSelector": {}}),
        );
        assert!(
            text.contains("in its own namespace only, yours is in monitoring"),
            "{text}"
        );
    }

    #[test]
    fn labels_of_the_namespace_count() {
        let mut spec = by(json!({}));
        spec["podMonitorNamespaceSelector"] = json!({"matchLabels": {"team": "web"}});
        let text = words(json!({}), spec.clone());
        assert!(
            text.contains("namespaces with team=web, monitoring lacks it"),
            "{text}"
        );
        spec["podMonitorNamespaceSelector"] = json!({"matchLabels": {"team": "ml"}});
        let (outcome, _) = judge(
            &handed(json!({})),
            &namespace(json!({"team": "ml"})),
            &list(spec),
        );
        assert!(matches!(outcome, Outcome::Pass(_)), "{outcome:?}");
    }

    #[test]
    fn one_of_several_is_enough_and_its_path_is_kept() {
        let list: List = serde_json::from_value(json!({"items": [
            {"metadata": {"name": "a", "namespace": "x"}, "spec": {}},
            {"metadata": {"name": "b", "namespace": "monitoring"}, "spec": {"podMonitorSelector": {}, "ruleSelector": {}, "routePrefix": "/prom/"}},
        ]})).unwrap();
        let (outcome, server) = judge(&handed(json!({})), &namespace(json!({})), &list);
        assert!(matches!(outcome, Outcome::Pass(_)), "{outcome:?}");
        assert_eq!(
            server.unwrap().url,
            "http://prometheus-operated.monitoring.svc:9090/prom"
        );
    }

    #[test]
    fn no_prometheus_object_is_said() {
        let (outcome, server) = judge(&handed(json!({})), &namespace(json!({})), &List::default());
        assert!(matches!(outcome, Outcome::NotRun(text) if text.contains("no Prometheus object")));
        assert_eq!(server, None);
    }
}
