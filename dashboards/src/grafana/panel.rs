//! A panel of Grafana.

use serde_json::{Value, json};

use super::{UID, datasource};
use crate::boards::title;
use crate::model::{Kind, LIMIT, Panel, Query, Stroke, Style, Unit};

/// Grafana's name of a unit.
fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Count => "short",
        Unit::Seconds => "s",
        Unit::RequestsPerSecond => "reqps",
        Unit::TokensPerSecond => "si:tok/s",
        Unit::Tokens => "si:tok",
        Unit::SpansPerSecond => "si:spans/s",
        Unit::PerSecond => "ops",
        Unit::Ratio | Unit::SmallRatio => "percentunit",
        Unit::Times => "suffix:×",
        Unit::Bytes => "bytes",
        Unit::BytesPerSecond => "Bps",
        Unit::Celsius => "celsius",
    }
}

/// The text behind the panel's (i).
#[must_use]
pub fn description(panel: &Panel) -> String {
    let mut text = panel.read.to_owned();
    if !panel.alerts.is_empty() {
        let word = if panel.alerts.len() == 1 {
            "Alert"
        } else {
            "Alerts"
        };
        text += &format!("\n\n{word}: {}.", panel.alerts.join(", "));
    }
    if !panel.empty.is_empty() {
        text += &format!("\n\nEmpty: {}", panel.empty);
    }
    text
}

/// The panel at its place.
pub(super) fn panel(of: &Panel, id: u32, x: u32, y: u32) -> Value {
    let mut out = json!({
        "type": plugin(of.kind), "id": id, "title": of.title, "description": description(of),
        "gridPos": {"x": x, "y": y, "w": of.width, "h": of.height},
    });
    if !of.leads.is_empty() {
        out["links"] = of.leads.iter().map(|slug| link(slug)).collect();
    }
    if of.kind == Kind::Text {
        out["options"] = json!({"mode": "markdown", "content": of.read});
        return out;
    }
    if let Kind::Traces(store) = of.kind {
        out["datasource"] = json!({"type": store.plugin(), "uid": "${traces}"});
        out["targets"] = json!([super::traces_target(store)]);
        out["fieldConfig"] = json!({"defaults": {"noValue": of.empty}, "overrides": []});
        out["options"] = json!({"showHeader": true});
        return out;
    }
    out["datasource"] = datasource();
    out["targets"] = of
        .queries
        .iter()
        .enumerate()
        .map(|(i, q)| target(of.kind, q, i))
        .collect();
    let mut defaults = json!({"unit": unit(of.unit), "noValue": of.empty});
    if of.kind != Kind::Signed {
        defaults["min"] = 0.into();
    }
    if of.unit == Unit::Ratio {
        defaults["max"] = 1.into();
    }
    let mut overrides = Vec::new();
    match of.kind {
        Kind::Lines | Kind::Signed | Kind::Stacked => {
            defaults["custom"] = custom(of.kind == Kind::Stacked);
            overrides.extend(
                of.queries
                    .iter()
                    .enumerate()
                    .map(|(i, q)| strokes(q, i, of.kind)),
            );
            out["options"] = json!({
                "legend": {"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []},
                "tooltip": {"mode": "multi", "sort": "desc"},
            });
        }
        Kind::Stat => {
            defaults["color"] =
                json!({"mode": "fixed", "fixedColor": crate::model::Hue::Blue.hex()});
            out["options"] = json!({
                "reduceOptions": {"values": false, "calcs": ["lastNotNull"], "fields": ""},
                "orientation": "auto", "textMode": "auto", "wideLayout": true, "colorMode": "value",
                "graphMode": "area", "justifyMode": "auto",
            });
        }
        Kind::Table { rows, to_replica } => {
            overrides = columns(of, rows, to_replica);
            out["transformations"] = transformations(of, rows);
            out["options"] = json!({"showHeader": true, "cellHeight": "sm", "sortBy": []});
        }
        Kind::Heatmap => {
            out["options"] = json!({
                "calculate": false, "cellGap": 1,
                "color": {"mode": "scheme", "scheme": "Cividis", "scale": "exponential", "exponent": 0.5, "steps": 64, "reverse": false, "fill": LIMIT},
                "yAxis": {"axisPlacement": "left", "unit": unit(of.unit), "reverse": false},
                "rowsFrame": {"layout": "auto"}, "legend": {"show": true}, "exemplars": {"color": LIMIT},
                "tooltip": {"mode": "single", "showColorScale": false, "yHistogram": false}, "showValue": "never",
                "cellValues": {"unit": "reqps"},
            });
        }
        Kind::Text | Kind::Traces(_) => {}
    }
    out["fieldConfig"] = json!({"defaults": defaults, "overrides": overrides});
    out
}

/// To another dashboard, with the time and every choice at the top: by its URL, for a panel's link does
/// not read `keepTime` and `includeVars`, which its type wants all the same.
fn link(slug: &str) -> Value {
    json!({
        "type": "link", "title": title(slug), "tags": [], "icon": "", "tooltip": "",
        "asDropdown": false, "includeVars": false, "keepTime": false, "targetBlank": false,
        "url": format!("/d/{UID}{slug}?${{__url_time_range}}&${{__all_variables}}"),
    })
}

fn plugin(kind: Kind) -> &'static str {
    match kind {
        Kind::Stat => "stat",
        Kind::Lines | Kind::Signed | Kind::Stacked => "timeseries",
        Kind::Table { .. } | Kind::Traces(_) => "table",
        Kind::Heatmap => "heatmap",
        Kind::Text => "text",
    }
}

/// `A`, `B`, …
fn letter(number: usize) -> String {
    char::from(b'A' + u8::try_from(number).unwrap_or(25)).to_string()
}

fn target(kind: Kind, query: &Query, number: usize) -> Value {
    let (instant, format) = match kind {
        Kind::Table { .. } => (true, "table"),
        Kind::Heatmap => (false, "heatmap"),
        _ => (false, "time_series"),
    };
    let mut out = json!({
        "refId": letter(number), "datasource": datasource(), "expr": query.expr, "legendFormat": query.legend,
        "range": !instant, "instant": instant, "format": format, "editorMode": "code",
    });
    if instant {
        out["legendFormat"] = "".into();
    }
    out
}

fn custom(stacked: bool) -> Value {
    json!({
        "drawStyle": "line", "lineInterpolation": "linear", "lineWidth": if stacked { 1 } else { 2 },
        "fillOpacity": if stacked { 40 } else { 0 }, "showPoints": "never", "spanNulls": false,
        "stacking": {"mode": if stacked { "normal" } else { "none" }, "group": "A"},
    })
}

/// Colour and stroke of a query's lines.
fn strokes(query: &Query, number: usize, kind: Kind) -> Value {
    let (colour, stroke) = match query.style {
        Style::Limit => (
            json!({"mode": "fixed", "fixedColor": LIMIT}),
            Stroke::Dashed,
        ),
        // The parts of a whole are named by their values: Grafana's own colours, by name.
        Style::Line(..) if kind == Kind::Stacked => {
            (json!({"mode": "palette-classic-by-name"}), Stroke::Solid)
        }
        Style::Line(hue, stroke) => (json!({"mode": "shades", "fixedColor": hue.hex()}), stroke),
    };
    let dash = match stroke {
        Stroke::Solid => json!({"fill": "solid"}),
        Stroke::Dashed => json!({"fill": "dash", "dash": [10, 6]}),
        Stroke::Dotted => json!({"fill": "dot", "dash": [2, 6]}),
    };
    json!({
        "matcher": {"id": "byFrameRefID", "options": letter(number)},
        "properties": [{"id": "color", "value": colour}, {"id": "custom.lineStyle", "value": dash}],
    })
}

/// Each query's value is one column, and rows with the same labels are one row.
fn transformations(of: &Panel, rows: &[(&str, &str)]) -> Value {
    let mut names = serde_json::Map::new();
    let mut order = serde_json::Map::new();
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
    let first = of.queries.first().map_or("", |q| &q.legend);
    json!([
        {"id": "merge", "options": {}},
        {"id": "organize", "options": {"excludeByName": {"Time": true}, "renameByName": names, "indexByName": order}},
        {"id": "sortBy", "options": {"fields": {}, "sort": [{"field": first, "desc": true}]}},
    ])
}

fn columns(of: &Panel, rows: &[(&str, &str)], to_replica: bool) -> Vec<Value> {
    let mut overrides: Vec<Value> = of
        .queries
        .iter()
        .map(|query| {
            json!({
                "matcher": {"id": "byName", "options": query.legend},
                "properties": [{"id": "unit", "value": unit(query.unit.unwrap_or(of.unit))}, {"id": "decimals", "value": 2}],
            })
        })
        .collect();
    if to_replica {
        let heading = |label| {
            rows.iter()
                .find(|(l, _)| *l == label)
                .map_or(label, |(_, h)| *h)
        };
        let url = format!(
            "/d/{UID}replica?${{__url_time_range}}&${{datasource:queryparam}}&${{cluster:queryparam}}&${{release:queryparam}}&var-namespace=${{__data.fields.{}}}&var-model=${{__data.fields.{}}}&var-pod=${{__value.text}}",
            heading("namespace"),
            heading("model_name"),
        );
        overrides.push(json!({
            "matcher": {"id": "byName", "options": heading("pod")},
            "properties": [{"id": "links", "value": [{"title": "Open this replica", "url": url}]}],
        }));
    }
    overrides
}
