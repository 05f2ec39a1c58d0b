//! Tables of Grafana: what a row is, what its cells look like, and where they lead.

use serde_json::{Map, Value, json};

use super::UID;
use super::format::{letter, steps, unit};
use crate::boards::alerts::SEVERITIES;
use crate::limits;
use crate::model::{Panel, Query, Unit};

/// Pixels that the narrowest column has; Grafana's own 150 would push columns out of a panel's sight.
const NARROWEST: u32 = 60;

/// What every table has.
pub(super) fn defaults() -> Value {
    json!({"minWidth": NARROWEST, "align": "auto", "cellOptions": {"type": "auto"}, "inspect": false})
}

pub(super) fn by_name(name: &str, properties: Value) -> Value {
    json!({"matcher": {"id": "byName", "options": name}, "properties": properties})
}

/// A column of names, which are wrapped: what tells two models or pods apart is often their end. Grafana 12
/// has another property for it than those before.
fn name(narrowest: u32) -> Value {
    json!([
        {"id": "custom.minWidth", "value": narrowest},
        {"id": "custom.wrapText", "value": true},
        {"id": "custom.cellOptions", "value": {"type": "auto", "wrapText": true}},
    ])
}

/// Grafana 12 has another property for it than those before.
fn hidden() -> Value {
    json!([
        {"id": "custom.hidden", "value": true},
        {"id": "custom.hideFrom", "value": {"viz": true, "legend": false, "tooltip": false}},
    ])
}

/// In an empty cell.
pub(super) fn dashes() -> Value {
    json!({"matcher": {"id": "byRegexp", "options": "/.*/"}, "properties": [{"id": "noValue", "value": "–"}]})
}

/// Each query's value is one column, and rows with the same labels are one row.
pub(super) fn transformations(of: &Panel, rows: &[(&str, &str)]) -> Value {
    let first = of.queries.first().map_or("", |q| &q.legend);
    let mut all = joined(of, rows);
    all.push(json!({"id": "sortBy", "options": {"fields": {}, "sort": [{"field": first, "desc": true}]}}));
    all.into()
}

fn joined(of: &Panel, rows: &[(&str, &str)]) -> Vec<Value> {
    let mut names = Map::new();
    let mut order = Map::new();
    for (label, heading) in rows {
        names.insert((*label).to_owned(), (*heading).into());
        order.insert((*label).to_owned(), order.len().into());
    }
    for (i, query) in of.queries.iter().enumerate() {
        let field = if of.queries.len() == 1 {
            "Value".to_owned()
        } else {
            format!("Value #{}", letter(i))
        };
        names.insert(field.clone(), query.legend.clone().into());
        order.insert(field, order.len().into());
    }
    vec![
        json!({"id": "merge", "options": {}}),
        json!({"id": "organize", "options": {"excludeByName": {"Time": true}, "renameByName": names, "indexByName": order}}),
    ]
}

fn decimals(unit: Unit) -> Option<u32> {
    match unit {
        Unit::Count | Unit::Tokens | Unit::TokensPerSecond => Some(0),
        Unit::Ratio => Some(0),
        Unit::SmallRatio | Unit::RequestsPerSecond | Unit::Times => Some(2),
        _ => None,
    }
}

/// Pixels of a column of numbers: as wide as its heading, or as a value of its unit. What is left is for
/// names; Grafana would give all columns the same.
fn width(heading: &str, unit: Unit) -> u32 {
    let letters = u32::try_from(heading.chars().count()).unwrap_or(0);
    let value = match unit {
        Unit::Seconds => 90,
        Unit::RequestsPerSecond => 90,
        _ => 66,
    };
    value.max(letters * 8 + 14)
}

fn column(query: &Query, of: &Panel) -> Value {
    let its = query.unit.unwrap_or(of.unit);
    let mut properties = vec![
        json!({"id": "unit", "value": unit(its)}),
        json!({"id": "custom.width", "value": width(&query.legend, its)}),
    ];
    if let Some(decimals) = decimals(its) {
        properties.push(json!({"id": "decimals", "value": decimals}));
    }
    if let Some(bounds) = query.bounds {
        properties.push(json!({"id": "custom.cellOptions", "value": {"type": "color-text"}}));
        properties.push(json!({"id": "color", "value": {"mode": "thresholds"}}));
        properties.push(json!({"id": "thresholds", "value": steps(bounds, "text")}));
    }
    by_name(&query.legend, properties.into())
}

pub(super) fn columns(of: &Panel, rows: &[(&str, &str)], to_replica: bool) -> Vec<Value> {
    let mut overrides = vec![dashes()];
    overrides.extend(of.queries.iter().map(|query| column(query, of)));
    let heading = |label| rows.iter().find(|(l, _)| *l == label).map(|(_, h)| *h);
    // A narrow table has no room for what is the same in most rows; links read it all the same.
    if of.width < 24
        && let Some(namespace) = heading("namespace")
    {
        overrides.push(by_name(namespace, hidden()));
    }
    if let Some(model) = heading("model_name") {
        overrides.push(by_name(model, name(130)));
    }
    if to_replica
        && let (Some(namespace), Some(model), Some(pod)) =
            (heading("namespace"), heading("model_name"), heading("pod"))
    {
        let url = format!(
            "/d/{UID}replica?${{__url_time_range}}&${{datasource:queryparam}}&${{cluster:queryparam}}&${{release:queryparam}}&var-namespace=${{__data.fields.{namespace}}}&var-model=${{__data.fields.{model}}}&var-pod=${{__value.text}}",
        );
        overrides.push(by_name(pod, name(140)));
        overrides.push(by_name(
            pod,
            json!([{"id": "links", "value": [{"title": "Open this replica", "url": url}]}]),
        ));
    }
    overrides
}

/// Columns of the alerts, in their order; the others carry what links need.
const ALERTS: [(&str, &str, Option<u32>); 6] = [
    ("Value #A", "Severity", Some(84)),
    ("alertname", "Alert", Some(255)),
    ("model_name", "Model", None),
    ("model", "Entry", None),
    ("pod", "Pod", Some(80)),
    ("Value #B", "Since", Some(124)),
];
/// Not shown.
const CARRIED: [&str; 9] = [
    "Time",
    "cluster",
    "namespace",
    "vllm_monitoring",
    "board",
    "reason",
    "tags",
    "in_namespace",
    "of_model",
];

pub(super) fn alert_transformations() -> Value {
    let mut names = Map::new();
    let mut order = Map::new();
    for (field, heading, _) in ALERTS {
        names.insert(field.to_owned(), heading.into());
        order.insert(field.to_owned(), order.len().into());
    }
    for field in CARRIED {
        order.insert(field.to_owned(), order.len().into());
    }
    json!([
        {"id": "merge", "options": {}},
        {"id": "organize", "options": {"excludeByName": {"Time": true}, "renameByName": names, "indexByName": order}},
    ])
}

/// Severity by colour, names whole, and links to the runbook and to the dashboard where to look.
pub(super) fn alert_columns() -> Vec<Value> {
    let mut overrides = vec![dashes()];
    for (_, heading, width) in ALERTS {
        if ["Model", "Entry", "Pod"].contains(&heading) {
            overrides.push(by_name(heading, name(80)));
        }
        if let Some(width) = width {
            overrides.push(by_name(
                heading,
                json!([{"id": "custom.width", "value": width}]),
            ));
        }
    }
    for field in CARRIED {
        overrides.push(by_name(field, hidden()));
    }
    let colours = ["text", "blue", "dark-orange", "red"];
    let words: Map<String, Value> = SEVERITIES
        .iter()
        .zip(colours)
        .map(|((rank, word), colour)| {
            (
                rank.to_string(),
                json!({"text": word, "color": colour, "index": 3 - rank}),
            )
        })
        .collect();
    overrides.push(by_name(
        "Severity",
        json!([
            {"id": "mappings", "value": [{"type": "value", "options": words}]},
            {"id": "custom.cellOptions", "value": {"type": "color-text"}},
            {"id": "custom.align", "value": "left"},
        ]),
    ));
    overrides.push(by_name(
        "Since",
        json!([{"id": "unit", "value": "dateTimeFromNow"}]),
    ));
    let carried =
        "${__url_time_range}&${datasource:queryparam}&${cluster:queryparam}&${release:queryparam}";
    overrides.push(by_name("Alert", json!([{"id": "links", "value": [
        {"title": "Dashboard", "url": format!("/d/{UID}${{__data.fields.board}}?{carried}&var-namespace=${{__data.fields.in_namespace}}&var-model=${{__data.fields.of_model}}&var-pod=${{__data.fields.Pod}}&var-reason=${{__data.fields.reason}}&var-tags=${{__data.fields.tags}}")},
        {"title": "Runbook", "targetBlank": true, "url": format!("{}/${{__value.text}}.md", limits::runbooks())},
    ]}])));
    overrides
}
