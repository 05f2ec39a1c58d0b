//! Every metric of the newest vLLM is read by a rule or a panel, or docs/dashboards.md says why not.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;
use std::fs;

use dashboards::boards;
use harness::repo;
use rules_tests::{all, expr, own_rules};
use vllm_catalog::{UNDESCRIBED_PREFIXES, Version, families_at, family, family_of_series};

/// Metrics that a rule or a panel reads, as they are written.
fn read() -> BTreeSet<String> {
    let rules = own_rules().unwrap();
    let rules = all(&rules);
    let mut queries: Vec<String> = rules
        .iter()
        .filter_map(|rule| rule["expr"].as_str().map(str::to_owned))
        .collect();
    let boards = boards::all();
    let panels = boards.iter().flat_map(|board| &board.rows);
    let panels = panels.flat_map(|row| &row.panels);
    queries.extend(panels.flat_map(|panel| panel.queries.iter().map(|query| query.expr.clone())));
    let selectors = queries
        .iter()
        .flat_map(|query| expr::read(query).unwrap().selectors);
    selectors.map(|selector| selector.metric).collect()
}

/// The names in the first column of the table of docs/dashboards.md.
fn explained() -> BTreeSet<String> {
    let page = fs::read_to_string(repo::root().join("docs/dashboards.md")).unwrap();
    let (_, section) = page
        .split_once("## Metrics that no rule and no panel reads")
        .unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let names = rows.flat_map(|row| {
        let column = row.trim_start_matches("| ").split(" | ").next().unwrap();
        column
            .split(", ")
            .map(|name| name.trim_matches('`').to_owned())
    });
    names.collect()
}

#[test]
fn every_metric_without_a_rule_or_a_panel_has_a_reason_why_not() {
    let read = read();
    let families: BTreeSet<&str> = read
        .iter()
        .filter_map(|metric| family(metric).or_else(|| family_of_series(metric)))
        .map(|family| family.name)
        .collect();
    let newest = Version::new(0, 33, 0);
    let mut unread: BTreeSet<String> = families_at(newest)
        .map(|family| family.name)
        .filter(|name| !families.contains(name))
        .map(str::to_owned)
        .collect();
    let optional = UNDESCRIBED_PREFIXES.iter();
    let optional =
        optional.filter(|prefix| !read.iter().any(|metric| metric.starts_with(**prefix)));
    unread.extend(optional.map(|prefix| format!("{prefix}…")));

    let explained = explained();
    let missing: Vec<_> = unread.difference(&explained).collect();
    let extra: Vec<_> = explained.difference(&unread).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "docs/dashboards.md, the table of metrics that nothing reads: {missing:?} are missing, {extra:?} are read or do not exist in {newest}"
    );
}
