//! What is scraped, how, and by whom it may be reached; presets and further objects.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::process::Command;

use chart_tests::{chart, with};
use harness::render::{Options, Rendered};
use serde_yaml::Value;

fn file(name: &str, set: &[&str]) -> Rendered {
    Rendered::new(&Options {
        values: vec![chart().join(name)],
        set: set.iter().map(|s| (*s).to_owned()).collect(),
        ..Options::default()
    })
    .unwrap()
}

const SCRAPING: &str = "ci/scraping-values.yaml";

#[test]
fn an_entry_gets_the_monitor_that_it_asks_for_with_tls_and_token() {
    let rendered = file(SCRAPING, &["metrics.mode=operator"]);
    let monitor = rendered.of_kind("ServiceMonitor").next().unwrap();
    assert_eq!(monitor["spec"]["selector"]["matchLabels"]["app"], "vllm-a");
    let endpoint = &monitor["spec"]["endpoints"][0];
    assert_eq!(endpoint["scheme"], "https");
    assert_eq!(endpoint["tlsConfig"]["ca"]["secret"]["name"], "vllm-ca");
    assert_eq!(endpoint["tlsConfig"]["serverName"], "vllm.internal");
    assert_eq!(endpoint["authorization"]["credentials"]["key"], "token");
    let labels = endpoint["relabelings"].as_sequence().unwrap();
    let targets: Vec<_> = labels.iter().map(|l| l["targetLabel"].as_str()).collect();
    assert_eq!(targets, [Some("model"), Some("vllm_monitoring")]);
    // The chart's own Service carries the labels that its ServiceMonitor selects by.
    let own = rendered.of_kind("ServiceMonitor").nth(1).unwrap();
    let service = rendered
        .of_kind("Service")
        .find(|s| s["metadata"]["name"] == own["metadata"]["name"])
        .unwrap();
    for (key, value) in own["spec"]["selector"]["matchLabels"].as_mapping().unwrap() {
        assert_eq!(&service["metadata"]["labels"][key], value);
    }
}

#[test]
fn standalone_scrapes_the_same_with_the_secrets_mounted_and_in_no_config() {
    let rendered = file(SCRAPING, &["metrics.mode=standalone"]);
    let config = rendered.config_maps_with("prometheus.yml")[0].1;
    let config: Value = serde_yaml::from_str(config).unwrap();
    let job = &config["scrape_configs"][1];
    assert_eq!(
        job["tls_config"]["ca_file"],
        "/etc/prometheus/scrape/vllm-ca/ca.crt"
    );
    let token = "/etc/prometheus/scrape/scrape-token/token";
    assert_eq!(job["authorization"]["credentials_file"], token);
    let labels = &config["scrape_configs"][2]["kubernetes_sd_configs"][0]["selectors"][0]["label"];
    assert_eq!(labels, "app=vllm,role in (decode,prefill),!headless");
    let pod = rendered
        .of_kind("StatefulSet")
        .find(|s| s["metadata"]["name"] == "vllm-monitoring-prometheus")
        .unwrap()["spec"]["template"]["spec"]
        .clone();
    let mounts = serde_yaml::to_string(&pod["containers"][0]["volumeMounts"]).unwrap();
    for secret in ["vllm-ca", "prometheus-client", "scrape-token"] {
        assert!(
            mounts.contains(&format!("/etc/prometheus/scrape/{secret}\n")),
            "{mounts}"
        );
    }
}

#[test]
fn by_default_nothing_is_encrypted_and_no_secret_is_read() {
    let rendered = with(&["metrics.mode=standalone"]).unwrap();
    let config = rendered.config_maps_with("prometheus.yml")[0].1;
    assert!(!config.contains("scheme:") && !config.contains("authorization:"));
}

#[test]
fn further_objects_are_templates() {
    let rendered = file(SCRAPING, &[]);
    let names: Vec<_> = rendered
        .of_kind("ConfigMap")
        .map(|o| o["metadata"]["name"].clone())
        .collect();
    assert!(names.contains(&"vllm-monitoring-more".into()), "{names:?}");
}

#[test]
fn presets_do_what_they_are_named_after() {
    let standalone = file("values-standalone.yaml", &[]);
    let stores = standalone.of_kind("StatefulSet");
    assert!(
        stores
            .into_iter()
            .all(|s| !s["spec"]["volumeClaimTemplates"].is_null())
    );
    let existing = file("values-existing.yaml", &[]);
    assert_eq!(existing.of_kind("PodMonitor").count(), 6);
    assert_eq!(existing.of_kind("Deployment").count(), 0);
    let qwen = file("values-qwen3-235b.yaml", &[]);
    let deployment = qwen.of_kind("Deployment").next().unwrap();
    assert_eq!(deployment["spec"]["replicas"], 40);
    let container = &deployment["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["resources"]["limits"]["nvidia.com/gpu"], 4);
}

/// The notes' words on a Prometheus, which a test has no cluster to look up in.
fn warnings(spec: &str, set: &[&str]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("chart");
    assert!(
        Command::new("cp")
            .arg("-r")
            .arg(chart())
            .arg(&copy)
            .status()
            .unwrap()
            .success()
    );
    let probe = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: probe}}\ndata:\n  probe: |-\n    {{{{- include \"vllm-monitoring.selectionWarnings\" (list . (`{{metadata: {{namespace: monitoring, name: kps}}, spec: {spec}}}` | fromYaml)) | nindent 4 }}}}\n"
    );
    std::fs::write(copy.join("templates/probe.yaml"), probe).unwrap();
    let options = Options {
        chart: copy,
        set: set.iter().map(|s| (*s).to_owned()).collect(),
        ..Options::default()
    };
    let rendered = Rendered::new(&options).unwrap();
    rendered.config_maps_with("probe")[0].1.trim().to_owned()
}

#[test]
fn the_notes_name_the_label_that_a_prometheus_selects_by_and_ours_lack() {
    let kps = "{podMonitorSelector: {matchLabels: {release: kps}}, ruleSelector: {}}";
    assert_eq!(
        warnings(kps, &[]),
        "WARNING: monitoring/kps selects release=kps, your PodMonitor lacks it; set  metrics: {operator: {labels: {release: kps}}}"
    );
    assert_eq!(warnings(kps, &["metrics.operator.labels.release=kps"]), "");
    let none = warnings("{podMonitorSelector: {}}", &[]);
    assert!(
        none.contains("has no ruleSelector") && !none.contains("PodMonitor at all"),
        "{none}"
    );
}

/// What balancers receive is received again by samplers: under their label it would count twice.
#[test]
fn balancers_are_scraped_under_a_label_of_their_own() {
    let balanced = [
        "tracing.collector.replicas=2",
        "tracing.balancer.enabled=true",
    ];
    let set = [&balanced[..], &["metrics.mode=operator"]].concat();
    let operator = with(&set).unwrap();
    let monitor = operator
        .of_kind("PodMonitor")
        .find(|m| m["metadata"]["name"] == "vllm-monitoring-balancer")
        .unwrap();
    let pods = operator
        .of_kind("Deployment")
        .find(|d| d["metadata"]["name"] == "vllm-monitoring-balancer")
        .unwrap();
    assert_eq!(monitor["spec"]["selector"], pods["spec"]["selector"]);
    let labels = |of: &serde_yaml::Value, key: &str| -> Vec<String> {
        let all = of.as_sequence().unwrap().iter();
        all.filter_map(|r| Some(r[key].as_str()?.to_owned()))
            .collect()
    };
    let endpoint = &monitor["spec"]["podMetricsEndpoints"][0];
    assert_eq!(
        labels(&endpoint["relabelings"], "targetLabel"),
        ["balancer_of"]
    );

    let set = [&balanced[..], &["metrics.mode=standalone"]].concat();
    let job = |set: &[&str]| {
        let rendered = with(set).unwrap();
        let config = rendered.config_maps_with("prometheus.yml")[0].1;
        let config: serde_yaml::Value = serde_yaml::from_str(config).unwrap();
        let jobs = config["scrape_configs"].as_sequence().unwrap();
        jobs.iter()
            .find(|job| job["job_name"] == "vllm-monitoring/balancer")
            .cloned()
    };
    let own = labels(&job(&set).unwrap()["relabel_configs"], "target_label");
    assert!(own.contains(&"balancer_of".to_owned()), "{own:?}");
    assert!(!own.contains(&"vllm_monitoring".to_owned()), "{own:?}");
    assert!(job(&["metrics.mode=standalone"]).is_none());
}
