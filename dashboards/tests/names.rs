//! Every name in a query is recorded by the chart, exported by vLLM, or known of another exporter.

use std::collections::BTreeSet;

use dashboards::model::{Dashboard, Kind};
use dashboards::{boards, select};
use rules_tests::{alerts, all, expr, own_rules};

fn recorded() -> BTreeSet<String> {
    // Without rules every name is unknown.
    let rules = own_rules().unwrap_or_default();
    let records = all(&rules).into_iter().filter_map(|r| r["record"].as_str());
    records.map(str::to_owned).collect()
}

/// Every query and every variable's series, with where it stands.
fn queries(board: &Dashboard) -> Vec<(String, String)> {
    let variables = board
        .variables
        .iter()
        .map(|v| (v.name.to_owned(), v.series.to_owned()));
    let panels = board.rows.iter().flat_map(|row| &row.panels);
    let panels = panels.flat_map(|p| {
        p.queries
            .iter()
            .map(|q| (p.title.to_owned(), q.expr.clone()))
    });
    let at = |(place, expr): (String, String)| (format!("{}: {place}", board.slug), expr);
    variables.chain(panels).map(at).collect()
}

fn known(metric: &str, recorded: &BTreeSet<String>) -> bool {
    recorded.contains(metric)
        || select::OTHERS.contains(&metric)
        || vllm_catalog::family_of_series(metric).is_some()
        // As a native histogram.
        || vllm_catalog::family(metric).is_some_and(|family| family.bounds.is_some())
        || vllm_catalog::is_undescribed(metric)
}

#[test]
fn every_metric_is_recorded_or_exported() {
    let recorded = recorded();
    for board in boards::all() {
        for (place, query) in queries(&board) {
            let found = expr::read(&query).unwrap_or_else(|e| panic!("{place}: {e}"));
            assert!(!found.selectors.is_empty(), "{place}: {query}");
            for selector in found.selectors {
                assert!(
                    known(&selector.metric, &recorded),
                    "{place}: {} is neither recorded by the chart nor in the catalogue: a renamed rule?",
                    selector.metric
                );
            }
        }
    }
}

#[test]
fn a_renamed_rule_and_a_counter_without_total_would_be_found() {
    let recorded = recorded();
    for wrong in [
        "model:vllm_num_preemption:rate",
        "vllm:num_preemptions",
        "otelcol_no_such",
    ] {
        assert!(!known(wrong, &recorded), "{wrong}");
    }
    assert!(known("vllm:num_preemptions_total", &recorded));
}

#[test]
fn every_alert_of_a_panel_exists_and_every_alert_belongs_to_a_panel() {
    let rules = own_rules().unwrap();
    let existing = alerts(&rules);
    let mut named = BTreeSet::new();
    for board in boards::all() {
        for panel in board.rows.iter().flat_map(|row| &row.panels) {
            for alert in panel.alerts {
                assert!(
                    existing.contains(alert),
                    "{}: {}: no alert {alert}",
                    board.slug,
                    panel.title
                );
                named.insert(*alert);
            }
        }
    }
    let without: Vec<_> = existing.difference(&named).collect();
    assert!(without.is_empty(), "no panel belongs to {without:?}");
}

#[test]
fn every_panel_says_how_to_read_it_and_why_it_is_empty() {
    for board in boards::all() {
        for panel in board.rows.iter().flat_map(|row| &row.panels) {
            let place = format!("{}: {}", board.slug, panel.title);
            assert!(panel.read.len() > 10, "{place}: no description");
            if panel.kind != Kind::Text {
                assert!(
                    panel.empty.ends_with('.'),
                    "{place}: no reason for being empty"
                );
            }
        }
    }
}

#[test]
fn over_time_a_pod_is_asked_for_only_where_one_is_chosen() {
    for board in boards::all() {
        let chosen = board.variables.iter().any(|v| v.name == "pod" && v.one);
        for panel in board.rows.iter().flat_map(|row| &row.panels) {
            for query in &panel.queries {
                let place = format!("{}: {}: {}", board.slug, panel.title, query.expr);
                assert!(!query.expr.contains("$__"), "{place}: depends on the zoom");
                let ranged = !panel.kind.of_one_moment();
                for selector in expr::read(&query.expr).unwrap().selectors {
                    let by_pod = ["pod:", "engine:", "gpu:", "vllm:", "http_"];
                    let by_pod = by_pod
                        .iter()
                        .any(|level| selector.metric.starts_with(level));
                    assert!(
                        !ranged || !by_pod || (chosen && query.expr.contains(r#"pod="$pod""#)),
                        "{place}: a line for each pod"
                    );
                }
                assert!(
                    !ranged || !query.expr.contains("topk"),
                    "{place}: topk over time"
                );
            }
        }
    }
}
