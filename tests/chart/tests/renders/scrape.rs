//! The mode, and what is scraped.

use std::fs;

use chart_tests::{value_sets, with};
use harness::render::{Options, Rendered};

#[test]
fn the_mode_follows_what_the_cluster_serves() {
    let kinds = |set: &[&str], api: &[&str]| {
        let rendered = Rendered::new(&Options {
            set: set.iter().map(|s| (*s).to_owned()).collect(),
            api_versions: api.iter().map(|s| (*s).to_owned()).collect(),
            ..Options::default()
        })
        .unwrap();
        (
            rendered.of_kind("PodMonitor").count(),
            rendered.of_kind("PrometheusRule").count(),
            rendered.config_maps_with("prometheus.yml").len(),
        )
    };
    let operator = "monitoring.coreos.com/v1";
    assert_eq!(kinds(&[], &[]), (0, 0, 1));
    assert_eq!(kinds(&[], &[operator]), (2, 1, 0));
    assert_eq!(kinds(&["metrics.mode=operator"], &[]), (2, 1, 0));
    assert_eq!(kinds(&["metrics.mode=standalone"], &[operator]), (0, 0, 1));
}

#[test]
fn promtool_accepts_the_scrape_configuration_of_every_value_set() {
    let dir = tempfile::tempdir().unwrap();
    for values in value_sets().unwrap() {
        let rendered = Rendered::new(&Options {
            values,
            set: vec!["metrics.mode=standalone".to_owned()],
            ..Options::default()
        })
        .unwrap();
        let path = dir.path().join("prometheus.yml");
        fs::write(&path, rendered.config_maps_with("prometheus.yml")[0].1).unwrap();
        let out = harness::repo::command("promtool")
            .unwrap()
            .args(["check", "config", "--syntax-only"])
            .arg(&path)
            .output()
            .unwrap();
        assert!(
            out.status.success(),
            "{}",
            String::from_utf8_lossy(&out.stderr)
        );
    }
}

#[test]
fn targets_get_model_and_vllm_monitoring_but_never_model_name() {
    let rendered = with(&["metrics.mode=standalone", "models[0].name=a/b"]).unwrap();
    let config = rendered.config_maps_with("prometheus.yml")[0].1;
    let config: serde_yaml::Value = serde_yaml::from_str(config).unwrap();
    let job = &config["scrape_configs"][1];
    let labels: Vec<(&str, &str)> = job["relabel_configs"]
        .as_sequence()
        .unwrap()
        .iter()
        .filter_map(|r| {
            Some((
                r["target_label"].as_str()?,
                r["replacement"].as_str().unwrap_or(""),
            ))
        })
        .collect();
    assert!(labels.contains(&("model", "a/b")), "{labels:?}");
    assert!(
        labels.contains(&("vllm_monitoring", "monitoring/vllm-monitoring")),
        "{labels:?}"
    );
    assert!(
        !labels.iter().any(|(name, _)| *name == "model_name"),
        "{labels:?}"
    );
}
