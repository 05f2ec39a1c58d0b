//! Panels lead to other dashboards, and take the time and every choice along.

use std::collections::BTreeSet;

use dashboards::grafana::UID;
use dashboards::model::{Dashboard, Kind, Panel};
use dashboards::{boards, files};
use rules_tests::{alerts, own_rules};
use serde_json::Value;

/// Every link of every panel: the panel's title and the URL.
fn links(board: &Value) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut open = vec![board];
    while let Some(value) = open.pop() {
        let title = value["title"].as_str();
        let title = title.or(value["display"]["name"].as_str());
        // A panel has both; the dashboard's own links are by tag.
        let of_cells = (value["id"] == "links").then_some(&value["value"]);
        let links = [Some(&value["links"]), of_cells];
        let links = links.into_iter().flatten().filter_map(Value::as_array);
        for link in links.flatten() {
            if let Some(url) = link["url"].as_str().filter(|url| !url.is_empty()) {
                out.push((title.unwrap_or_default().to_owned(), url.to_owned()));
            }
        }
        open.extend(value.as_array().into_iter().flatten());
        open.extend(value.as_object().into_iter().flat_map(|o| o.values()));
    }
    out
}

/// Links of cells: a pod's, an alert's two.
fn cells(board: &Dashboard) -> usize {
    let of = |panel: &Panel| match panel.kind {
        Kind::Alerts => 2,
        Kind::Table { to_replica, .. } => usize::from(to_replica),
        _ => 0,
    };
    board.panels().map(of).sum()
}

#[test]
fn every_alert_leads_to_a_dashboard_that_shows_it() {
    let boards = boards::all();
    let rules = own_rules().unwrap();
    let names = alerts(&rules);
    assert!(names.len() > 30, "{names:?}");
    for alert in names {
        let slug = boards::alerts::board(alert);
        let board = boards.iter().find(|board| board.slug == slug).unwrap();
        assert!(
            board.panels().any(|panel| panel.alerts.contains(&alert)),
            "{alert} leads to {slug}, where no panel belongs to it"
        );
    }
}

#[test]
fn every_dashboard_is_led_to_and_none_leads_to_itself() {
    let boards = boards::all();
    let slugs: BTreeSet<&str> = boards.iter().map(|board| board.slug).collect();
    let mut led = BTreeSet::new();
    for board in &boards {
        let leads: Vec<&str> = board.panels().flat_map(|p| p.leads).copied().collect();
        assert!(!leads.is_empty(), "{}: no panel leads anywhere", board.slug);
        for slug in leads {
            assert!(slugs.contains(slug), "{}: no dashboard {slug}", board.slug);
            assert_ne!(slug, board.slug, "a panel leads to its own dashboard");
            led.insert(slug);
        }
    }
    assert_eq!(led, slugs);
}

#[test]
fn links_carry_the_time_and_every_variable() {
    let boards = boards::all();
    let mut seen = 0;
    for (path, text) in files::dashboards() {
        let slug = path.rsplit('/').next().unwrap().trim_end_matches(".json");
        let board = boards.iter().find(|board| board.slug == slug).unwrap();
        let found = links(&serde_json::from_str(&text).unwrap());
        // Of cells: they lead to a row's own pod, or alert. Perses has none.
        let of_cells = found
            .iter()
            .filter(|(_, url)| url.contains("__data") || url.contains("__value"));
        let (of_cells, perses) = (of_cells.count(), path.contains("perses"));
        assert_eq!(of_cells, if perses { 0 } else { cells(board) }, "{path}");
        let many = |panel: &Panel| {
            if perses && panel.kind == Kind::Stat {
                panel.queries.len()
            } else {
                1
            }
        };
        let expected: usize = board
            .panels()
            .map(|panel| panel.leads.len() * many(panel))
            .sum();
        assert_eq!(found.len() - of_cells, expected, "{path}");
        let panels = found.into_iter().filter(|(_, url)| !url.ends_with(".md"));
        for (title, url) in panels {
            seen += 1;
            let place = format!("{path}: {title}: {url}");
            if path.contains("perses") {
                let (to, _) = url.split_once('?').unwrap();
                assert!(boards.iter().any(|b| b.slug == to), "{place}");
                assert!(url.contains("start=$__from&end=$__to"), "{place}");
                for v in &board.variables {
                    let carried = format!("var-{0}=${{{0}:percentencode}}", v.name);
                    assert!(url.contains(&carried), "{place}: no {carried}");
                }
            } else {
                let to = url.split(['/', '?']).nth(2).unwrap();
                let to = to.strip_prefix(UID).unwrap();
                let of_row = to == "${__data.fields.board}";
                assert!(of_row || boards.iter().any(|b| b.slug == to), "{place}");
                assert!(url.contains("${__url_time_range}"), "{place}");
                let all = url.contains("${__all_variables}");
                let each = [
                    "datasource",
                    "cluster",
                    "release",
                    "var-namespace",
                    "var-model",
                    "var-pod",
                ];
                assert!(all || each.iter().all(|v| url.contains(v)), "{place}");
            }
        }
    }
    assert!(seen > 100, "{seen} links");
}
