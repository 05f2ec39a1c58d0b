//! Names in the rules: of metrics, labels and runbooks.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;

use rules_tests::{alerts, all, expr, own_rules};

/// Series of other exporters: where they do not exist, what reads them has no data.
const FOREIGN: [&str; 24] = [
    "up",
    "probe_success",
    "probe_duration_seconds",
    "probe_http_status_code",
    "kube_pod_container_status_restarts_total",
    "kube_deployment_spec_replicas",
    "kube_statefulset_replicas",
    "kube_pod_container_resource_requests",
    "DCGM_FI_DEV_XID_ERRORS",
    "DCGM_FI_DEV_GPU_UTIL",
    "DCGM_FI_DEV_FB_USED",
    "DCGM_FI_DEV_GPU_TEMP",
    "DCGM_FI_PROF_GR_ENGINE_ACTIVE",
    "gpu_gfx_activity",
    "amd_gpu_gfx_activity",
    "gpu_used_vram",
    "amd_gpu_used_vram",
    "gpu_junction_temperature",
    "amd_gpu_junction_temperature",
    "habanalabs_utilization",
    "habanalabs_memory_used_bytes",
    "habanalabs_temperature_onchip",
    "duty_cycle",
    "memory_used",
];

/// Read before they are recorded: their values of earlier evaluations.
const OF_THE_PAST: [&str; 1] = ["model:vllm_slo_total:rate"];

/// Metrics of the collector: counters without a suffix. tests/collector holds a real one to them.
const COLLECTOR: [&str; 26] = [
    "http_server_request_duration_count",
    "otelcol_exporter_enqueue_failed_spans",
    "otelcol_exporter_sent_spans",
    "otelcol_processor_incoming_items",
    "otelcol_processor_outgoing_items",
    "otelcol_processor_tail_sampling_global_count_traces_sampled",
    "otelcol_processor_tail_sampling_new_trace_id_received",
    "otelcol_processor_tail_sampling_sampling_decision_timer_latency_count",
    "otelcol_processor_tail_sampling_sampling_trace_dropped_too_early",
    "otelcol_processor_tail_sampling_sampling_traces_on_memory",
    "otelcol_receiver_accepted_spans",
    "otelcol_receiver_refused_spans",
    "otelcol_receiver_failed_spans",
    "otelcol_exporter_queue_size",
    "otelcol_exporter_queue_capacity",
    "otelcol_exporter_send_failed_spans",
    "otelcol_loadbalancer_num_backends",
    "otelcol_otlp_guard_refused_requests",
    "otelcol_queue_guard_damaged_files",
    "otelcol_processor_tail_sampling_early_releases_from_cache_decision",
    "otelcol_wasm_sampling_policy_breaker_state",
    "otelcol_wasm_sampling_policy_faults",
    "otelcol_wasm_sampling_policy_decisions",
    "otelcol_wasm_sampling_policy_settings_reloads",
    "rpc_server_call_duration_count",
    "vllm_request_spans_calls_total",
];

/// Metrics of standalone mode's own Prometheus and Alertmanager. tests/chart (`watcher`) holds real
/// ones to them.
const WATCHER: [&str; 2] = ["prometheus_", "alertmanager_"];

/// Functions and aggregations of Prometheus 2.42 that the rules use. A name is added after a look
/// into that version's documentation.
const KNOWN_TO_2_42: [&str; 24] = [
    "avg",
    "avg_over_time",
    "bottomk",
    "changes",
    "clamp_min",
    "count",
    "group",
    "histogram_count",
    "histogram_fraction",
    "histogram_quantile",
    "histogram_sum",
    "increase",
    "label_replace",
    "last_over_time",
    "max",
    "max_over_time",
    "min",
    "min_over_time",
    "quantile",
    "rate",
    "resets",
    "sum",
    "sum_over_time",
    "vector",
];

#[test]
fn every_metric_is_in_the_catalogue_or_recorded_before() {
    let rules = own_rules().unwrap();
    let mut recorded = BTreeSet::new();
    let mut read = 0;
    for rule in all(&rules) {
        for expr::Selector { metric, own } in expr::read(rule["expr"].as_str().unwrap())
            .unwrap()
            .selectors
        {
            read += 1;
            let foreign = FOREIGN.contains(&metric.as_str());
            assert!(
                foreign
                    || COLLECTOR.contains(&metric.as_str())
                    || WATCHER.iter().any(|prefix| metric.starts_with(prefix))
                    || recorded.contains(&metric)
                    || OF_THE_PAST.contains(&metric.as_str())
                    || vllm_catalog::family_of_series(&metric).is_some()
                    // As a native histogram.
                    || vllm_catalog::family(&metric).is_some_and(|family| family.bounds.is_some())
                    || vllm_catalog::is_undescribed(&metric),
                "{metric} is neither in the catalogue nor recorded before: {rule:?}"
            );
            assert!(
                own || (foreign && metric != "up"),
                "{metric} is read from every release: {rule:?}"
            );
        }
        if let Some(name) = rule["record"].as_str() {
            assert_eq!(
                name.split(':').count(),
                3,
                "{name}: expected level:metric:operation"
            );
            recorded.insert(name.to_owned());
        }
    }
    assert!(read > 30, "only {read} selectors were found");
}

#[test]
fn no_group_has_more_than_twenty_rules() {
    let many: Vec<String> = (0..12)
        .flat_map(|i| {
            let entry = format!("models[{i}]");
            [
                format!("{entry}.name=m{i}"),
                format!("{entry}.replicas=2"),
                format!("{entry}.selector.app=m{i}"),
            ]
        })
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for rules in [
        own_rules().unwrap(),
        rules_tests::rules("r", &[], &many).unwrap(),
    ] {
        let mut names = BTreeSet::new();
        for group in rules["groups"].as_sequence().unwrap() {
            let name = group["name"].as_str().unwrap();
            let size = group["rules"].as_sequence().unwrap().len();
            assert!((1..=20).contains(&size), "{name}: {size} rules");
            assert!(names.insert(name), "{name} twice");
        }
    }
}

#[test]
fn a_wrong_name_would_be_found() {
    let found = expr::read("rate(vllm:num_preemptions[5m]) > 1")
        .unwrap()
        .selectors;
    let metric = "vllm:num_preemptions".to_owned();
    assert_eq!(found, [expr::Selector { metric, own: false }]);
    let by_name = expr::read(r#"max by (pod) ({__name__=~"a|b", vllm_monitoring="x"})"#).unwrap();
    assert_eq!(by_name.selectors.len(), 2);
    assert!(vllm_catalog::family_of_series("vllm:no_such_metric_total").is_none());
}

#[test]
fn only_functions_that_prometheus_2_42_knows_are_used() {
    let rules = own_rules().unwrap();
    let mut used = BTreeSet::new();
    for rule in all(&rules) {
        let found = expr::read(rule["expr"].as_str().unwrap()).unwrap();
        used.extend(found.calls);
        assert!(rule["keep_firing_for"].is_null(), "{rule:?}");
    }
    let known: BTreeSet<String> = KNOWN_TO_2_42
        .iter()
        .map(|name| (*name).to_owned())
        .collect();
    let unknown: Vec<_> = used.difference(&known).collect();
    assert!(unknown.is_empty(), "not in the list: {unknown:?}");
}

#[test]
fn a_newer_function_would_be_found() {
    let found = expr::read("histogram_avg(rate(x[5m])) + mad_over_time(x[5m])");
    // Either the grammar does not know it, or the list does not.
    assert!(found.is_err() || !KNOWN_TO_2_42.contains(&"histogram_avg"));
}

#[test]
fn every_runbook_url_leads_to_a_page_with_the_four_headings() {
    let rules = own_rules().unwrap();
    let base = "https://github.com/vllm-monitoring/vllm-monitoring/blob/main/";
    let readme = std::fs::read_to_string(harness::repo::root().join("README.md")).unwrap();
    let mut pages = 0;
    for rule in all(&rules) {
        let Some(alert) = rule["alert"].as_str() else {
            continue;
        };
        let url = rule["annotations"]["runbook_url"].as_str().unwrap();
        let path = url
            .strip_prefix(base)
            .unwrap_or_else(|| panic!("{alert}: {url}"));
        assert_eq!(path, format!("docs/runbooks/{alert}.md"));
        assert!(
            readme.contains(&format!("[{alert}]({path})")),
            "README.md: no line for {alert}"
        );
        let page = std::fs::read_to_string(harness::repo::root().join(path)).unwrap();
        let headings: Vec<&str> = page.lines().filter_map(|l| l.strip_prefix("## ")).collect();
        assert_eq!(
            headings,
            ["Meaning", "Impact", "Diagnosis", "Mitigation"],
            "{path}"
        );
        pages += 1;
    }
    assert!(pages >= alerts(&rules).len(), "only {pages} pages");
}

/// The names of the files of a folder, without their ending.
fn files(folder: &str, ending: &str) -> BTreeSet<String> {
    std::fs::read_dir(harness::repo::root().join(folder))
        .unwrap()
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.strip_suffix(ending).map(str::to_owned)
        })
        .collect()
}

#[test]
fn alerts_settings_cases_runbooks_and_the_readme_name_the_same_alerts() {
    let rules = own_rules().unwrap();
    let defined: BTreeSet<String> = all(&rules)
        .iter()
        .filter_map(|rule| rule["alert"].as_str().map(str::to_owned))
        .collect();

    let root = harness::repo::root();
    let values = std::fs::read_to_string(root.join("chart/values.yaml")).unwrap();
    let values: serde_yaml::Value = serde_yaml::from_str(&values).unwrap();
    let settings = values["rules"]["alerts"].as_mapping().unwrap().keys();
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let rows = readme.lines().filter_map(|line| {
        let name = line.strip_prefix("| [")?.split(']').next()?;
        line.contains("(docs/runbooks/").then(|| name.to_owned())
    });
    for (place, named) in [
        (
            "rules.alerts in chart/values.yaml",
            settings.map(|k| k.as_str().unwrap().to_owned()).collect(),
        ),
        ("tests/rules/cases", files("tests/rules/cases", ".yaml")),
        ("docs/runbooks", files("docs/runbooks", ".md")),
        ("the table in README.md", rows.collect()),
    ] as [(&str, BTreeSet<String>); 4]
    {
        let missing: Vec<_> = defined.difference(&named).collect();
        let extra: Vec<_> = named.difference(&defined).collect();
        assert!(
            missing.is_empty() && extra.is_empty(),
            "{place}: {missing:?} are missing, {extra:?} are no alert of chart/templates/rules (with tests/rules/values.yaml)"
        );
    }
}
