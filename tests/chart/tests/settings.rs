//! What a change of values restarts: thresholds of the policy nothing, the collector's own
//! configuration the collectors.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeMap;

use chart_tests::{WASM, refusal, with};
use harness::render::{LIMITS_ALONE, Options, Rendered};
use sampling_policy_core::settings;
use serde_yaml::Value;
use values_validator_core::{Input, Source, check};

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

const MODULE: &str = "tracing.policy.module.configMap=my-policy";
const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[test]
fn a_policy_of_somebody_else_s_is_mounted_with_its_hash_and_its_own_settings() {
    let hash = format!("tracing.policy.module.sha256={HASH}");
    let test = "helmTest.image.repository=registry.example/install-check";
    let rendered = with(&[
        WASM,
        MODULE,
        &hash,
        test,
        "tracing.policy.settings.longest=3s",
        "tracing.policy.settings.tenants={acme}",
        "tracing.policy.settings.share.percent=5",
    ])
    .unwrap();
    let document = rendered.config_maps_with("settings.json")[0].1;
    let document: Value = serde_yaml::from_str(document).unwrap();
    let expected = r#"{longest: 3s, tenants: [acme], share: {percent: 5}}"#;
    assert_eq!(document, serde_yaml::from_str::<Value>(expected).unwrap());
    let config = rendered.collector().unwrap().unwrap();
    let config: Value = serde_yaml::from_str(&config).unwrap();
    let extension = &config["extensions"]["wasm_sampling_policy"];
    assert_eq!(extension["sha256"], HASH);
    // What its own policy keeps of the traces of `helm test` nobody knows.
    let policies = &config["processors"]["tail_sampling"]["policies"];
    let marked = &policies[0]["composite"]["composite_sub_policy"][0];
    let synthetic = &marked["and"]["and_sub_policy"][1];
    assert_eq!(synthetic["type"], "ottl_condition");
    assert_eq!(policies[1]["type"], "wasm_sampling_policy");
    let mut sets = rendered.of_kind("StatefulSet");
    let collector = sets.find(|set| set["metadata"]["name"] == "vllm-monitoring-collector");
    let volumes = collector.unwrap()["spec"]["template"]["spec"]["volumes"].as_sequence();
    let volume = |name: &str| volumes.unwrap().iter().find(|v| v["name"] == name).unwrap();
    let policy = &volume("policy")["configMap"];
    assert_eq!(policy["name"], "my-policy");
    assert_eq!(policy["items"][0]["key"], "policy.wasm");
    let path = format!("/{}", policy["items"][0]["path"].as_str().unwrap());
    assert!(extension["path"].as_str().unwrap().ends_with(&path));
    assert!(!rendered.manifests.contains("binaryData"));
    let pod = rendered.of_kind("Pod").next().unwrap();
    let input = pod["spec"]["containers"][0]["env"][0]["value"].as_str();
    assert!(input.unwrap().contains(&format!(r#""sha256":"{HASH}""#)));
    assert!(input.unwrap().contains(r#""pluginFile":"""#));
    // Without settings its own defaults are in force; an empty file is refused.
    let plain = with(&[WASM, MODULE, &hash]).unwrap();
    assert!(
        !plain
            .collector()
            .unwrap()
            .unwrap()
            .contains("settings_file")
    );
}

#[test]
fn a_module_that_no_collector_could_load_is_refused_with_the_remedy() {
    let hash = format!("tracing.policy.module.sha256={HASH}");
    for (set, words) in [
        (vec![WASM, MODULE], "sha256sum"),
        (vec![MODULE, &hash], "otelcol-vllm"),
        (
            vec![WASM, "tracing.policy.settings.longest=3s"],
            "module: {configMap",
        ),
        (
            vec![WASM, MODULE, "tracing.policy.module.sha256=ABC"],
            "sha256",
        ),
    ] {
        let said = refusal(&set).unwrap();
        assert!(said.contains(words), "{said}");
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
        let test = "helmTest.image.repository=registry.example/install-check";
        let plugin = with(&[&set, alert, WASM, test]).unwrap();
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
    let marked = &policies[0]["composite"]["composite_sub_policy"][0]["and"]["and_sub_policy"];
    let deciding = &marked[1]["wasm_sampling_policy"];
    for section in ["errors", "slowest", "baseline", "budget"] {
        assert_eq!(deciding[section], false, "{section}");
    }
    assert_eq!(
        policies[1]["wasm_sampling_policy"],
        Value::Mapping(Default::default())
    );
}

/// A value of `tracing.policy`: section, key, the plugin's key, values at the bounds, and values one step
/// beyond.
type Bounds = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const BOUNDS: &[Bounds] = &[
    (
        "errors",
        "statusCodes",
        "status_codes",
        &["[400, 599]", "[4xx, 5xx]", "[]"],
        &["[399]", "[600]", "[3xx]", "['429']", "[429.5]", "429"],
    ),
    (
        "slowest",
        "share",
        "share",
        &["0.01%", "50%", "49.999%", "00.50%"],
        &["0%", "0.009%", "50.001%", "51%", "100%", "1", "1.%"],
    ),
    (
        "slowest",
        "measures",
        "measures",
        &["[timeToFirstToken]", "[timePerOutputToken]"],
        &["[]", "[e2eLatency]"],
    ),
    (
        "slowest",
        "atLeast",
        "at_least",
        &["1", "100", "1.5"],
        &["0.999", "100.001", "-1", "'2'"],
    ),
    (
        "slowest",
        "memory",
        "memory",
        &["1m", "24h", "60000ms", "1440m", "23h59m59s999ms"],
        &[
            "59s",
            "59999ms",
            "24h1ms",
            "25h",
            "99999999999999999999h",
            "90",
        ],
    ),
    (
        "slowest",
        "minimum",
        "minimum",
        &["1", "1000000"],
        &["0", "1000001"],
    ),
    (
        "baseline",
        "share",
        "share",
        &["0%", "100%", "99.999%"],
        &["100.001%", "101%", "-1%"],
    ),
    (
        "baseline",
        "perModelPerHour",
        "per_model_per_hour",
        &["0", "3600"],
        &["-1", "3601"],
    ),
    (
        "budget",
        "tracesPerMinute",
        "traces_per_minute",
        &["1", "1000000"],
        &["0", "1000001"],
    ),
    (
        "budget",
        "burst",
        "burst",
        &["1s", "1h", "1000ms", "59m59s999ms"],
        &["0s", "999ms", "1h1ms", "2h", "60"],
    ),
];

/// Values of one key.
fn policy_value(section: &str, key: &str, value: &str) -> String {
    format!("tracing: {{policy: {{{section}: {{{key}: {value}}}}}}}\n")
}

const IMAGE: &str = "tracing: {collector: {image: {repository: registry.example/otelcol-vllm}}}\n";

/// Whether the validator, which knows the schema and the chart's refusals, finds an error in one of some
/// values files.
fn refused(files: &[&str]) -> bool {
    let sources = files.iter().map(|text| Source::new("values.yaml", *text));
    let input = Input {
        sources: sources.collect(),
        sets: Vec::new(),
    };
    check(&input).failed()
}

/// The plugin's settings as the chart writes them for some values files.
fn written(files: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let paths = files.iter().enumerate().map(|(n, text)| {
        let path = folder.path().join(format!("{n}.yaml"));
        std::fs::write(&path, text).unwrap();
        path
    });
    let options = Options {
        values: paths.collect(),
        ..Options::default()
    };
    let rendered = Rendered::new(&options).unwrap();
    rendered.config_maps_with("settings.json")[0].1.to_owned()
}

#[test]
fn the_plugin_takes_what_the_chart_writes_of_values_at_their_bounds() {
    let most = BOUNDS.iter().map(|(.., taken, _)| taken.len()).max();
    for n in 0..most.unwrap() {
        let mut files = vec![IMAGE.to_owned()];
        for (section, key, _, taken, _) in BOUNDS {
            files.push(policy_value(section, key, taken[n.min(taken.len() - 1)]));
        }
        // The shortest limit, the longest name, the most models.
        let models = (0..64).map(|n| {
            // Names of objects take the first 40 letters.
            let name = format!("m{n}-{:x<120}", "")[..120].to_owned();
            let limit = ["1ms", "off", "1h"][n % 3];
            format!("{{name: {name}, selector: {{app: m{n}}}, thresholds: {{e2eLatency: {{keepTrace: {limit}}}}}}}")
        });
        let models: Vec<String> = models.collect();
        files.push(format!("models: [{}]\n", models.join(", ")));
        files.push(format!(
            "thresholds: {{decodeTime: {{keepTrace: {}}}}}\n",
            ["1ms", "off", "999h"][n % 3]
        ));
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        assert!(!refused(&files), "{files:?}");
        let document = written(&files);
        let read = settings::parse(document.as_bytes());
        assert!(read.is_ok(), "{read:?} of {document}");
        assert_eq!(read.unwrap().models.len(), 64);
    }
}

#[test]
fn what_is_one_step_beyond_is_refused_by_the_validator_and_by_the_plugin() {
    let mut wrong = Vec::new();
    for (section, key, name, taken, beyond) in BOUNDS {
        for (value, expected) in taken
            .iter()
            .map(|value| (value, false))
            .chain(beyond.iter().map(|value| (value, true)))
        {
            let chart = refused(&[IMAGE, &policy_value(section, key, value)]);
            let value: serde_json::Value = serde_yaml::from_str(value).unwrap();
            // The chart writes the measures in the plugin's spelling.
            let value = value
                .to_string()
                .replace("timeToFirstToken", "time_to_first_token")
                .replace("timePerOutputToken", "time_per_output_token");
            let document = format!(r#"{{"{section}": {{"{name}": {value}}}}}"#);
            let plugin = settings::parse(document.as_bytes()).is_err();
            if (chart, plugin) != (expected, expected) {
                wrong.push(format!(
                    "{section}.{key}: {value}: refused by the validator: {chart}, by the plugin: {plugin}"
                ));
            }
        }
    }
    let zero = "thresholds: {decodeTime: {keepTrace: 0s}}\n";
    let of_model = "models: [{name: a, thresholds: {decodeTime: {keepTrace: 0ms}}}]\n";
    for values in [zero, of_model] {
        if !refused(&[IMAGE, values]) {
            wrong.push(format!("not refused: {values}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(settings::parse(br#"{"decode_time": "0s"}"#).is_err());
}
