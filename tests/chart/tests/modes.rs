//! Every mode of scraping, rendered whole and held to the operators' own CRDs: what each writes for the same
//! values, and what a scrape does to series.

#![allow(clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

use chart_tests::{conform, refusal};
use harness::render::{Options, Rendered};
use regex::Regex;
use serde_json::{Value, json};

/// Entries of every shape, with all that a scrape can be told.
const VALUES: &str = r#"
metrics:
  scrape:
    interval: 20s
    timeout: 7s
    tls: {ca: {secretName: ca}, clientSecretName: client, serverName: vllm.internal}
    bearer: {secretName: token}
    limits: {samples: 5000, labels: 40, labelNameLength: 100, labelValueLength: 300, bodySize: 10MB}
  operator: {labels: {release: kps}}
commonLabels: {release: other}
models:
  - {name: ranks, selector: {app: big}, namespaces: [inference, batch], ports: [8000, 8001]}
  - name: mesh
    selector: {app: mesh}
    namespaces: [inference]
    port: http-metrics
    selectorExpressions: [{key: role, operator: In, values: [decode]}]
    scrape: {path: /stats/prometheus, scheme: https}
tracing: {collector: {replicas: 2}, balancer: {enabled: true}, spanMetrics: {enabled: true}}
"#;

fn rendered(mode: &str, more: &Value) -> Rendered {
    let mut values: Value = serde_yaml::from_str(VALUES).unwrap();
    values["metrics"]["mode"] = json!(mode);
    merge(&mut values, more);
    let file = tempfile::NamedTempFile::with_suffix(".json").unwrap();
    std::fs::write(file.path(), values.to_string()).unwrap();
    Rendered::new(&Options {
        values: vec![file.path().to_owned()],
        ..Options::default()
    })
    .unwrap()
}

fn merge(into: &mut Value, from: &Value) {
    match (into.as_object_mut(), from.as_object()) {
        (Some(into), Some(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        _ => *into = from.clone(),
    }
}

fn of_kind(rendered: &Rendered, kind: &str) -> Vec<Value> {
    let objects = rendered.of_kind(kind);
    objects.map(|o| serde_json::to_value(o).unwrap()).collect()
}

/// `namespace/name` of each object of a kind.
fn names(rendered: &Rendered, kind: &str) -> Vec<String> {
    let of = |o: &Value| {
        let namespace = o["metadata"]["namespace"].as_str().unwrap_or("-");
        format!("{namespace}/{}", o["metadata"]["name"].as_str().unwrap())
    };
    of_kind(rendered, kind).iter().map(of).collect()
}

fn named(rendered: &Rendered, kind: &str, name: &str) -> Value {
    let all = of_kind(rendered, kind);
    let found = all.into_iter().find(|o| o["metadata"]["name"] == name);
    found.unwrap()
}

const OWN: [&str; 2] = [
    "monitoring/vllm-monitoring-collector",
    "monitoring/vllm-monitoring-balancer",
];

#[test]
fn every_mode_conforms_to_the_crds_of_its_operator_and_installs_no_prometheus_beside_it() {
    let service = json!({"name": "service", "monitor": "ServiceMonitor", "serviceSelector": {"app": "s"},
        "namespaces": ["*"]});
    for (mode, api, pods, services, rules) in [
        (
            "operator",
            "monitoring.coreos.com/v1",
            "PodMonitor",
            Some("ServiceMonitor"),
            Some("PrometheusRule"),
        ),
        (
            "victoriametrics",
            "operator.victoriametrics.com/v1beta1",
            "VMPodScrape",
            Some("VMServiceScrape"),
            Some("VMRule"),
        ),
        (
            "azure",
            "azmonitoring.coreos.com/v1",
            "PodMonitor",
            Some("ServiceMonitor"),
            None,
        ),
        (
            "google",
            "monitoring.googleapis.com/v1",
            "PodMonitoring",
            None,
            Some("ClusterRules"),
        ),
    ] {
        let mut models = serde_yaml::from_str::<Value>(VALUES).unwrap()["models"].clone();
        if services.is_some() {
            models.as_array_mut().unwrap().push(service.clone());
        }
        let rendered = rendered(mode, &json!({"models": models}));
        conform(&rendered.manifests, "v1.35.0").unwrap();
        let objects: Vec<Value> = [Some(pods), services, rules]
            .into_iter()
            .flatten()
            .flat_map(|kind| of_kind(&rendered, kind))
            .collect();
        for object in &objects {
            assert_eq!(object["apiVersion"], api, "{mode}");
            // The label that a Prometheus selects by is the operator's, not the common one.
            assert_eq!(object["metadata"]["labels"]["release"], "kps", "{mode}");
        }
        let each = if mode == "google" { 5 } else { 4 };
        assert_eq!(names(&rendered, pods).len(), each, "{mode}");
        for own in OWN {
            assert!(names(&rendered, pods).contains(&own.to_owned()), "{mode}");
        }
        assert_eq!(
            services.map_or(1, |kind| of_kind(&rendered, kind).len()),
            1,
            "{mode}"
        );
        assert_eq!(
            rules.map_or(1, |kind| of_kind(&rendered, kind).len()),
            1,
            "{mode}"
        );
        assert_eq!(
            rendered.config_maps_with("rules.yaml").len(),
            usize::from(rules.is_none()),
            "{mode}"
        );
        assert!(
            !names(&rendered, "StatefulSet")
                .iter()
                .any(|n| n.ends_with("-prometheus")),
            "{mode}"
        );
    }
}

/// What Azure's agent reads of a PodMonitor: the keys of its CRD in Azure/prometheus-collector
/// (ama-metrics-podmonitor-crd.yaml at 07cb97561a57), which no package has. Keys that it does not know are removed
/// by the API server without a word.
const AZURE_SPEC: [&str; 9] = [
    "jobLabel",
    "labelLimit",
    "labelNameLengthLimit",
    "labelValueLengthLimit",
    "namespaceSelector",
    "podMetricsEndpoints",
    "podTargetLabels",
    "sampleLimit",
    "selector",
];
const AZURE_ENDPOINT: [&str; 12] = [
    "authorization",
    "bearerTokenSecret",
    "honorLabels",
    "interval",
    "metricRelabelings",
    "path",
    "port",
    "relabelings",
    "scheme",
    "scrapeTimeout",
    "targetPort",
    "tlsConfig",
];

#[test]
fn a_pod_monitor_for_azure_has_no_key_that_its_agent_does_not_read() {
    let rendered = rendered("azure", &json!({}));
    let unread = |object: &Value, read: &[&str]| -> Vec<String> {
        let keys = object.as_object().unwrap().keys();
        keys.filter(|key| !read.contains(&key.as_str()))
            .cloned()
            .collect()
    };
    for monitor in of_kind(&rendered, "PodMonitor") {
        let spec = &monitor["spec"];
        assert_eq!(unread(spec, &AZURE_SPEC), [""; 0], "{monitor}");
        for endpoint in spec["podMetricsEndpoints"].as_array().unwrap() {
            assert_eq!(unread(endpoint, &AZURE_ENDPOINT), [""; 0], "{monitor}");
        }
    }
}

/// The keys of an object's endpoint by the words of each operator, and its limits.
#[test]
fn several_ports_paths_and_limits_are_written_in_the_words_of_each_operator() {
    for (mode, kind, endpoints, port, named_port) in [
        (
            "operator",
            "PodMonitor",
            "podMetricsEndpoints",
            "portNumber",
            "port",
        ),
        (
            "victoriametrics",
            "VMPodScrape",
            "podMetricsEndpoints",
            "targetPort",
            "port",
        ),
        (
            "azure",
            "PodMonitor",
            "podMetricsEndpoints",
            "targetPort",
            "port",
        ),
        ("google", "PodMonitoring", "endpoints", "port", "port"),
    ] {
        let rendered = rendered(mode, &json!({}));
        let ranks = named(&rendered, kind, "vllm-monitoring-ranks");
        let both = ranks["spec"][endpoints].as_array().unwrap();
        assert_eq!(
            [&both[0][port], &both[1][port]],
            [&json!(8000), &json!(8001)],
            "{mode}"
        );
        let mesh = named(&rendered, kind, "vllm-monitoring-mesh");
        let mesh = &mesh["spec"][endpoints][0];
        assert_eq!(mesh[named_port], "http-metrics", "{mode}");
        assert_eq!(mesh["path"], "/stats/prometheus", "{mode}");
        assert_eq!(mesh["scheme"], "https", "{mode}");
        assert_ne!(both[0]["scheme"], "https", "{mode}");
        let spec = &ranks["spec"];
        let (limits, body) = match mode {
            "google" => (spec["limits"]["samples"].clone(), &Value::Null),
            "victoriametrics" => (spec["sampleLimit"].clone(), &both[0]["max_scrape_size"]),
            "azure" => (spec["sampleLimit"].clone(), &json!("10MB")),
            _ => (spec["sampleLimit"].clone(), &spec["bodySizeLimit"]),
        };
        assert_eq!(limits, 5000, "{mode}");
        assert!(mode == "google" || body == "10MB", "{mode}: {body}");
        let own = named(&rendered, kind, "vllm-monitoring-collector");
        assert!(
            own["spec"]["sampleLimit"].is_null(),
            "limits are for vLLM's series: {mode}"
        );
    }
    let config = rendered("standalone", &json!({}));
    let config: Value =
        serde_yaml::from_str(config.config_maps_with("prometheus.yml")[0].1).unwrap();
    let jobs = config["scrape_configs"].as_array().unwrap();
    let job = |name: &str| jobs.iter().find(|job| job["job_name"] == name).unwrap();
    for name in ["vllm/ranks", "vllm/ranks-8001", "vllm/mesh"] {
        let job = job(name);
        assert_eq!(job["sample_limit"], 5000);
        assert_eq!(job["label_limit"], 40);
        assert_eq!(job["label_name_length_limit"], 100);
        assert_eq!(job["label_value_length_limit"], 300);
        assert_eq!(job["body_size_limit"], "10MB");
        assert_eq!(job["convert_classic_histograms_to_nhcb"], false);
    }
    assert_eq!(job("vllm/mesh")["metrics_path"], "/stats/prometheus");
    assert!(job("vllm-monitoring/collector")["sample_limit"].is_null());
}

#[test]
fn an_older_operator_gets_no_field_that_it_does_not_know() {
    let fields = |version: &str| {
        let rendered = rendered(
            "operator",
            &json!({"metrics": {"operator": {"version": version}}}),
        );
        let spec = named(&rendered, "PodMonitor", "vllm-monitoring-ranks")["spec"].clone();
        let endpoint = &spec["podMetricsEndpoints"][0];
        ["portNumber", "targetPort"]
            .into_iter()
            .filter(|key| !endpoint[key].is_null())
            .chain(
                ["bodySizeLimit", "convertClassicHistogramsToNHCB"]
                    .into_iter()
                    .filter(|key| !spec[key].is_null()),
            )
            .collect::<Vec<_>>()
    };
    assert_eq!(
        fields("0.82.0"),
        [
            "portNumber",
            "bodySizeLimit",
            "convertClassicHistogramsToNHCB"
        ]
    );
    assert_eq!(fields("0.81.0"), ["portNumber", "bodySizeLimit"]);
    assert_eq!(fields("0.78.2"), ["targetPort", "bodySizeLimit"]);
    assert_eq!(fields("0.72.0"), ["targetPort"]);
}

#[test]
fn namespaced_monitors_and_rules_stand_in_the_namespaces_of_the_models() {
    for (mode, monitor, rule) in [
        ("operator", "PodMonitor", "PrometheusRule"),
        ("victoriametrics", "VMPodScrape", "VMRule"),
    ] {
        let namespaced = json!({"metrics": {"operator": {"namespaced": true}}});
        let rendered = rendered(mode, &namespaced);
        conform(&rendered.manifests, "v1.35.0").unwrap();
        let mut found = names(&rendered, monitor);
        found.sort();
        assert_eq!(
            found,
            [
                "batch/vllm-monitoring-ranks",
                "inference/vllm-monitoring-mesh",
                "inference/vllm-monitoring-ranks",
                "monitoring/vllm-monitoring-balancer",
                "monitoring/vllm-monitoring-collector",
            ],
            "{mode}"
        );
        for monitor in of_kind(&rendered, monitor) {
            // An operator with ignoreNamespaceSelectors reads it as its own namespace.
            assert!(monitor["spec"]["namespaceSelector"].is_null(), "{mode}");
        }
        // Each namespace has the rules of its own entries, and the release's has those about the collectors.
        let mut found = Vec::new();
        for object in of_kind(&rendered, rule) {
            let text = object["spec"].to_string();
            let about =
                ["ranks", "mesh"].map(|model| text.contains(&format!("model=\\\"{model}\\\"")));
            let collectors = text.contains("VllmCollectorDown");
            found.push((
                object["metadata"]["namespace"].as_str().unwrap().to_owned(),
                about,
                collectors,
            ));
        }
        found.sort();
        let of = |namespace: &str, about, collectors| (namespace.to_owned(), about, collectors);
        assert_eq!(
            found,
            [
                of("batch", [true, false], false),
                of("inference", [true, true], false),
                of("monitoring", [false, false], true),
            ],
            "{mode}"
        );
    }
}

/// What the steps of a scrape make of a series: its name, or none where it is dropped, and its `engine`.
fn stored(steps: &Value, name: &str) -> Option<(String, String)> {
    let (mut name, mut engine) = (name.to_owned(), "0".to_owned());
    for step in steps.as_array().unwrap() {
        let regex = step["regex"].as_str().unwrap_or("(.*)");
        let regex = Regex::new(&format!("^(?s:{regex})$")).unwrap();
        let source = match step["sourceLabels"][0].as_str().unwrap() {
            "engine" => &engine,
            "__name__" => &name,
            other => panic!("{other}"),
        };
        let captured = regex.captures(source);
        match (step["action"].as_str(), captured) {
            (Some("drop"), Some(_)) | (Some("keep"), None) => return None,
            (None | Some("replace"), Some(captured)) => {
                let mut put = String::new();
                let braced = step["replacement"]
                    .as_str()
                    .unwrap()
                    .replace("$1$2", "${1}${2}");
                captured.expand(&braced, &mut put);
                if step["targetLabel"] == "engine" {
                    engine = put;
                } else {
                    name = put;
                }
            }
            _ => {}
        }
    }
    Some((name, engine))
}

#[test]
fn prefixes_are_taken_off_at_the_scrape_and_the_engines_of_several_ports_told_apart() {
    for (mode, kind, endpoints, key) in [
        (
            "operator",
            "PodMonitor",
            "podMetricsEndpoints",
            "metricRelabelings",
        ),
        (
            "victoriametrics",
            "VMPodScrape",
            "podMetricsEndpoints",
            "metricRelabelConfigs",
        ),
        (
            "azure",
            "PodMonitor",
            "podMetricsEndpoints",
            "metricRelabelings",
        ),
        ("google", "PodMonitoring", "endpoints", "metricRelabeling"),
    ] {
        let rendered = rendered(mode, &json!({}));
        let ranks = named(&rendered, kind, "vllm-monitoring-ranks");
        let mesh = named(&rendered, kind, "vllm-monitoring-mesh");
        for prefix in [
            "vllm:",
            "ray_vllm:",
            "ray_vllm_",
            "kserve_vllm:",
            "my_own_vllm:",
        ] {
            for name in [
                "e2e_request_latency_seconds_bucket",
                "request_success_total",
                "num_requests_running",
            ] {
                let put = |port: usize| {
                    let steps = &ranks["spec"][endpoints][port][key];
                    // Google's steps write the target labels, too.
                    let steps: Vec<_> = steps
                        .as_array()
                        .unwrap()
                        .iter()
                        .filter(|s| s["sourceLabels"].is_array())
                        .cloned()
                        .collect();
                    stored(&json!(steps), &format!("{prefix}{name}"))
                };
                let wanted = |port| Some((format!("vllm:{name}"), format!("{port}/0")));
                assert_eq!(put(0), wanted(8000), "{mode}: {prefix}");
                assert_eq!(put(1), wanted(8001), "{mode}: {prefix}");
                let steps = &mesh["spec"][endpoints][0][key];
                let steps: Vec<_> = steps
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|s| s["sourceLabels"].is_array())
                    .cloned()
                    .collect();
                let alone = stored(&json!(steps), &format!("{prefix}{name}"));
                assert_eq!(
                    alone,
                    Some((format!("vllm:{name}"), "0".to_owned())),
                    "{mode}: one port needs no mark"
                );
            }
        }
    }
}

/// `0.0.0.0` is an address of IPv4: on a cluster with IPv6 alone nothing reaches it.
#[test]
fn every_part_listens_on_all_addresses_of_both_families() {
    let all = json!({
        "metrics": {"scrape": {"tls": {"ca": {"secretName": ""}, "clientSecretName": ""}, "bearer": {"secretName": ""}}},
        "models": [{"name": "own", "deploy": {"enabled": true, "args": ["--host", "::"]}}],
        "jaeger": {"enabled": true}, "grafana": {"enabled": true},
        "alertmanager": {"replicas": 2},
        "tracing": {"receiver": {"http": {"enabled": true}}},
    });
    let rendered = rendered("standalone", &all);
    for loopback in ["0.0.0.0", "http_addr = 127", "endpoint: localhost"] {
        assert!(!rendered.manifests.contains(loopback), "{loopback}");
    }
    let config = rendered.collector().unwrap().unwrap();
    let config: Value = serde_yaml::from_str(&config).unwrap();
    let protocols = &config["receivers"]["otlp"]["protocols"];
    assert_eq!(protocols["grpc"]["endpoint"], ":4317");
    assert_eq!(protocols["http"]["endpoint"], ":4318");
    let prometheus = named(&rendered, "StatefulSet", "vllm-monitoring-prometheus");
    let args = prometheus["spec"]["template"]["spec"]["containers"][0]["args"].to_string();
    assert!(args.contains("--web.listen-address=:9090"), "{args}");
    let alertmanager = named(&rendered, "StatefulSet", "vllm-monitoring-alertmanager");
    let args = alertmanager["spec"]["template"]["spec"]["containers"][0]["args"].to_string();
    assert!(
        args.contains("--cluster.listen-address=[$(POD_IP)]:9094"),
        "{args}"
    );
    let vllm = named(&rendered, "Deployment", "vllm-monitoring-own");
    let args = vllm["spec"]["template"]["spec"]["containers"][0]["args"].to_string();
    assert!(args.contains(r#""--host","::""#), "{args}");
}

#[test]
fn a_route_without_a_gateway_is_refused() {
    for part in ["prometheus", "alertmanager", "grafana", "jaeger"] {
        let enabled = format!("{part}.enabled=true");
        let mut set = vec!["metrics.mode=standalone"];
        if part != "prometheus" {
            set.push(&enabled);
        }
        let route = format!("{part}.httpRoute.enabled=true");
        set.push(&route);
        let said = refusal(&set).unwrap();
        assert!(
            said.contains(&format!("{part}.httpRoute.parentRefs")),
            "{said}"
        );
        let gateway = format!("{part}.httpRoute.parentRefs[0].name=public");
        set.push(&gateway);
        chart_tests::with(&set).unwrap();
    }
}

#[test]
fn auto_knows_an_operator_by_its_group_or_by_its_kind() {
    for (api, kind) in [
        ("monitoring.coreos.com/v1", "PodMonitor"),
        ("operator.victoriametrics.com/v1beta1", "VMPodScrape"),
        ("azmonitoring.coreos.com/v1", "PodMonitor"),
        ("monitoring.googleapis.com/v1", "PodMonitoring"),
    ] {
        // As another's chart is told, of which GKE's is behind every other.
        for served in [api.to_owned(), format!("{api}/{kind}")] {
            let options = Options {
                api_versions: vec![
                    "monitoring.googleapis.com/v1/Rules".to_owned(),
                    served.clone(),
                ],
                ..Options::default()
            };
            let rendered = Rendered::new(&options).unwrap();
            let monitors = of_kind(&rendered, kind);
            assert!(!monitors.is_empty(), "{served}: no {kind}");
            assert_eq!(monitors[0]["apiVersion"], api, "{served}");
            let own = rendered.config_maps_with("prometheus.yml");
            assert!(own.is_empty(), "{served}: a Prometheus beside it");
        }
    }
}

#[test]
fn ports_are_named_as_both_operators_of_a_cluster_read_them() {
    let endpoints = |apis: &[&str]| {
        let rendered = Rendered::new(&Options {
            api_versions: apis.iter().map(|api| (*api).to_owned()).collect(),
            set: vec!["metrics.operator.version=0.85.0".to_owned()],
            ..Options::default()
        })
        .unwrap();
        let monitors = of_kind(&rendered, "PodMonitor");
        let of_models = monitors
            .into_iter()
            .find(|m| m["metadata"]["name"] == "vllm-monitoring-any");
        of_models.unwrap()["spec"]["podMetricsEndpoints"][0].clone()
    };
    let prometheus = "monitoring.coreos.com/v1";
    let alone = endpoints(&[prometheus]);
    assert_eq!(
        [&alone["portNumber"], &alone["targetPort"]],
        [&json!(8000), &Value::Null]
    );
    let both = endpoints(&[prometheus, "operator.victoriametrics.com/v1beta1"]);
    assert_eq!(
        [&both["portNumber"], &both["targetPort"]],
        [&Value::Null, &json!(8000)]
    );
}
