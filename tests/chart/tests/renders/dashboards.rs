//! Dashboards, and what is recorded for them.

use std::fs;

use chart_tests::{chart, with};

#[test]
fn every_dashboard_is_a_config_map_that_grafanas_sidecar_finds() {
    let files: Vec<String> = fs::read_dir(chart().join("dashboards"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    assert!(!files.is_empty());
    let rendered = with(&["dashboards.folder=Models", "dashboards.annotations.a=b"]).unwrap();
    for file in files {
        let [(name, text)] = rendered.config_maps_with(&file)[..] else {
            panic!("{file}: expected one ConfigMap");
        };
        let slug = file.trim_end_matches(".json");
        assert_eq!(name, format!("vllm-monitoring-dashboard-{slug}"));
        let dashboard: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(dashboard["uid"], format!("vllm-monitoring-{slug}"));
        let object = rendered
            .of_kind("ConfigMap")
            .find(|o| o["metadata"]["name"].as_str() == Some(name))
            .unwrap();
        let metadata = &object["metadata"];
        assert_eq!(metadata["labels"]["grafana_dashboard"].as_str(), Some("1"));
        assert_eq!(
            metadata["annotations"]["grafana_folder"].as_str(),
            Some("Models")
        );
        assert_eq!(metadata["annotations"]["a"].as_str(), Some("b"));
    }
    assert!(
        with(&["dashboards.enabled=false"])
            .unwrap()
            .config_maps_with("fleet.json")
            .is_empty()
    );
}

#[test]
fn what_dashboards_read_is_recorded_for_those_that_are_imported_by_hand_too() {
    let recorded = |set: &[&str]| {
        let rules = with(set).unwrap().rules().unwrap().unwrap();
        rules.contains("model:vllm_pods_kv_cache_usage_perc:p95")
    };
    assert!(recorded(&[]));
    assert!(recorded(&["dashboards.enabled=false"]));
    assert!(!recorded(&["rules.panels=false"]));
}
