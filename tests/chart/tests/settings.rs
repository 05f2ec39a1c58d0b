//! What a change of values restarts: thresholds of the policy nothing, the collector's own
//! configuration the collectors.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeMap;

use chart_tests::{WASM, with};
use serde_yaml::Value;

const THRESHOLD: &str = "thresholds.e2eLatency.keepTrace=90s";
const SETTINGS: &str = "ConfigMap/vllm-monitoring-policy-settings";
const COLLECTOR: &str = "StatefulSet/vllm-monitoring-collector";
const COLLECTOR_CONFIG: &str = "ConfigMap/vllm-monitoring-collector";

/// Objects that stay in the cluster, by kind and name; hooks are made anew each time.
fn objects(set: &[&str]) -> BTreeMap<String, Value> {
    with(set)
        .unwrap()
        .objects
        .into_iter()
        .filter(|o| o["metadata"]["annotations"]["helm.sh/hook"].is_null())
        .map(|o| {
            let [kind, name] = [&o["kind"], &o["metadata"]["name"]].map(|v| v.as_str().unwrap());
            (format!("{kind}/{name}"), o)
        })
        .collect()
}

fn changed(by: &str) -> Vec<String> {
    let (before, after) = (objects(&[WASM]), objects(&[WASM, by]));
    assert!(before.keys().eq(after.keys()));
    before
        .into_iter()
        .filter(|(name, object)| &after[name] != object)
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn a_threshold_of_the_policy_changes_its_settings_and_no_pod() {
    assert_eq!(changed(THRESHOLD), [SETTINGS]);
}

#[test]
fn a_change_of_the_collectors_configuration_rolls_its_pods() {
    for value in [
        "tracing.sampling.decisionWait=42s",
        "tracing.policy.onError=drop",
    ] {
        let changed = changed(value);
        for object in [COLLECTOR_CONFIG, COLLECTOR] {
            assert!(changed.iter().any(|c| c == object), "{value}: {changed:?}");
        }
    }
}

/// kubelet updates a ConfigMap that is mounted as a directory, but none that is mounted by subPath.
#[test]
fn the_settings_are_mounted_as_a_directory() {
    let objects = objects(&[WASM]);
    let pod = &objects[COLLECTOR]["spec"]["template"]["spec"];
    let mount = pod["containers"][0]["volumeMounts"]
        .as_sequence()
        .unwrap()
        .iter()
        .find(|m| m["name"] == "settings")
        .unwrap();
    assert!(mount["subPath"].is_null() && mount["subPathExpr"].is_null());
    let config = objects[COLLECTOR_CONFIG]["data"]["collector.yaml"]
        .as_str()
        .unwrap();
    let file = format!("{}/settings.json", mount["mountPath"].as_str().unwrap());
    assert!(config.contains(&format!("settings_file: {file}\n")));
    assert!(objects[SETTINGS]["data"]["settings.json"].is_string());
}

/// A fraction of a second means the same to the plugin, to the condition and to helm test.
#[test]
fn a_limit_below_a_second_reaches_both_engines_and_helm_test() {
    for (limit, seconds) in [
        ("1ms", "0.001"),
        ("1500ms", "1.5"),
        ("290ms", "0.29"),
        ("1m500ms", "60.5"),
    ] {
        let set = format!("thresholds.e2eLatency.keepTrace={limit}");
        let alert = "thresholds.e2eLatency.alert=2m";
        let condition = with(&[&set, alert]).unwrap().manifests;
        let wanted = format!(r#"attributes[\"gen_ai.latency.e2e\"] > {seconds} "#);
        assert!(condition.contains(&wanted), "{limit}: no {wanted}");
        let plugin = with(&[&set, alert, WASM]).unwrap();
        let pod = plugin.of_kind("Pod").next().unwrap();
        let input = pod["spec"]["containers"][0]["env"][0]["value"]
            .as_str()
            .unwrap();
        let wanted = format!(r#""gen_ai.latency.e2e":{seconds},"#);
        assert!(input.contains(&wanted), "{limit}: no {wanted} in {input}");
        let millis = seconds.parse::<f64>().unwrap() * 1000.0;
        let wanted = format!(r#""e2e_latency": "{millis:.0}ms""#);
        assert!(plugin.manifests.contains(&wanted), "{limit}: no {wanted}");
    }
}
