//! What a change of values restarts: thresholds of the policy nothing, the collector's own
//! configuration the collectors.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeMap;

use chart_tests::{WASM, with};
use harness::render::LIMITS_ALONE;
use sampling_policy_core::settings;
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

#[test]
fn timeout_and_stamp_reach_the_extension_and_are_refused_out_of_range() {
    let set = [
        WASM,
        "tracing.policy.timeout=500ms",
        "tracing.policy.stamp=false",
    ];
    let objects = objects(&set);
    let data = objects[COLLECTOR_CONFIG]["data"].as_mapping().unwrap();
    let config = data.values().next().unwrap().as_str().unwrap();
    let config: Value = serde_yaml::from_str(config).unwrap();
    let extension = &config["extensions"]["wasm_sampling_policy"];
    assert_eq!(extension["timeout"], "500ms");
    assert_eq!(extension["stamp"], false);
    for refused in ["0", "99ms", "31s", "1m", "soon"] {
        let value = format!("tracing.policy.timeout={refused}");
        assert!(with(&[WASM, &value]).is_err(), "{value}");
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

/// The settings of the plugin, read as the plugin reads them.
fn in_force(set: &[&str]) -> settings::Settings {
    let rendered = with(&[&[WASM], set].concat()).unwrap();
    let document = rendered.config_maps_with("settings.json")[0].1;
    settings::parse(document.as_bytes()).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

#[test]
fn the_plugin_takes_the_chart_s_defaults_as_its_own() {
    let expected = settings::Settings {
        errors: Some(settings::Errors::DEFAULT),
        slowest: Some(settings::Slowest::DEFAULT),
        baseline: Some(settings::Baseline::DEFAULT),
        budget: Some(settings::Budget::DEFAULT),
        ..settings::Settings::DEFAULT
    };
    assert_eq!(in_force(&[]), expected);
    assert!(in_force(&LIMITS_ALONE).limits_alone());
}

#[test]
fn every_value_of_the_policy_reaches_the_plugin() {
    let found = in_force(&[
        "tracing.policy.errors.statusCodes={500,4xx}",
        "tracing.policy.slowest.share=2.5%",
        "tracing.policy.slowest.measures={timePerOutputToken}",
        "tracing.policy.slowest.atLeast=3",
        "tracing.policy.slowest.memory=2h",
        "tracing.policy.slowest.minimum=1000",
        "tracing.policy.baseline.share=1%",
        "tracing.policy.baseline.perModelPerHour=0",
        "tracing.policy.budget.tracesPerMinute=1000",
        "tracing.policy.budget.burst=10s",
        "models[0].name=Qwen/Qwen3-8B",
        "models[0].selector.app=a",
        "models[0].thresholds.timeToFirstToken.keepTrace=1500ms",
        "models[0].thresholds.decodeTime.keepTrace=off",
        "models[1].name=other",
        "models[1].selector.app=b",
    ]);
    let document = br#"{
        "errors": {"status_codes": [500, "4xx"]},
        "slowest": {"share": "2.5%", "measures": ["time_per_output_token"], "at_least": 3, "memory": "2h", "minimum": 1000},
        "baseline": {"share": "1%", "per_model_per_hour": 0},
        "budget": {"traces_per_minute": 1000, "burst": "10s"},
        "models": {"Qwen/Qwen3-8B": {"time_to_first_token": "1.5s", "decode_time": "off"}}
    }"#;
    assert_eq!(found, settings::parse(document).unwrap());
}

#[test]
fn the_traces_of_helm_test_are_decided_by_limits_alone() {
    let objects = objects(&[WASM]);
    let config = objects[COLLECTOR_CONFIG]["data"]["collector.yaml"]
        .as_str()
        .unwrap();
    let config: Value = serde_yaml::from_str(config).unwrap();
    let policies = &config["processors"]["tail_sampling"]["policies"];
    let deciding = &policies[0]["and"]["and_sub_policy"][1]["wasm_sampling_policy"];
    for section in ["errors", "slowest", "baseline", "budget"] {
        assert_eq!(deciding[section], false, "{section}");
    }
    assert_eq!(
        policies[1]["wasm_sampling_policy"],
        Value::Mapping(Default::default())
    );
}
