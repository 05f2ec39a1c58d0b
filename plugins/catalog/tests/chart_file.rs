//! The committed `chart/files/catalog.yaml` is the catalogue's. `UPDATE=1 cargo test -p vllm-catalog` rewrites it.

use std::path::Path;

use vllm_catalog::{REQUEST_LATENCY, chart_file};

#[test]
fn the_committed_file_is_the_generated_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../chart/files/catalog.yaml");
    let generated = chart_file::render().expect("the names are the catalogue's");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &generated).expect("chart/files can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "chart/files/catalog.yaml is out of date: run `{}`",
        chart_file::COMMAND
    );
}

#[test]
fn a_yaml_reader_finds_the_catalogues_values_in_it() {
    let text = chart_file::render().expect("the names are the catalogue's");
    let yaml: serde_yaml::Value = serde_yaml::from_str(&text).expect("YAML");
    let e2e = &yaml["latencies"]["e2eLatency"];
    assert_eq!(e2e["family"], "vllm:e2e_request_latency_seconds");
    assert_eq!(e2e["spanAttribute"], "gen_ai.latency.e2e");
    let bounds: Vec<f64> = e2e["bounds"]
        .as_sequence()
        .expect("a list")
        .iter()
        .filter_map(serde_yaml::Value::as_f64)
        .collect();
    assert_eq!(bounds, REQUEST_LATENCY.finite(0).as_ref());
    assert_eq!(yaml["spans"]["request"]["scopes"][1], "vllm.llm_engine");
    assert_eq!(yaml["spans"]["modelResource"], "gen_ai.response.model");
    assert_eq!(yaml["image"]["tag"], "v0.33.0");
    assert_eq!(yaml["image"]["user"], 2000);
    assert_eq!(yaml["image"]["nonRootSince"], "0.23.0");
    assert_eq!(yaml["image"]["tracesSince"], "0.17.0");
    assert_eq!(
        yaml["metrics"]["requestSuccess"],
        "vllm:request_success_total"
    );
}

#[test]
fn the_file_is_small_enough_for_every_template_to_read() {
    let size = chart_file::render()
        .expect("the names are the catalogue's")
        .len();
    assert!(size < 4096, "{size} bytes");
}

#[test]
fn a_template_reads_every_latency_and_metric_of_the_file() {
    let chart = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../chart");
    let mut templates = String::new();
    let mut folders = vec![chart.join("templates")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                templates += &std::fs::read_to_string(path).expect("a template");
            }
        }
    }
    let text = chart_file::render().expect("the names are the catalogue's");
    let yaml: serde_yaml::Value = serde_yaml::from_str(&text).expect("YAML");
    for section in ["latencies", "metrics"] {
        for (key, _) in yaml[section].as_mapping().expect("a map") {
            let key = key.as_str().expect("a text");
            assert!(templates.contains(key), "{section}.{key} is read by none");
        }
    }
}
