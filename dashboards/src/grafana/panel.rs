//! A panel of Grafana.

use serde_json::{Value, json};

use super::format::{letter, steps, unit};
use super::{UID, datasource, names, table};
use crate::boards::title;
use crate::model::{Hue, Kind, LIMIT, Panel, Query, Stroke, Style, Unit};

/// Of an axis: without minutes, of which round numbers of seconds are odd ones (6.67 mins).
fn axis_unit(of: Unit) -> &'static str {
    match of {
        Unit::Seconds => "suffix:s",
        Unit::Count => "short",
        of => unit(of),
    }
}

/// Where a scale ends that has nothing but zeros: Grafana's own end is 100.
fn at_least(of: Unit) -> Option<f64> {
    match of {
        Unit::Ratio | Unit::Seconds | Unit::Brief | Unit::Celsius => None,
        Unit::SmallRatio => Some(0.01),
        _ => Some(1.0),
    }
}

/// The text behind the panel's (i).
#[must_use]
pub fn description(panel: &Panel) -> String {
    let mut text = panel.read.to_owned();
    let strokes = key(panel);
    if !strokes.is_empty() {
        text += &format!("\n\n{strokes}");
    }
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

/// Which stroke is what, where one colour is one model's and its legend has the first line alone.
fn key(panel: &Panel) -> String {
    if !folds_legend(panel) {
        return String::new();
    }
    let words: Vec<String> = panel
        .queries
        .iter()
        .filter_map(|query| match query.style {
            Style::Line(_, stroke) => {
                let (_, ending) = query.legend.rsplit_once("}}")?;
                let stroke = match stroke {
                    Stroke::Solid => "solid",
                    Stroke::Dashed => "dashed",
                    Stroke::Dotted => "dotted",
                    Stroke::DashDot => "dashes and dots",
                };
                Some(format!("{stroke}: {}", ending.trim()))
            }
            Style::Limit => None,
        })
        .collect();
    format!("Lines, one colour a model: {}.", words.join(", "))
}

/// Whether several lines of each series differ by stroke: three and more would fill half a panel with
/// their legend.
fn folds_legend(panel: &Panel) -> bool {
    let lines = panel
        .queries
        .iter()
        .filter(|query| matches!(query.style, Style::Line(..)) && names::by_label(&query.legend));
    matches!(panel.kind, Kind::Lines | Kind::Signed) && lines.count() > 2
}

/// The panel at its place.
pub(super) fn panel(of: &Panel, id: u32, x: u32, y: u32, step: Option<u32>) -> Value {
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
        .map(|(i, q)| target(of.kind, q, i, step))
        .collect();
    let mut defaults = json!({"unit": unit(of.unit), "noValue": of.empty});
    if of.kind == Kind::Signed {
        defaults["min"] = (-1).into();
        defaults["max"] = 1.into();
    }
    if of.kind != Kind::Signed {
        defaults["min"] = 0.into();
    }
    if of.unit == Unit::Ratio {
        defaults["max"] = 1.into();
    }
    let mut overrides = Vec::new();
    match of.kind {
        Kind::Lines | Kind::Signed | Kind::Stacked => {
            defaults["unit"] = axis_unit(of.unit).into();
            defaults["custom"] = custom(of.kind == Kind::Stacked);
            if let Some(end) = at_least(of.unit) {
                defaults["custom"]["axisSoftMax"] = end.into();
            }
            // In a series' own configuration Grafana shows it in tooltips, a line for each missing value.
            overrides.push(json!({"matcher": {"id": "byRegexp", "options": "/.*/"}, "properties": [{"id": "noValue", "value": null}]}));
            let folds = folds_legend(of);
            overrides.extend(
                of.queries
                    .iter()
                    .enumerate()
                    .map(|(i, q)| strokes(q, i, of.kind, folds)),
            );
            out["options"] = json!({
                "legend": {"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []},
                "tooltip": {"mode": "multi", "sort": "desc"},
            });
        }
        Kind::Stat => {
            defaults["noValue"] = "–".into();
            defaults["color"] = json!({"mode": "fixed", "fixedColor": "text"});
            if of.unit == Unit::Count {
                defaults["decimals"] = 0.into();
            }
            overrides.extend(
                of.queries
                    .iter()
                    .enumerate()
                    .filter_map(|(i, q)| value(q, i)),
            );
            out["options"] = json!({
                "reduceOptions": {"values": false, "calcs": ["lastNotNull"], "fields": ""},
                "orientation": "auto", "textMode": if of.queries.len() > 1 { "value_and_name" } else { "auto" }, "wideLayout": true, "colorMode": "value",
                "graphMode": "none", "justifyMode": "auto",
            });
        }
        Kind::Table { rows, to_replica } => {
            defaults["custom"] = table::defaults();
            overrides = table::columns(of, rows, to_replica);
            out["transformations"] = table::transformations(of, rows);
            out["options"] = json!({"showHeader": true, "cellHeight": "sm", "sortBy": []});
        }
        Kind::Alerts => {
            defaults["custom"] = table::defaults();
            overrides = table::alert_columns();
            out["transformations"] = table::alert_transformations();
            out["options"] = json!({"showHeader": true, "cellHeight": "sm", "sortBy": [
                {"displayName": "Severity", "desc": true}, {"displayName": "Since", "desc": true},
            ]});
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
        Kind::Table { .. } | Kind::Alerts | Kind::Traces(_) => "table",
        Kind::Heatmap => "heatmap",
        Kind::Text => "text",
    }
}

fn target(kind: Kind, query: &Query, number: usize, step: Option<u32>) -> Value {
    let (instant, format) = match kind {
        Kind::Table { .. } | Kind::Alerts => (true, "table"),
        Kind::Stat => (true, "time_series"),
        Kind::Heatmap => (false, "heatmap"),
        _ => (false, "time_series"),
    };
    let mut out = json!({
        "refId": letter(number), "datasource": datasource(), "expr": query.expr, "legendFormat": names::coloured_by_label(&query.legend),
        "range": !instant, "instant": instant, "format": format, "editorMode": "code",
    });
    if let Some(step) = step.filter(|_| !instant) {
        out["interval"] = format!("{step}s").into();
    }
    if kind == Kind::Stat {
        out["legendFormat"] = query.legend.clone().into();
    } else if instant {
        out["legendFormat"] = "".into();
    }
    out
}

/// A large value: its colour by thresholds, and its own unit.
fn value(query: &Query, number: usize) -> Option<Value> {
    let mut properties = Vec::new();
    if let Some(its) = query.unit {
        properties.push(json!({"id": "unit", "value": unit(its)}));
        if its == Unit::Count {
            properties.push(json!({"id": "decimals", "value": 0}));
        }
    }
    if let Some(bounds) = query.bounds {
        properties.push(json!({"id": "color", "value": {"mode": "thresholds"}}));
        properties.push(json!({"id": "thresholds", "value": steps(bounds, "dark-green")}));
    }
    let matcher = json!({"id": "byFrameRefID", "options": letter(number)});
    (!properties.is_empty()).then(|| json!({"matcher": matcher, "properties": properties}))
}

fn custom(stacked: bool) -> Value {
    json!({
        "drawStyle": "line", "lineInterpolation": "linear", "lineWidth": if stacked { 1 } else { 2 },
        "fillOpacity": if stacked { 40 } else { 0 }, "showPoints": "never", "spanNulls": false,
        "stacking": {"mode": if stacked { "normal" } else { "none" }, "group": "A"},
    })
}

/// Colour and stroke of a query's lines.
fn strokes(query: &Query, number: usize, kind: Kind, folds_legend: bool) -> Value {
    let by_name = json!({"mode": "palette-classic-by-name"});
    let (colour, stroke) = match query.style {
        Style::Limit => (
            json!({"mode": "fixed", "fixedColor": LIMIT}),
            Stroke::Dashed,
        ),
        Style::Line(_, stroke) if names::by_label(&query.legend) => (
            by_name,
            if kind == Kind::Stacked {
                Stroke::Solid
            } else {
                stroke
            },
        ),
        Style::Line(hue, _) if kind == Kind::Stacked => (fixed(hue), Stroke::Solid),
        Style::Line(hue, stroke) => (fixed(hue), stroke),
    };
    let dash = match (query.style, stroke) {
        // Thresholds have a stroke of their own.
        (Style::Limit, _) => json!({"fill": "dash", "dash": [4, 4]}),
        (_, Stroke::Solid) => json!({"fill": "solid"}),
        (_, Stroke::Dashed) => json!({"fill": "dash", "dash": [12, 6]}),
        (_, Stroke::Dotted) => json!({"fill": "dot", "dash": [1, 6]}),
        (_, Stroke::DashDot) => json!({"fill": "dash", "dash": [16, 5, 2, 5]}),
    };
    let mut properties = vec![
        json!({"id": "color", "value": colour}),
        json!({"id": "custom.lineStyle", "value": dash}),
    ];
    if query.style == Style::Limit {
        properties.push(json!({"id": "custom.lineWidth", "value": 1}));
        properties.push(json!({"id": "custom.fillOpacity", "value": 0}));
        properties
            .push(json!({"id": "custom.stacking", "value": {"mode": "none", "group": "limit"}}));
    }
    if folds_legend && number > 0 && query.style != Style::Limit {
        properties.push(json!({"id": "custom.hideFrom", "value": {"legend": true, "tooltip": false, "viz": false}}));
    }
    json!({
        "matcher": {"id": "byFrameRefID", "options": letter(number)},
        "properties": properties,
    })
}

/// A colour by Grafana's name, which has a shade for each theme.
fn fixed(hue: Hue) -> Value {
    let name = match hue {
        Hue::Blue => "blue",
        Hue::Orange => "purple",
        Hue::Green => "dark-green",
        Hue::SkyBlue => "semi-dark-blue",
        // Black or white: a shade of purple is not told from the purple above.
        Hue::Purple => "text",
        Hue::Yellow => "dark-yellow",
    };
    json!({"mode": "fixed", "fixedColor": name})
}
