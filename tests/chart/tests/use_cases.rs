//! Every example and preset gives the objects that its list names.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use chart_tests::examples::{COMMAND, examples, outline};

#[test]
fn every_example_gives_the_objects_of_its_list() {
    let all = examples().unwrap();
    assert!(all.len() >= 8, "{all:?}");
    for (values, list) in all {
        let found = std::fs::read_to_string(&list).unwrap_or_default();
        assert_eq!(
            outline(values.clone()).unwrap(),
            found,
            "{}: the objects have changed; look at them, then run `{COMMAND}`",
            values.display()
        );
    }
}

/// The preset has the entries of the examples by project, which a case on a cluster tries.
#[test]
fn the_preset_for_servers_that_run_already_selects_as_the_examples_do() {
    let models = |file: &str| -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(harness::repo::root().join(file)).unwrap();
        let values: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        values["models"].as_array().unwrap().clone()
    };
    let of_projects = [
        "plain-deployment",
        "leaderworkerset",
        "production-stack",
        "llm-d",
    ];
    let selects =
        |entry: serde_json::Value| ["name", "selector", "port"].map(|key| entry[key].to_string());
    let examples: Vec<_> = of_projects
        .into_iter()
        .flat_map(|name| models(&format!("examples/{name}.yaml")))
        .map(selects)
        .collect();
    let preset: Vec<_> = models("chart/values-existing.yaml")
        .into_iter()
        .map(selects)
        .collect();
    assert_eq!(preset, examples);
}
