//! No dashboard fails in silence, and each such mistake would be found.

use dashboards::files;
use dashboards::lint::lint;
use serde_json::{Value, json};

fn written() -> Vec<(String, Value)> {
    let grafana = files::dashboards()
        .into_iter()
        .filter(|(path, _)| !path.contains("perses"));
    grafana
        .filter_map(|(path, text)| Some((path, serde_json::from_str(&text).ok()?)))
        .collect()
}

#[test]
fn every_dashboard_is_clean() {
    let boards = written();
    assert_eq!(boards.len(), 12);
    for (path, board) in boards {
        let found = lint(&board, path.starts_with("dashboards/grafana"));
        assert!(found.is_empty(), "{path}: {found:#?}");
    }
}

#[test]
fn each_mistake_is_found() {
    let boards = written();
    let (_, fleet) = boards
        .iter()
        .find(|(path, _)| path == "chart/dashboards/fleet.json")
        .unwrap();
    let index = |kind: &str| {
        let panels = fleet["panels"].as_array().unwrap();
        panels
            .iter()
            .position(|panel| panel["type"] == kind)
            .unwrap()
    };
    let (stat, table, heatmap) = (index("stat"), index("table"), index("heatmap"));
    let cases: [(&str, String, Value); 11] = [
        (
            "format",
            format!("/panels/{heatmap}/targets/0/format"),
            json!("time_series"),
        ),
        (
            "calculate",
            format!("/panels/{heatmap}/options/calculate"),
            json!(true),
        ),
        (
            "one moment",
            format!("/panels/{table}/targets/0/instant"),
            json!(false),
        ),
        (
            "unit",
            format!("/panels/{stat}/fieldConfig/defaults/unit"),
            json!(""),
        ),
        (
            "noValue",
            format!("/panels/{stat}/fieldConfig/defaults/noValue"),
            json!(""),
        ),
        (
            "`datasource`",
            format!("/panels/{stat}/targets/0/datasource/uid"),
            json!("prometheus"),
        ),
        (
            "not defined",
            format!("/panels/{stat}/targets/0/expr"),
            json!("up{pod=\"$pod\"}"),
        ),
        (
            "zoom",
            format!("/panels/{stat}/targets/0/expr"),
            json!("rate(x[$__interval])"),
        ),
        ("id is taken", format!("/panels/{stat}/id"), json!(3)),
        ("24 columns", format!("/panels/{stat}/gridPos/w"), json!(25)),
        (
            "at most",
            "/description".to_owned(),
            json!("x".repeat(240 * 1024)),
        ),
    ];
    for (word, pointer, wrong) in cases {
        let mut board = fleet.clone();
        *board.pointer_mut(&pointer).unwrap() = wrong;
        let found = lint(&board, false).join("\n");
        assert!(found.contains(word), "{pointer}: {found}");
    }
    assert!(lint(fleet, true).join("\n").contains("__inputs"));
    let mut board = fleet.clone();
    board["__inputs"] = json!([]);
    assert!(lint(&board, false).join("\n").contains("__inputs"));
}

/// Grafana turns a scheme of colours round in the light theme.
#[test]
fn no_text_of_a_heatmap_says_what_is_dark_or_light() {
    let mut heatmaps = 0;
    for (path, board) in written() {
        let rows = board["panels"].as_array().unwrap();
        let folded = rows.iter().filter_map(|row| row["panels"].as_array());
        for panel in rows.iter().chain(folded.flatten()) {
            if panel["type"] == "heatmap" {
                heatmaps += 1;
                let text = panel["description"].as_str().unwrap().to_lowercase();
                for word in ["dark", "light", "bright", "yellow", "blue"] {
                    assert!(!text.contains(word), "{path}: {text}");
                }
            }
        }
    }
    assert!(heatmaps >= 2, "{heatmaps}");
}
