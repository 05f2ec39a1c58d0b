//! The bundled Grafana reads a Prometheus: standalone mode's own, or in operator mode the one that
//! `metrics.operator.prometheusURL` names. A table of traces needs a data source of the kind that
//! `dashboards.traces` names.
//!
//! The chart refuses it too.

#[cfg(feature = "full")]
mod kinds;

use super::Rule;
use super::look::{foreign_prometheus, on, text};
use crate::node::blamed;
use crate::{Findings, Node, Severity, Values};

/// `grafana` against `metrics.mode` and `dashboards.traces`.
pub const RULE: Rule = Rule {
    code: "grafana-source",
    severity: Severity::Error,
    title: text!("The bundled Grafana has no data source"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    {
        kinds::check(values, findings);
        super::trace_store::shown(&RULE, values, findings);
    }
    let Some(enabled) = values.get("grafana.enabled") else {
        return;
    };
    if !on(values, "grafana.enabled") {
        return;
    }
    let has = |kind: &str| {
        values
            .list("grafana.datasources")
            .any(|(_, source)| source.child("type").and_then(Node::as_str) == Some(kind))
    };
    super::grafana_text::check(&RULE, values, findings);
    let mode = "metrics.mode";
    if let (Some(node), true) = (values.get(mode), foreign_prometheus(values))
        && text(values, "metrics.operator.prometheusURL").is_empty()
        && text(values, "grafana.prometheusURL").is_empty()
        && !has("prometheus")
    {
        let at = blamed(&[enabled, node]).unwrap_or(enabled);
        let path = if std::ptr::eq(at, node) {
            mode
        } else {
            "grafana.enabled"
        };
        findings.push(
            RULE.finds(path, &at.place, text!("grafana.enabled in operator mode, and no metrics.operator.prometheusURL"), text!("the Prometheus that scrapes this release"), text!("In operator mode the Prometheus is not this chart's, and every panel would stay empty."))
                .fix(text!("name it: metrics: {operator: {prometheusURL: http://prometheus-operated.monitoring.svc:9090}}")),
        );
    }
    let traces = "dashboards.traces";
    let kind = text(values, traces);
    let own = kind == "jaeger" && on(values, "jaeger.enabled") && on(values, "tracing.enabled");
    if let (Some(node), "tempo" | "jaeger") = (values.get(traces), kind)
        && !own
        && !has(kind)
    {
        #[cfg(feature = "full")]
        if let Some(finding) = other(values, node, kind) {
            findings.push(finding);
            return;
        }
        let at = blamed(&[node, enabled]).unwrap_or(node);
        let path = if std::ptr::eq(at, node) {
            traces
        } else {
            "grafana.enabled"
        };
        findings.push(
            RULE.finds(
                path,
                &at.place,
                format!("{kind}, and a bundled Grafana without such a data source"),
                text!("a data source of that kind in grafana.datasources"),
                text!("The table of kept traces would stay empty."),
            )
            .fix(text!("add the data source, or write auto")),
        );
    }
}

/// The only kind of traces for which there is a data source, where another one is named.
#[cfg(feature = "full")]
fn other(values: &Values, named: &Node, kind: &str) -> Option<crate::Finding> {
    let other = if kind == "tempo" { "jaeger" } else { "tempo" };
    let own = other == "jaeger" && on(values, "jaeger.enabled") && on(values, "tracing.enabled");
    let source = values.list("grafana.datasources").find_map(|(_, source)| {
        let kind = source
            .child("type")
            .filter(|kind| kind.as_str() == Some(other))?;
        Some((source, kind))
    });
    let whose = match source {
        _ if named.is_default() => return None,
        Some((source, _)) => {
            let name = source.child("name").and_then(Node::as_str);
            format!("the data source {}", name.unwrap_or("for traces"))
        }
        None if own => "jaeger.enabled".to_owned(),
        None => return None,
    };
    if let Some((path, source)) = values.list("grafana.datasources").find(|(_, one)| {
        source.is_some_and(|(own, _)| std::ptr::eq(own, *one))
            && speaks_of(values, one, [kind, other])
    }) && let Some(of) = source.child("type")
    {
        return Some(
            RULE.at(format!("{path}.type"), of.place)
                .found(format!("{other}, and {whose} is one of {kind}"))
                .expected(kind)
                .why("Grafana asks it with the API of another program: the table of kept traces would stay empty.")
                .fix(format!("write type: {kind}; or, where traces are sent to {other}, dashboards.traces: {other}"))
                .replace(of.place, kind)
                .related(named.place, "the kind that dashboards.traces names"),
        );
    }
    let finding = RULE
        .at("dashboards.traces", &named.place)
        .found(format!("{kind}, and {whose} is of the kind {other}"))
        .expected(format!("{other}, or a data source of the kind {kind}"))
        .why("The table of kept traces would stay empty.")
        .fix(format!("write {other}; or, if traces are sent to {kind}, add its data source: grafana: {{datasources: [{{name: …, type: {kind}, url: …}}]}}"))
        .replace(named.place, other);
    Some(match source {
        Some((_, kind)) => finding.related(kind.place, "the kind of the data source"),
        None => finding,
    })
}

/// Whether a data source has the name of the one program and not of the other in its name or its address, or
/// where it has neither, in the addresses of the exporters.
#[cfg(feature = "full")]
fn speaks_of(values: &Values, source: &Node, [kind, other]: [&str; 2]) -> bool {
    let own = ["name", "uid", "url"].map(|key| source.child(key).and_then(Node::as_str));
    let own: String = own.into_iter().flatten().collect();
    let mut sent = String::new();
    if let Some(exporters) = values.get("tracing.exporters") {
        super::look::walk(exporters, "", &mut |_, key, node| {
            if key == "endpoint" {
                sent.push_str(node.as_str().unwrap_or_default());
            }
        });
    }
    let has = |text: &str, name: &str| text.to_lowercase().contains(name);
    match (has(&own, kind), has(&own, other)) {
        (false, false) => has(&sent, kind) && !has(&sent, other),
        (kind, other) => kind && !other,
    }
}
