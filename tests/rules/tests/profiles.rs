//! `metrics.profile`: how many series a pod has under each, and that nothing dies of it.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use harness::render::{Options, Rendered};
use regex::Regex;
use rules_tests::answers::answers;
use rules_tests::by_version::{self, Life, rows_under};
use rules_tests::captured::Captured;
use rules_tests::pages::queries;
use rules_tests::{all, expr, own_rules};
use serde_yaml::Value;

/// Series of a pod of vLLM 0.32.0, five of the scrape's own among them.
const RAW: usize = 469;
/// The scrape's own: up and scrape_*.
const OF_THE_SCRAPE: usize = 5;

/// Whether a profile keeps a series' name, by the relabelling that the chart renders.
fn keeps(profile: &str) -> Result<impl Fn(&str) -> bool + use<>> {
    let rendered = Rendered::new(&Options {
        set: vec![
            "metrics.mode=standalone".to_owned(),
            format!("metrics.profile={profile}"),
        ],
        ..Options::default()
    })?;
    let config = rendered.prometheus()?.map_err(anyhow::Error::msg)?;
    let config: Value = serde_yaml::from_str(&config)?;
    let jobs = config["scrape_configs"].as_sequence().context("jobs")?;
    let of_vllm = |job: &&Value| {
        let name = job["job_name"].as_str();
        name.is_some_and(|name| name.starts_with("vllm/"))
    };
    let job = jobs.iter().find(of_vllm).context("no job of vLLM")?;
    // Beside it one may take prefixes off names.
    let relabellings = job["metric_relabel_configs"].as_sequence();
    let selects = |of: &&Value| matches!(of["action"].as_str(), Some("keep" | "drop"));
    let relabelling = (relabellings.into_iter().flatten())
        .find(selects)
        .cloned()
        .unwrap_or_default();
    let text = relabelling["regex"].as_str().unwrap_or_default();
    let regex = Regex::new(&format!("^(?:{text})$")).context(text.to_owned())?;
    let action = relabelling["action"].as_str().map(str::to_owned);
    Ok(move |name: &str| match action.as_deref() {
        Some("drop") => !regex.is_match(name),
        Some("keep") => regex.is_match(name),
        _ => true,
    })
}

/// Names of what is recorded for panels only.
fn of_panels(rules: &Value) -> BTreeSet<String> {
    let groups = rules["groups"].as_sequence().into_iter().flatten();
    let group = groups.filter(|group| {
        group["name"]
            .as_str()
            .is_some_and(|n| n.contains("/panels/"))
    });
    let rules = group
        .filter_map(|group| group["rules"].as_sequence())
        .flatten();
    rules.map(by_version::title).collect()
}

fn series(profile: &str) -> Result<usize> {
    let keeps = keeps(profile)?;
    let body = harness::repo::root().join("tests/fixtures/vllm/0.32.0/metrics-loaded-2.txt");
    let body = std::fs::read_to_string(body)?;
    let names = body.lines().filter(|line| !line.starts_with('#'));
    let names = names.filter_map(|line| line.split(['{', ' ']).next());
    Ok(names.filter(|name| keeps(name)).count() + OF_THE_SCRAPE)
}

#[test]
fn standard_stores_less_than_half_of_a_pods_series_and_minimal_less_than_a_quarter() {
    let [full, standard, minimal] = ["full", "standard", "minimal"].map(|p| series(p).unwrap());
    println!("series a pod: full {full}, standard {standard}, minimal {minimal}");
    assert!(full.abs_diff(RAW) <= 10, "{full}");
    assert!(standard * 2 < RAW, "{standard}");
    assert!(minimal * 4 <= RAW, "{minimal}");
}

#[test]
fn every_rule_lives_under_every_profile_as_it_does_with_all_series() {
    let full: Vec<Vec<Life>> = rows_under(|_| true)
        .unwrap()
        .into_iter()
        .map(|r| r.life)
        .collect();
    let panels = of_panels(&own_rules().unwrap());
    assert!(panels.len() > 50);
    for profile in ["standard", "minimal"] {
        let keeps = keeps(profile).unwrap();
        for (row, full) in rows_under(|name| name == "up" || keeps(name))
            .unwrap()
            .iter()
            .zip(&full)
        {
            // What only panels read may be off under minimal, as values.yaml says.
            if profile == "minimal" && panels.contains(&row.rule) {
                continue;
            }
            assert_eq!(&row.life, full, "{profile}: {}", row.rule);
        }
    }
}

#[test]
fn every_useful_query_lives_under_standard() {
    let page = std::fs::read_to_string(harness::repo::root().join("docs/queries.md")).unwrap();
    let asked: BTreeSet<String> = queries(&page).into_iter().collect();
    let folder = harness::repo::root().join("tests/fixtures/vllm/0.20.2");
    let mut captured = Captured::read(&folder).unwrap();
    let keeps = keeps("standard").unwrap();
    captured.retain(|name| name == "up" || keeps(name));
    let spoke = answers(&captured, &own_rules().unwrap(), &asked).unwrap();
    let silent: Vec<_> = asked.difference(&spoke).collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn minimal_keeps_what_rules_but_the_panels_read_and_nothing_else() {
    let keeps = keeps("minimal").unwrap();
    let mut read = BTreeSet::new();
    let rules = own_rules().unwrap();
    let panels = of_panels(&rules);
    for rule in all(&rules) {
        if panels.contains(&by_version::title(rule)) {
            continue;
        }
        let found = expr::read(rule["expr"].as_str().unwrap()).unwrap();
        read.extend(found.selectors.into_iter().map(|s| s.metric));
    }
    for name in read
        .iter()
        .filter(|n| n.starts_with("vllm:") || n.starts_with("http_"))
        .filter(|n| !n.starts_with("http_server_"))
    {
        assert!(keeps(name), "{name} is read and not kept");
    }
    let folder = harness::repo::root().join("tests/fixtures/vllm/0.33.0");
    for name in Captured::read(&folder)
        .unwrap()
        .names()
        .filter(|name| keeps(name))
    {
        assert!(read.contains(name), "{name} is kept and not read");
    }
}
