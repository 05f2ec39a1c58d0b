//! Perses' JSON (`kind: Dashboard`), for Perses itself and for the page without a server.
//!
//! Perses says only "No data" where Grafana gives the reason, so the reason stands in the
//! description. Heatmaps of classic buckets and tables of traces have no twin.

use serde_json::{Value, json};

use crate::boards::title;
use crate::grafana;
use crate::limits;
use crate::model::{
    Bounds, Dashboard, Hue, Kind, LIMIT, Panel, Query, Stroke, Style, Unit, Variable,
};

/// The project of all dashboards.
pub const PROJECT: &str = "vllm-monitoring";

/// The dashboard.
#[must_use]
pub fn dashboard(board: &Dashboard) -> Value {
    let mut panels = serde_json::Map::new();
    let mut layouts = Vec::new();
    for (r, row) in board.rows.iter().enumerate() {
        let drawn = row
            .panels
            .iter()
            .filter(|p| !matches!(p.kind, Kind::Heatmap | Kind::Traces(_)))
            .flat_map(each_value);
        let (mut x, mut y, mut height) = (0, 0, 0);
        let mut items = Vec::new();
        for (p, (title, panel)) in drawn.enumerate() {
            if x + panel.width > 24 {
                y += height;
                (x, height) = (0, 0);
            }
            let key = format!("r{r}p{p}");
            items.push(json!({
                "x": x, "y": y, "width": panel.width, "height": panel.height,
                "content": {"$ref": format!("#/spec/panels/{key}")},
            }));
            panels.insert(key, self::panel(&title, &panel, &board.variables));
            x += panel.width;
            height = height.max(panel.height);
        }
        layouts.push(json!({
            "kind": "Grid",
            "spec": {"display": {"title": if row.title.is_empty() { "Now" } else { row.title }, "collapse": {"open": !row.folded}}, "items": items},
        }));
    }
    json!({
        "kind": "Dashboard",
        "metadata": {"name": board.slug, "project": PROJECT},
        "spec": {
            "display": {"name": board.title, "description": board.about},
            "duration": board.shows,
            "refreshInterval": "30s",
            "variables": board.variables.iter().map(variable).collect::<Vec<_>>(),
            "panels": panels,
            "layouts": layouts,
        },
    })
}

/// Perses' large values have one unit a panel: a panel for each.
fn each_value(panel: &Panel) -> Vec<(String, Panel)> {
    let values = u32::try_from(panel.queries.len()).unwrap_or(1);
    if panel.kind != Kind::Stat || values < 2 {
        return vec![(panel.title.to_owned(), panel.clone())];
    }
    let one = |query: &Query| {
        let panel = Panel {
            unit: query.unit.unwrap_or(panel.unit),
            width: panel.width / values,
            queries: vec![query.clone()],
            ..panel.clone()
        };
        (name(query), panel)
    };
    panel.queries.iter().map(one).collect()
}

/// Without the labels that Grafana's text has and the number of Perses does not.
fn name(query: &Query) -> String {
    if query.number.is_none() {
        return query.legend.clone();
    }
    let words = query
        .legend
        .rsplit_once("}}")
        .map_or("", |(_, words)| words.trim());
    words[..1.min(words.len())].to_uppercase() + words.get(1..).unwrap_or_default()
}

fn variable(of: &Variable) -> Value {
    let mut spec = json!({
        "name": of.name,
        "display": {"name": of.label, "hidden": of.hidden},
        "allowAllValue": !of.one, "allowMultiple": !of.one, "sort": "alphabetical-asc",
        "plugin": {"kind": "PrometheusLabelValuesVariable", "spec": {"labelName": of.of, "matchers": [of.series]}},
    });
    if !of.one {
        spec["customAllValue"] = ".*".into();
        spec["defaultValue"] = "$__all".into();
    }
    json!({"kind": "ListVariable", "spec": spec})
}

/// Perses' name of a unit. Without decimals it writes three significant digits.
fn format(unit: Unit) -> Value {
    match unit {
        Unit::Count | Unit::YesNo | Unit::Tokens | Unit::Times | Unit::Celsius => {
            json!({"unit": "decimal", "shortValues": true})
        }
        Unit::Seconds | Unit::Brief => json!({"unit": "seconds"}),
        Unit::RequestsPerSecond => json!({"unit": "requests/sec", "shortValues": true}),
        Unit::TokensPerSecond | Unit::SpansPerSecond | Unit::PerSecond => {
            json!({"unit": "counts/sec", "shortValues": true})
        }
        Unit::Ratio => json!({"unit": "percent-decimal"}),
        // 99.95 % is not 100 %.
        Unit::SmallRatio => json!({"unit": "percent-decimal", "decimalPlaces": 2}),
        Unit::Bytes => json!({"unit": "bytes", "shortValues": true}),
        Unit::BytesPerSecond => json!({"unit": "bytes/sec", "shortValues": true}),
    }
}

fn panel(title: &str, of: &Panel, variables: &[Variable]) -> Value {
    let plugin = match of.kind {
        Kind::Stat => json!({"kind": "StatChart", "spec": {
            "calculation": "last-number", "format": format(of.unit), "sparkline": {"width": 1},
            "thresholds": thresholds(of.queries.first().and_then(|query| query.bounds)),
        }}),
        Kind::Table { rows, .. } => table(of, rows),
        Kind::Alerts => table(of, &ALERTS),
        Kind::Text => json!({"kind": "Markdown", "spec": {"text": of.read}}),
        Kind::Lines | Kind::Signed | Kind::Stacked | Kind::Heatmap | Kind::Traces(_) => chart(of),
    };
    let queries: Vec<Value> = of.queries.iter().map(query).collect();
    let mut spec = json!({
        "display": {"name": title, "description": grafana::description(of)},
        "plugin": plugin,
        "queries": queries,
    });
    if !of.leads.is_empty() {
        spec["links"] = of.leads.iter().map(|slug| link(slug, variables)).collect();
    }
    json!({"kind": "Panel", "spec": spec})
}

/// What tells an alert; Perses' cells have no links.
const ALERTS: [(&str, &str); 5] = [
    ("alertname", "Alert"),
    ("namespace", "Namespace"),
    ("model_name", "Model"),
    ("model", "Entry"),
    ("pod", "Pod"),
];

/// Perses' thresholds begin at 0, so that what is bad when it is low has none.
fn thresholds(bounds: Option<Bounds>) -> Value {
    let (amber, red) = match bounds {
        Some(Bounds::Limit(limit)) if !limits::is_floor(limit) => limits::defaults(limit),
        Some(Bounds::From(amber, red)) => (amber, red),
        Some(Bounds::Limit(_) | Bounds::Below(..)) | None => {
            return json!({"defaultColor": Hue::Blue.hex(), "steps": []});
        }
    };
    let step = |value, color| json!({"value": value, "color": color});
    json!({"defaultColor": Hue::Green.hex(), "steps": [step(amber, Hue::Orange.hex()), step(red, LIMIT)]})
}

/// To another dashboard, with the time and every choice at the top. Relative, for Perses and the page
/// have their dashboards at different places.
fn link(slug: &str, variables: &[Variable]) -> Value {
    let chosen: String = variables
        .iter()
        .map(|v| format!("&var-{0}=${{{0}:percentencode}}", v.name))
        .collect();
    json!({
        "name": title(slug), "tooltip": title(slug), "renderVariables": true, "targetBlank": false,
        "url": format!("{slug}?start=$__from&end=$__to{chosen}"),
    })
}

fn query(of: &Query) -> Value {
    json!({
        "kind": "TimeSeriesQuery",
        "spec": {"plugin": {"kind": "PrometheusTimeSeriesQuery", "spec": {"query": of.number.as_ref().unwrap_or(&of.expr), "seriesNameFormat": if of.number.is_some() { "" } else { &of.legend }}}},
    })
}

fn chart(of: &Panel) -> Value {
    let stacked = of.kind == Kind::Stacked;
    let mut axis = json!({"format": format(of.unit)});
    axis["min"] = if of.kind == Kind::Signed { -1 } else { 0 }.into();
    if of.unit == Unit::Ratio || of.kind == Kind::Signed {
        axis["max"] = 1.into();
    }
    let mut visual = json!({
        "lineWidth": 1.5, "pointRadius": 1, "connectNulls": false, "palette": {"mode": "categorical"},
    });
    if stacked {
        visual["stack"] = "all".into();
        visual["areaOpacity"] = 0.4.into();
    }
    let settings: Vec<Value> = of
        .queries
        .iter()
        .enumerate()
        .filter(|_| !stacked)
        .map(|(i, query)| {
            let (mode, colour, stroke) = match query.style {
                Style::Limit => ("fixed", LIMIT, Stroke::Dashed),
                // Several models are told apart by the palette's colours; the stroke remains.
                Style::Line(hue, stroke) => ("fixed-single", hue.hex(), stroke),
            };
            let stroke = match stroke {
                Stroke::Solid => "solid",
                // Perses has three strokes.
                Stroke::Dashed | Stroke::DashDot => "dashed",
                Stroke::Dotted => "dotted",
            };
            json!({"queryIndex": i, "colorMode": mode, "colorValue": colour, "lineStyle": stroke})
        })
        .collect();
    json!({"kind": "TimeSeriesChart", "spec": {
        "legend": {"position": "bottom", "mode": "list", "size": "small"},
        "yAxis": axis, "visual": visual, "querySettings": settings,
    }})
}

/// Perses tells the labels and values of several queries apart by a number: labels are put together
/// again, and rows joined by all of them.
fn table(of: &Panel, rows: &[(&str, &str)]) -> Value {
    let several = of.queries.len() > 1;
    let mut columns: Vec<Value> = rows
        .iter()
        .map(|(label, heading)| {
            let mut column = json!({"name": label, "header": heading, "enableSorting": true});
            // Of the longest name, and of the longest severity.
            match *label {
                "alertname" => column["width"] = 230.into(),
                "severity" => column["width"] = 80.into(),
                _ => {}
            }
            column
        })
        .collect();
    for (i, query) in of.queries.iter().enumerate() {
        let name = if several {
            format!("value #{}", i + 1)
        } else {
            "value".to_owned()
        };
        let mut column = json!({
            "name": name, "header": query.legend, "enableSorting": true, "align": "right",
            "format": format(query.unit.unwrap_or(of.unit)),
        });
        if i == 0 {
            column["sort"] = "desc".into();
        }
        columns.push(column);
    }
    columns.push(json!({"name": "timestamp", "hide": true}));
    let mut transforms = Vec::new();
    if several {
        transforms.extend(
            rows.iter().map(
                |(label, _)| json!({"kind": "MergeIndexedColumns", "spec": {"column": label}}),
            ),
        );
        let labels: Vec<&str> = rows.iter().map(|(label, _)| *label).collect();
        transforms.push(json!({"kind": "JoinByColumnValue", "spec": {"columns": labels}}));
    }
    json!({"kind": "Table", "spec": {"density": "compact", "columnSettings": columns, "transforms": transforms}})
}
