//! Every query in the runbooks and on the page of useful queries, run.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result};
use rules_tests::answers::{answers, needed_ever};
use rules_tests::captured::Captured;
use rules_tests::cases::cases;
use rules_tests::own_rules;
use rules_tests::pages::{filled_in, queries};

/// A release whose captured run has everything that a query may look for, HTTP 5xx too.
const VERSION: &str = "0.20.2";
/// The model that it serves.
const MODEL: &str = "qwen3-235b";

fn spoke(asked: &BTreeSet<String>) -> Result<BTreeSet<String>> {
    let folder = harness::repo::root()
        .join("tests/fixtures/vllm")
        .join(VERSION);
    answers(&Captured::read(&folder)?, &own_rules()?, asked)
}

fn page(path: &str) -> Result<String> {
    let path = harness::repo::root().join(path);
    fs::read_to_string(&path).with_context(|| path.display().to_string())
}

#[test]
fn every_query_of_every_runbook_returns_data_for_its_alerts_labels() {
    let mut asked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in cases().unwrap() {
        let mut labels = file.labels.clone();
        labels.insert(
            "vllm_monitoring".into(),
            "monitoring/vllm-monitoring".into(),
        );
        if let Some(model) = labels.get_mut("model_name") {
            MODEL.clone_into(model);
        }
        let queries = queries(&page(&format!("docs/runbooks/{}.md", file.alert)).unwrap());
        assert!(!queries.is_empty(), "{}: no query", file.alert);
        for query in queries {
            let filled = filled_in(&query, &labels)
                .unwrap_or_else(|word| panic!("{}: {word} is no label of the alert", file.alert));
            let needed = needed_ever(&filled).unwrap();
            asked.insert(format!("{}: {query}", file.alert), needed);
        }
    }
    let spoke = spoke(&asked.values().flatten().cloned().collect()).unwrap();
    for (query, needed) in &asked {
        let silent: Vec<_> = needed.difference(&spoke).collect();
        assert!(silent.is_empty(), "{query}\n  returns nothing: {silent:?}");
    }
}

#[test]
fn every_useful_query_returns_data() {
    let page = page("docs/queries.md").unwrap();
    let asked: BTreeSet<String> = queries(&page).into_iter().collect();
    assert!(asked.len() >= 20, "only {} queries", asked.len());
    let spoke = spoke(&asked).unwrap();
    let silent: Vec<_> = asked.difference(&spoke).collect();
    assert!(silent.is_empty(), "return nothing: {silent:#?}");
}

#[test]
fn a_query_with_a_name_that_nobody_exports_would_be_found() {
    let dead: BTreeSet<String> = [
        "rate(vllm:num_preemptions[5m])",
        r#"vllm:e2e_request_latency_seconds_bucket{le="120"}"#,
        "model:vllm_request_success:rate",
    ]
    .map(str::to_owned)
    .into();
    let spoke = spoke(&dead).unwrap();
    assert_eq!(
        spoke.into_iter().collect::<Vec<_>>(),
        ["model:vllm_request_success:rate"]
    );
}
