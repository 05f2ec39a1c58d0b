//! Objects of the Prometheus operator in `extraObjects`: the version of their kind, fields that they have,
//! a port by its name, durations with a unit, expressions that parse. Fields of Prometheus' own
//! configuration have other names.

#[cfg(feature = "full")]
mod namespaces;
#[cfg(feature = "full")]
mod recording;

use super::Rule;
use super::look::walk;
use crate::embedded::{Text, operator};
use crate::node;
use crate::node::join;
use crate::shape::{meant, nearest};
use crate::{Finding, Findings, Node, Place, Severity, Value, Values};

/// `extraObjects[]` of monitoring.coreos.com.
pub const RULE: Rule = Rule {
    code: "operator-object",
    severity: Severity::Error,
    title: text!("An object that the Prometheus operator does not take"),
    check,
};

const VERSIONS: Text = text!(
    "v1 ServiceMonitor PodMonitor PrometheusRule Probe Prometheus Alertmanager ThanosRuler\nv1alpha1 ScrapeConfig PrometheusAgent AlertmanagerConfig"
);
/// As Prometheus and other objects name them.
const FOREIGN: Text = text!(
    "scrapeInterval=interval evaluationInterval=interval timeout=scrapeTimeout metricsPath=path relabelConfigs=relabelings relabelConfig=relabelings metricRelabelConfigs=metricRelabelings tls=tlsConfig podMetricsEndpoints=endpoints endpoints=podMetricsEndpoints podMonitorEndpoints=podMetricsEndpoints labelSelector=selector podSelector=selector serviceSelector=selector matchNamespaces=matchNames names=matchNames expression=expr query=expr duration=for pending=for name=alert alertname=alert job=jobLabel"
);
const REFUSED: Text = text!("The API server refuses the object: helm install stops.");

fn say(path: String, place: Place, found: String, expected: &str) -> Finding {
    RULE.says(path, place, found, expected, REFUSED)
}

fn check(values: &Values, findings: &mut Findings) {
    for (path, object) in values.list("extraObjects") {
        let Some(kind) = object.child("kind").and_then(Node::as_str) else {
            continue;
        };
        let of = |line: &&str| line.split(' ').skip(1).any(|name| name == kind);
        let Some((version, _)) = VERSIONS
            .lines()
            .find(of)
            .and_then(|line| line.split_once(' '))
        else {
            continue;
        };
        let Some((node, text)) = object
            .child("apiVersion")
            .and_then(|node| Some((node, node.as_str()?)))
        else {
            continue;
        };
        let ours = "monitoring.coreos.com";
        let (group, given) = text.split_once('/').unwrap_or((text, ""));
        let mine = group == ours;
        let served = given == version || given == "v1beta1" && kind == "AlertmanagerConfig";
        // Others, as Azure, serve kinds of these names in groups of their own.
        let known =
            !group.contains('.') || nearest(group, [ours]).is_some() && !group.starts_with("az");
        if (mine && !served) || (!mine && known) {
            let new = format!("{ours}/{version}");
            findings.push(
                say(
                    join(&path, "apiVersion"),
                    node.place,
                    format!("{kind} of {text}"),
                    &new,
                )
                .writes(node.place, &new),
            );
        }
        if !mine && !known || version != "v1" {
            continue;
        }
        #[cfg(feature = "full")]
        if kind == "PrometheusRule" {
            recording::check(&path, object, findings);
        }
        walk(object, &path, &mut |path, key, node| {
            below(kind, path, key, node, findings)
        });
    }
}

fn below(kind: &str, path: &str, key: &str, node: &Node, findings: &mut Findings) {
    #[cfg(feature = "full")]
    if key == "namespaceSelector" {
        if namespaces::of(kind) {
            namespaces::check(path, node, findings);
        }
        return;
    }
    let level = if key == "spec" {
        format!("spec{kind}")
    } else {
        key.to_owned()
    };
    let fields = operator()
        .lines()
        .find_map(|line| line.strip_prefix(&level)?.strip_prefix(' '));
    let Some(fields) = fields.filter(|_| path.contains(".spec") && !path.contains("tlsConfig"))
    else {
        return;
    };
    if matches!(node.value, Value::Map(_)) {
        map(path, node, fields, findings);
    }
    for (at, item) in node.items().iter().enumerate() {
        map(&node::item(path, at), item, fields, findings);
    }
}

fn map(path: &str, node: &Node, fields: &'static str, findings: &mut Findings) {
    let known = |word: &str| fields.split(' ').any(|field| field == word);
    for (key, value) in node.entries() {
        let path = join(path, key);
        let text = value.as_str().filter(|text| !text.contains("{{"));
        if !known(key) {
            let near = meant(FOREIGN, key, fields);
            if let Some(meant) = near.filter(|meant| node.child(meant).is_none()) {
                // A newer operator may have it; one that does not drops it.
                let finding = say(
                    path,
                    value.key_place(),
                    format!("the key {key:?}"),
                    &fields.replace(' ', ", "),
                )
                .why(text!("The API server removes fields that the operator's version does not have: this one does nothing."))
                .writes(value.key_place(), meant).as_warning();
                findings.push(finding);
            }
        } else if key == "port"
            && (value.as_i64().is_some() || text.is_some_and(|t| t.parse::<u16>().is_ok()))
        {
            let other = if known("portNumber") {
                "portNumber"
            } else {
                "targetPort"
            };
            let finding = say(
                path,
                value.key_place(),
                format!("port: {}", value.described()),
                "the name of a port",
            )
            .fix(format!("write the port's name, or {other} for its number"));
            findings.push(if value.as_i64().is_some() {
                finding.replace(value.key_place(), other)
            } else {
                finding
            });
        } else if matches!(
            key,
            "interval" | "scrapeTimeout" | "for" | "keep_firing_for"
        ) && (value.as_i64().is_some_and(|n| n > 0)
            || text.is_some_and(|t| t.parse::<u32>().is_ok_and(|n| n > 0)))
        {
            let new = format!(
                "{}s",
                value
                    .as_i64()
                    .map_or_else(|| text.unwrap_or("").to_owned(), |n| n.to_string())
            );
            findings.push(
                say(
                    path,
                    value.place,
                    value.described(),
                    "a duration with its unit",
                )
                .writes(value.place, &new),
            );
        } else if let ("expr", Some(text)) = (key, text)
            && let Err(fault) = crate::promql::parse(text)
        {
            let finding = say(path, value.place, fault.text, "a PromQL expression");
            findings.push(super::unparsed::unparsed(finding, value, text));
        }
    }
}
