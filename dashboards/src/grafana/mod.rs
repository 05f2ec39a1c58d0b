//! Grafana's JSON (schema version 39, Grafana 10.4 and later), as a sidecar or a provider reads it
//! and as people import it.

mod panel;

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
    if board.trace_store() == Some(TraceStore::Jaeger) {
        variables.push(service());
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
        "time": {"from": "now-3h", "to": "now"},
        "timepicker": {},
        "fiscalYearStartMonth": 0,
        "annotations": {"list": [alerts()]},
        "links": [{
            "type": "dashboards", "title": "vLLM", "tags": [TAG], "icon": "external link", "tooltip": "", "url": "",
            "asDropdown": false, "includeVars": true, "keepTime": true, "targetBlank": false,
        }],
        "templating": {"list": variables},
        "panels": rows(&board.rows),
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

fn variable(of: &Variable) -> Value {
    let query = format!("label_values({}, {})", of.series, of.of);
    let mut out = json!({
        "name": of.name, "label": of.label, "type": "query", "datasource": datasource(),
        "query": {"query": query, "refId": of.name},
        "refresh": 2, "regex": "", "sort": 1, "hide": 0, "skipUrlSync": false, "options": [],
        "multi": !of.one, "includeAll": !of.one,
    });
    if !of.one {
        // Matches where the label is not there at all, too.
        out["allValue"] = ".*".into();
        out["current"] = json!({"text": ["All"], "value": ["$__all"]});
    }
    out
}

/// Alerts as marks on every chart.
fn alerts() -> Value {
    let firing = crate::select::other("ALERTS", r#"alertstate="firing""#);
    json!({
        "name": "Alerts", "enable": true, "hide": false, "iconColor": crate::model::LIMIT, "datasource": datasource(),
        "expr": format!("max by (alertname, severity, namespace, model_name) ({firing})"),
        "step": "60s", "titleFormat": "{{alertname}}", "tagKeys": "severity,namespace,model_name",
        "useValueForTime": false,
    })
}

/// Panels flow from left to right; a folded row holds its own.
fn rows(rows: &[Row]) -> Vec<Value> {
    let mut out = Vec::new();
    let (mut id, mut y) = (0, 0);
    for row in rows {
        id += 1;
        let header = id;
        let top = y;
        let (mut x, mut height) = (0, 0);
        y += 1;
        let mut panels = Vec::new();
        for panel in &row.panels {
            if x + panel.width > 24 {
                y += height;
                (x, height) = (0, 0);
            }
            id += 1;
            panels.push(panel::panel(panel, id, x, y));
            x += panel.width;
            height = height.max(panel.height);
        }
        y += height;
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

/// Kept traces, the newest first, as the data source is asked for them.
fn traces_target(store: TraceStore) -> Value {
    let mut out = match store {
        TraceStore::Tempo => json!({
            "queryType": "traceql", "tableType": "traces", "limit": 20,
            "query": r#"{ name = "llm_request" }"#,
        }),
        TraceStore::Jaeger => json!({
            "queryType": "search", "service": "$service", "operation": "llm_request", "limit": 20,
        }),
    };
    out["refId"] = "A".into();
    out["datasource"] = json!({"type": store.plugin(), "uid": "${traces}"});
    out
}
