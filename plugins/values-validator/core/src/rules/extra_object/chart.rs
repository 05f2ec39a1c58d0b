//! The chart's own objects, as extra objects name and select them.

use super::refusal::plain;
use crate::rules::look::{Model, foreign_prometheus, models, on, text};
use crate::{Node, Values};

/// Parts that have a Service, and the ports of it.
const PARTS: [(&str, &[i64]); 6] = [
    ("prometheus", &[9090]),
    ("alertmanager", &[9093]),
    ("grafana", &[3000]),
    ("jaeger", &[16686, 4317]),
    ("collector", &[4317, 4318, 8888]),
    ("probe", &[9115]),
];

/// A Service of the chart.
pub(super) struct Service<'a> {
    /// The entry that it serves, if it is a model's.
    pub model: Option<Model<'a>>,
    pub ports: Vec<i64>,
}

/// The models that the chart deploys.
pub(super) fn deployed(values: &Values) -> Vec<Model<'_>> {
    models(values)
        .into_iter()
        .filter(|model| model.deploy.is_some())
        .collect()
}

/// The port of a model's pods, where it is a number.
pub(super) fn port(model: &Model<'_>) -> Option<i64> {
    let first = model
        .node
        .get("ports[0]")
        .or_else(|| model.node.child("port"));
    match first {
        None => Some(8000),
        Some(node) => node.as_i64().or_else(|| node.as_str()?.parse().ok()),
    }
}

/// What is behind the prefix that all objects of this release have.
pub(super) fn suffix<'n>(values: &Values, name: &'n str) -> Option<&'n str> {
    // The name of the Service alone, of `name.namespace.svc`.
    let name = if name.contains("{{") {
        name
    } else {
        name.split('.').next().unwrap_or(name)
    };
    let own = text(values, "fullnameOverride");
    if name.contains("{{") {
        let (template, rest) = name.rsplit_once("}}-")?;
        let rest = rest.split('.').next().unwrap_or(rest);
        // Another chart of the same release may have what begins with the release's name alone.
        return if template.contains("vllm-monitoring.fullname") {
            Some(rest)
        } else {
            rest.strip_prefix("vllm-monitoring-")
        };
    }
    if !own.is_empty() {
        return name.strip_prefix(own)?.strip_prefix('-');
    }
    let chart = match text(values, "nameOverride") {
        "" => "vllm-monitoring",
        own => own,
    };
    let (_, rest) = name.rsplit_once(chart)?;
    rest.strip_prefix('-')
}

/// The Service of the chart that has that name.
pub(super) fn service<'a>(values: &'a Values, name: &str) -> Option<Service<'a>> {
    let suffix = suffix(values, name)?;
    let model = deployed(values)
        .into_iter()
        .find(|model| model.slug() == suffix);
    if let Some(model) = model {
        let ports = port(&model).into_iter().collect();
        return Some(Service {
            model: Some(model),
            ports,
        });
    }
    let (part, ports) = PARTS.iter().find(|(part, _)| *part == suffix)?;
    let there = match *part {
        "prometheus" | "alertmanager" => !foreign_prometheus(values),
        "collector" => on(values, "tracing.enabled"),
        part => on(values, &format!("{part}.enabled")),
    };
    if !there {
        return None;
    }
    Some(Service {
        model: None,
        ports: ports.to_vec(),
    })
}

/// Whether labels that an object selects by are those of a model's pods, as far as they are known: a release's
/// name may be any.
pub(super) fn selects(values: &Values, model: &Model<'_>, labels: &Node) -> bool {
    let added = [
        model.deploy.and_then(|deploy| deploy.child("podLabels")),
        values.get("commonLabels"),
    ];
    let mut sure = false;
    let all = labels.entries().all(|(key, value)| {
        let Some(text) = value.as_str() else {
            return false;
        };
        match key {
            "app" | "app.kubernetes.io/component" if text == "vllm" => sure = true,
            "vllm-monitoring/model" if text == model.slug() => sure = true,
            "app.kubernetes.io/name" | "app.kubernetes.io/instance" => {}
            _ => {
                return added
                    .iter()
                    .flatten()
                    .any(|map| map.child(key).and_then(Node::as_str) == Some(text));
            }
        }
        true
    });
    all && sure
}

/// The Service of that name that an extra object is, where all of its ports are numbers.
pub(super) fn own<'a>(values: &Values, name: &str) -> Option<Service<'a>> {
    let mut all = values.list("extraObjects").map(|(_, object)| object);
    let object = all.find(|object| {
        plain(object, "kind") == Some("Service") && plain(object, "metadata.name") == Some(name)
    })?;
    let ports = object.get("spec.ports")?.items().iter();
    let ports: Option<Vec<i64>> = ports.map(|port| port.child("port")?.as_i64()).collect();
    Some(Service {
        model: None,
        ports: ports?,
    })
}
