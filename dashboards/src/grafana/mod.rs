//! Grafana's JSON (schema version 39, Grafana 10.4 and later), as a sidecar or a provider reads it
//! and as people import it.

mod format;
mod names;
mod panel;
mod table;

pub use names::escaped;
pub use panel::description;
use serde_json::{Value, json};

use crate::model::{Dashboard, Row, TraceStore, Variable};

/// What all uids begin with.
pub const UID: &str = "vllm-monitoring-";
/// By which the dashboards find one another.
pub const TAG: &str = "vllm-monitoring";

/// Which way a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// From a folder, by a sidecar or a provider.
    Provisioned,
    /// By a person, who is asked for the data source.
    Import,
}

/// The data source of every query: what is chosen at the top.
pub(crate) fn datasource() -> Value {
    json!({"type": "prometheus", "uid": "${datasource}"})
}

/// The dashboard.
#[must_use]
pub fn dashboard(board: &Dashboard, form: Form) -> Value {
    let mut variables = vec![chosen_datasource(form)];
    variables.extend(board.trace_store().map(chosen_store));
    variables.extend(board.variables.iter().map(variable));
    match board.trace_store() {
        Some(TraceStore::Jaeger) => variables.extend([service(), tags()]),
        Some(TraceStore::Tempo) => variables.extend([
            listed(
                "reason",
                "Reason",
                &REASONS.map(|word| (word, word.to_owned())),
                ".*",
            ),
            // A condition, for a trace that is kept for an error has no cause.
            listed(
                "cause",
                "Cause",
                &CAUSES.map(|word| (word, format!("span.vllm.sampling.cause = \"{word}\""))),
                "true",
            ),
        ]),
        None => {}
    }
    let mut out = json!({
        "uid": format!("{UID}{}", board.slug),
        "title": format!("vLLM / {}", board.title),
        "description": board.about,
        "tags": [TAG],
        "schemaVersion": 39,
        "version": 1,
        "editable": true,
        "graphTooltip": 1,
        "refresh": "30s",
        "timezone": "browser",
        "time": {"from": format!("now-{}", board.shows), "to": "now"},
        "timepicker": {},
        "fiscalYearStartMonth": 0,
        "annotations": {"list": [alerts("critical", "red"), alerts("warning", "orange")]},
        "links": [{
            "type": "dashboards", "title": "vLLM", "tags": [TAG], "icon": "external link", "tooltip": "", "url": "",
            "asDropdown": true, "includeVars": true, "keepTime": true, "targetBlank": false,
        }],
        "templating": {"list": variables},
        "panels": rows(&board.rows, board.step),
    });
    if form == Form::Import {
        out["__inputs"] = json!([{
            "name": "DS_PROMETHEUS", "label": "Prometheus", "description": "With the series and rules of vllm-monitoring",
            "type": "datasource", "pluginId": "prometheus", "pluginName": "Prometheus",
        }]);
        out["__requires"] = json!([
            {"type": "grafana", "id": "grafana", "name": "Grafana", "version": "10.4.0"},
            {"type": "datasource", "id": "prometheus", "name": "Prometheus", "version": "1.0.0"},
        ]);
    }
    out
}

fn chosen_datasource(form: Form) -> Value {
    let mut variable = json!({
        "name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus",
        "refresh": 1, "regex": "", "hide": 0, "multi": false, "includeAll": false, "skipUrlSync": false, "options": [],
    });
    if form == Form::Import {
        variable["current"] = json!({"text": "${DS_PROMETHEUS}", "value": "${DS_PROMETHEUS}"});
    }
    variable
}

/// The data source of the table of traces.
fn chosen_store(store: TraceStore) -> Value {
    json!({
        "name": "traces", "label": "Traces", "type": "datasource", "query": store.plugin(),
        "refresh": 1, "regex": "", "hide": 0, "multi": false, "includeAll": false, "skipUrlSync": false, "options": [],
    })
}

/// Of which service traces are looked up: Jaeger searches one at a time. vLLM sends its
/// `OTEL_SERVICE_NAME`; the chart gives its servers the name of their Deployment, which pods' names
/// begin with.
fn service() -> Value {
    let of = Variable {
        name: "service",
        label: "Service",
        ..crate::build::POD
    };
    let mut out = variable(&of);
    out["regex"] = "/^(.+?)(-[a-z0-9]{6,10}-[a-z0-9]{5}|-[0-9]+)$/".into();
    out
}

/// What traces are kept for, and what of a request took longest: the values of `vllm.sampling.reason` and
/// `vllm.sampling.cause`, see docs/tracing.md.
const REASONS: [&str; 7] = [
    "error",
    "e2e_latency",
    "time_to_first_token",
    "decode_time",
    "slow_first_token",
    "slow_output",
    "baseline",
];
const CAUSES: [&str; 4] = ["queue", "prefill", "frontend", "decode"];

/// A choice out of known words, each with what it stands for in queries.
fn listed(name: &str, label: &str, words: &[(&str, String)], all: &str) -> Value {
    let query: Vec<String> = words
        .iter()
        .map(|(word, value)| format!("{word} : {value}"))
        .collect();
    let first = json!({"text": "All", "value": "$__all", "selected": true});
    let each = words
        .iter()
        .map(|(word, value)| json!({"text": word, "value": value, "selected": false}));
    json!({
        "name": name, "label": label, "type": "custom", "query": query.join(", "), "hide": 0, "skipUrlSync": false,
        "multi": false, "includeAll": true, "allValue": all, "current": {"text": "All", "value": "$__all"},
        "options": std::iter::once(first).chain(each).collect::<Vec<_>>(),
    })
}

/// Attributes by which Jaeger searches, which knows no alternatives: `vllm.sampling.reason=e2e_latency`.
fn tags() -> Value {
    json!({
        "name": "tags", "label": "Tags", "type": "textbox", "query": "", "hide": 0, "skipUrlSync": false,
        "current": {"text": "", "value": ""}, "options": [{"text": "", "value": "", "selected": true}],
    })
}

fn variable(of: &Variable) -> Value {
    let query = format!("label_values({}, {})", of.series, of.of);
    let mut out = json!({
        "name": of.name, "label": of.label, "type": "query", "datasource": datasource(),
        "query": {"query": query, "refId": of.name},
        "refresh": 2, "regex": "", "sort": 1, "hide": if of.hidden { 2 } else { 0 }, "skipUrlSync": false, "options": [],
        "multi": !of.one, "includeAll": !of.one,
    });
    if !of.one {
        // Matches where the label is not there at all, too.
        out["allValue"] = ".*".into();
        out["current"] = json!({"text": ["All"], "value": ["$__all"]});
    }
    out
}

/// Alerts of a severity as marks on every chart, off at first. A mark stands where the alert's condition
/// became true: its time is the value of a series, for what fires from one sample to the next would be a
/// filled region over everything.
fn alerts(severity: &str, colour: &str) -> Value {
    let since = crate::select::firing_since(&format!("severity=\"{severity}\""));
    json!({
        "name": format!("{}{} alerts", severity[..1].to_uppercase(), &severity[1..]),
        "enable": false, "hide": false, "iconColor": colour, "datasource": datasource(),
        "expr": format!("max by (alertname, namespace, model, model_name, pod) ({since})"),
        "step": "60s", "titleFormat": "{{alertname}}", "textFormat": "{{model}} {{pod}}", "tagKeys": "namespace,model_name,pod",
        "useValueForTime": true,
    })
}

/// Panels flow from left to right; a folded row holds its own.
fn rows(rows: &[Row], step: Option<u32>) -> Vec<Value> {
    let mut out = Vec::new();
    let (mut id, mut y) = (0, 0);
    for row in rows {
        id += 1;
        let header = id;
        let top = y;
        let (mut x, mut height) = (0, 0);
        y += u32::from(!row.title.is_empty());
        let mut panels = Vec::new();
        for panel in &row.panels {
            if x + panel.width > 24 {
                y += height;
                (x, height) = (0, 0);
            }
            id += 1;
            panels.push(panel::panel(panel, id, x, y, step));
            x += panel.width;
            height = height.max(panel.height);
        }
        y += height;
        if row.title.is_empty() {
            out.extend(panels);
            continue;
        }
        let mut head = json!({
            "type": "row", "id": header, "title": row.title, "collapsed": row.folded,
            "gridPos": {"x": 0, "y": top, "w": 24, "h": 1}, "panels": [],
        });
        if row.folded {
            head["panels"] = panels.into();
            out.push(head);
        } else {
            out.push(head);
            out.extend(panels);
        }
    }
    out
}

/// Spans that say why their trace is kept, with what they say. A model is what the policy takes for one: the
/// resource attribute that the chart gives its servers, else the service's name.
fn kept_spans() -> String {
    let said =
        ["reason", "cause", "value", "limit"].map(|name| format!("span.vllm.sampling.{name}"));
    format!(
        r#"{{ span.vllm.sampling.reason =~ "$reason" && $cause && (resource.gen_ai.response.model =~ "$model" || resource.service.name =~ "$model") }} | select({})"#,
        said.join(", "),
    )
}

/// Kept traces, the newest first, as the data source is asked for them.
fn traces_target(store: TraceStore) -> Value {
    let mut out = match store {
        TraceStore::Tempo => json!({
            "queryType": "traceql", "tableType": "spans", "limit": 50, "spss": 1,
            "query": kept_spans(),
        }),
        TraceStore::Jaeger => json!({
            "queryType": "search", "service": "$service", "operation": "llm_request", "tags": "$tags", "limit": 50,
        }),
    };
    out["refId"] = "A".into();
    out["datasource"] = json!({"type": store.plugin(), "uid": "${traces}"});
    out
}
