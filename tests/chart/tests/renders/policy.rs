//! The sampling policy in the collector's configuration, by either engine.

use std::io::Read;

use base64::Engine as _;
use chart_tests::{WASM, with};
use sha2::{Digest, Sha256};

#[test]
fn the_config_map_holds_the_plugin_whose_hash_is_pinned() {
    let rendered = with(&[chart_tests::WASM]).unwrap();
    let (name, config) = rendered.config_maps_with("collector.yaml")[0];
    let object = rendered
        .of_kind("ConfigMap")
        .find(|o| o["metadata"]["name"].as_str() == Some(name))
        .unwrap();
    let gzipped = base64::engine::general_purpose::STANDARD
        .decode(
            object["binaryData"]["sampling-policy.wasm.gz"]
                .as_str()
                .unwrap(),
        )
        .unwrap();
    let mut wasm = Vec::new();
    flate2::read::GzDecoder::new(gzipped.as_slice())
        .read_to_end(&mut wasm)
        .unwrap();
    assert!(wasm.starts_with(b"\0asm"));
    let hash: String = Sha256::digest(&wasm)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let config: serde_yaml::Value = serde_yaml::from_str(config).unwrap();
    assert_eq!(
        config["extensions"]["wasm_sampling_policy"]["sha256"].as_str(),
        Some(hash.as_str())
    );
}

#[test]
fn without_an_image_of_ours_the_stock_collector_decides_by_the_same_thresholds() {
    let rendered = with(&["thresholds.decodeTime.keepTrace=off"]).unwrap();
    let (name, config) = rendered.config_maps_with("collector.yaml")[0];
    let config: serde_yaml::Value = serde_yaml::from_str(config).unwrap();
    let bounded = &config["processors"]["tail_sampling"]["policies"][1]["composite"];
    let limit = |latency: &str, seconds: u32| {
        let attribute = format!("attributes[\"gen_ai.latency.{latency}\"]");
        let number = "^([0-9]{1,15}[.]?[0-9]{0,16}|[.][0-9]{1,16})$$"; // $$: the collector's escape
        format!(
            "{attribute} > {seconds} or IsString({attribute}) and \
             IsMatch({attribute}, \"{number}\") and Double({attribute}) > {seconds}"
        )
    };
    assert_eq!(
        bounded["composite_sub_policy"][0]["ottl_condition"]["span"][0].as_str(),
        Some(
            format!(
                "name == \"llm_request\" and (instrumentation_scope.name == \"vllm.tracing.otel\" or \
                 instrumentation_scope.name == \"vllm.llm_engine\") and ({} or {})",
                limit("e2e", 120),
                limit("time_to_first_token", 10)
            )
            .as_str()
        )
    );
    assert!(config["extensions"]["wasm_sampling_policy"].is_null());
    let object = rendered
        .of_kind("ConfigMap")
        .find(|o| o["metadata"]["name"].as_str() == Some(name))
        .unwrap();
    assert!(object["binaryData"].is_null());
    assert!(rendered.config_maps_with("settings.json").is_empty());
    let collector = rendered
        .of_kind("StatefulSet")
        .find(|o| o["metadata"]["name"].as_str() == Some(name))
        .unwrap();
    let image = collector["spec"]["template"]["spec"]["containers"][0]["image"].as_str();
    assert!(
        image.is_some_and(|image| image.contains("opentelemetry-collector-contrib:")),
        "{image:?}"
    );
}

/// Without the strategy, or with a memory of what was not kept, slow requests are lost: see
/// `tests/collector/tests/arrival`. A policy that drops would keep every trace from being kept at all.
#[test]
fn a_trace_is_decided_on_whenever_spans_arrive_unless_it_is_to_be_decided_whole() {
    let sampling = |set: &[&str]| {
        let rendered = with(set).unwrap();
        let config = rendered.config_maps_with("collector.yaml")[0].1;
        let config: serde_yaml::Value = serde_yaml::from_str(config).unwrap();
        config["processors"]["tail_sampling"].clone()
    };
    let cache = "non_sampled_cache_size";
    for engine in [&[][..], &[WASM]] {
        let immediate = sampling(engine);
        assert_eq!(immediate["sampling_strategy"], "span-ingest");
        assert_eq!(immediate["decision_wait_after_root_received"], "6s");
        assert_eq!(immediate["decision_cache"][cache].as_u64(), Some(0));
        let text = serde_yaml::to_string(&immediate).unwrap();
        assert!(!text.contains("drop"), "{text}");

        let set: Vec<&str> = engine
            .iter()
            .copied()
            .chain(["tracing.sampling.mode=whole"])
            .collect();
        let whole = sampling(&set);
        assert!(whole["sampling_strategy"].is_null());
        assert!(whole["decision_wait_after_root_received"].is_null());
        assert_eq!(whole["decision_cache"][cache].as_u64(), Some(200_000));
    }
}

#[test]
fn both_policies_of_the_collector_decide_alike() {
    for set in [&[][..], &[WASM]] {
        let rendered = with(set).unwrap();
        let config = rendered.config_maps_with("collector.yaml")[0].1;
        let config: serde_yaml::Value = serde_yaml::from_str(config).unwrap();
        let policies = &config["processors"]["tail_sampling"]["policies"];
        // First, since a decision on arrival asks no policy after the one that keeps.
        let marked = &policies[0]["composite"]["composite_sub_policy"][0]["and"]["and_sub_policy"];
        let mut synthetic = marked[1].clone();
        let mut live = policies[1].clone();
        if set.is_empty() {
            // Of the stock collector, which bounds what is kept in a second.
            let composite = &policies[1]["composite"];
            assert_eq!(composite["max_total_spans_per_second"].as_u64(), Some(1000));
            live = composite["composite_sub_policy"][0].clone();
        }
        assert_eq!(marked[0]["type"].as_str(), Some("boolean_attribute"));
        // Their names must differ: the plugin's host counts shards by name.
        assert_ne!(live["name"], synthetic["name"]);
        for policy in [&mut live, &mut synthetic] {
            policy.as_mapping_mut().unwrap().remove("name");
        }
        // The plugin decides on the traces of `helm test` by its limits alone: they must neither be
        // learnt from nor be held back by the budget.
        if set == [WASM] {
            let own = synthetic["wasm_sampling_policy"].as_mapping().unwrap();
            for section in ["errors", "slowest", "baseline", "budget"] {
                assert_eq!(own[section].as_bool(), Some(false), "{section}");
            }
            synthetic["wasm_sampling_policy"] = live["wasm_sampling_policy"].clone();
        }
        assert_eq!(live, synthetic);
    }
}
