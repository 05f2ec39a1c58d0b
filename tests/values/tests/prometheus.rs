//! prometheus.scrapeConfigs as promtool reads them: in jobs with every key that Prometheus has, each value becomes
//! one of another type and each key is misspelt, and the validator refuses what promtool refuses, and nothing else.
//! promtool is built without the other discoveries; their keys come from the same generator.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::fs;

use harness::repo;
use serde_yaml::Value;
use values_tests::probes::{PROBES, each, errors, misspelt};

/// Jobs that together have every key.
const JOBS: &str = r#"
- job_name: all
  honor_labels: true
  honor_timestamps: true
  track_timestamps_staleness: true
  params: {module: [http_2xx]}
  scrape_interval: 30s
  scrape_timeout: 10s
  scrape_protocols: [OpenMetricsText1.0.0, PrometheusText0.0.4]
  fallback_scrape_protocol: PrometheusText0.0.4
  scrape_native_histograms: true
  always_scrape_classic_histograms: true
  convert_classic_histograms_to_nhcb: true
  scrape_failure_log_file: /prometheus/failures.log
  metrics_path: /metrics
  scheme: https
  enable_compression: true
  body_size_limit: 10MB
  sample_limit: 1000
  target_limit: 100
  label_limit: 50
  label_name_length_limit: 100
  label_value_length_limit: 200
  native_histogram_bucket_limit: 160
  native_histogram_min_bucket_factor: 1.1
  keep_dropped_targets: 10
  metric_name_validation_scheme: utf8
  metric_name_escaping_scheme: allow-utf-8
  extra_scrape_metrics: true
  basic_auth: {username: a, password_file: /etc/password}
  tls_config: {ca_file: /etc/ca, cert_file: /etc/cert, key_file: /etc/key, server_name: a, insecure_skip_verify: true, min_version: TLS12, max_version: TLS13}
  follow_redirects: true
  enable_http2: true
  proxy_url: http://proxy:3128
  no_proxy: localhost
  proxy_connect_header: {A: [b]}
  http_headers: {X-Scope: {values: [a], secrets: [b], files: [/etc/header]}}
  static_configs: [{targets: ['a:1', 'b:2'], labels: {team: a}}]
  relabel_configs:
    - {source_labels: [__address__, job], separator: ';', regex: (.+);.+, target_label: host, replacement: $1, action: replace}
    - {source_labels: [__address__], modulus: 2, target_label: __tmp_part, action: hashmod}
    - {regex: team, action: labeldrop}
  metric_relabel_configs: [{source_labels: [__name__], regex: go_.*, action: drop}]
- job_name: oauth
  oauth2:
    client_id: a
    client_secret: b
    token_url: https://login/token
    scopes: [a]
    endpoint_params: {a: b}
  kubernetes_sd_configs:
    - role: pod
      namespaces: {own_namespace: true, names: [default]}
      selectors: [{role: pod, label: app=vllm, field: status.phase=Running}]
      attach_metadata: {node: true, namespace: true, deployment: true, job: true, cronjob: true}
- job_name: remote
  authorization: {type: Bearer, credentials_file: /etc/token}
  kubernetes_sd_configs:
    - role: endpointslice
      api_server: https://cluster:6443
      authorization: {type: Bearer, credentials: abc}
- job_name: file
  proxy_from_environment: true
  bearer_token_file: /etc/token
  kubernetes_sd_configs: [{role: node, kubeconfig_file: /etc/kubeconfig}]
"#;

/// Labels, parameters and headers have names of the user's.
fn free(path: &str) -> bool {
    let free = [
        "labels",
        "params",
        "http_headers",
        "proxy_connect_header",
        "endpoint_params",
    ];
    free.iter().any(|key| path.ends_with(key)) && !path.contains("relabel")
}

/// Which of the lists of jobs promtool refuses.
fn refused(lists: &[Value]) -> Vec<bool> {
    let dir = tempfile::tempdir().unwrap();
    let files: Vec<_> = (0..lists.len())
        .map(|at| dir.path().join(format!("{at}.yml")))
        .collect();
    for (file, list) in files.iter().zip(lists) {
        // With quotes around each text, as helm writes "yes".
        let text = serde_json::json!({"scrape_configs": list}).to_string();
        fs::write(file, text).unwrap();
    }
    let out = repo::command("promtool")
        .unwrap()
        .args(["check", "config", "--syntax-only"])
        .args(&files)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let all: Vec<bool> = said
        .split("Checking ")
        .skip(1)
        .map(|part| !part.contains("SUCCESS"))
        .collect();
    assert_eq!(
        all.len(),
        lists.len(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    all
}

fn jobs() -> Value {
    serde_yaml::from_str(JOBS).unwrap()
}

fn found(jobs: &Value) -> Vec<String> {
    let mut prometheus = serde_yaml::Mapping::new();
    prometheus.insert("scrapeConfigs".into(), jobs.clone());
    let mut values = serde_yaml::Mapping::new();
    values.insert("prometheus".into(), prometheus.into());
    errors(&values.into()).unwrap()
}

/// Where the two differ, which is known.
fn known(path: &str, probe: &str, refused: bool) -> bool {
    let ends = |keys: &[&str]| keys.iter().any(|key| path.ends_with(key));
    if !refused {
        // The chart's own schema, and so helm, takes one form only.
        let own = [
            "job_name",
            "honor_labels",
            "params",
            "scheme",
            "static_configs",
            "relabel_configs",
            "metric_relabel_configs",
            "scrape_interval",
            "scrape_timeout",
        ];
        let mut key = path.split(['.', '[']).skip(2);
        return key.next().is_some_and(|key| own.contains(&key));
    }
    match probe {
        // What there is to say is of two keys together, or an item is nothing.
        "null" | "\"\"" => ends(&["proxy_url", "api_server", "]"]),
        // A selector of Kubernetes.
        _ => ends(&["].field"]),
    }
}

fn compare(cases: &[(String, &str, Value)]) {
    let lists: Vec<Value> = cases.iter().map(|(.., jobs)| jobs.clone()).collect();
    let wrong: Vec<String> = (cases.iter().zip(refused(&lists)))
        .filter_map(|((path, probe, jobs), refused)| {
            let found = found(jobs);
            (refused == found.is_empty() && !known(path, probe, refused))
                .then(|| format!("{path}: {probe}: promtool {refused}, found {found:?}"))
        })
        .collect();
    println!("{} files", cases.len());
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn each_key_of_prometheus_is_taken_and_each_misspelt_one_refused() {
    assert_eq!(refused(&[jobs()]), [false]);
    assert_eq!(found(&jobs()), [""; 0]);
    let cases: Vec<_> = misspelt(&jobs(), "", &free, &|all| all)
        .into_iter()
        .map(|(path, jobs)| (path, "misspelt", jobs))
        .collect();
    assert!(cases.len() > 100, "{}", cases.len());
    compare(&cases);
}

#[test]
fn each_value_of_another_type_is_refused_where_promtool_refuses_it() {
    let mut cases = Vec::new();
    for probe in PROBES {
        let new: Value = serde_yaml::from_str(probe).unwrap();
        let all = each(&jobs(), "", &new, &|all| all).into_iter().skip(1);
        cases.extend(all.map(|(path, jobs)| (path, probe, jobs)));
    }
    compare(&cases);
}
