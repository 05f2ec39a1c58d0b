//! What values do: thresholds reach every reader, and wrong ones are refused with the remedy.

use std::collections::BTreeSet;

use chart_tests::{WASM, chart, refusal, with};
use harness::render::Rendered;
use serde_yaml::Value;

fn alert(rendered: &Rendered, name: &str) -> Value {
    let rules = rendered.config_maps_with("rules.yaml")[0].1;
    let rules: Value = serde_yaml::from_str(rules).unwrap_or_default();
    let groups = rules["groups"].as_sequence().cloned().unwrap_or_default();
    groups
        .iter()
        .filter_map(|g| g["rules"].as_sequence())
        .flatten()
        .find(|r| r["alert"].as_str() == Some(name))
        .cloned()
        .unwrap_or_default()
}

#[test]
fn a_threshold_reaches_alert_policy_and_dashboard() {
    let rendered = with(&[
        WASM,
        "thresholds.e2eLatency.alert=1m30s",
        "thresholds.e2eLatency.keepTrace=1m30s",
        "thresholds.timeToFirstToken.keepTrace=500ms",
        "thresholds.decodeTime.keepTrace=off",
    ])
    .unwrap();
    let high = alert(&rendered, "VllmE2ELatencyHigh");
    assert!(
        high["expr"].as_str().unwrap().ends_with(" > 90"),
        "{high:?}"
    );
    let slow = alert(&rendered, "VllmSlowRequestsPresent");
    let text = slow["annotations"]["description"].as_str().unwrap();
    assert!(
        text.contains("longer than 60 s (the largest histogram bound not above 1m30s)"),
        "{text}"
    );
    let rules = rendered.config_maps_with("rules.yaml")[0].1;
    assert!(rules.contains(r#"le=~"60(\\.0)?""#), "{rules}");
    assert!(rules.contains("expr: vector(90)"), "{rules}");
    let settings = rendered.config_maps_with("settings.json")[0].1;
    let settings: serde_json::Value = serde_json::from_str(settings).unwrap();
    for (limit, expected) in [
        ("e2e_latency", "90s"),
        ("time_to_first_token", "500ms"),
        ("decode_time", "off"),
    ] {
        assert_eq!(settings[limit], expected, "{limit}");
    }
}

#[test]
fn a_bound_with_a_fraction_is_one_spelling() {
    let rendered = with(&["thresholds.e2eLatency.alert=2500ms"]).unwrap();
    let rules = rendered.config_maps_with("rules.yaml")[0].1;
    assert!(rules.contains(r#"le=~"2\\.5""#), "{rules}");
}

#[test]
fn an_alert_can_be_off_and_changed() {
    let rendered = with(&[
        "rules.alerts.VllmQueueTooLong.enabled=false",
        "rules.alerts.VllmPreemptionSpike.threshold=7",
        "rules.alerts.VllmPreemptionSpike.for=9m",
        "rules.alerts.VllmPreemptionSpike.severity=critical",
        "rules.alerts.VllmPreemptionSpike.labels.team=ml",
        "rules.alerts.VllmPreemptionSpike.annotations.note=hello",
    ])
    .unwrap();
    assert!(alert(&rendered, "VllmQueueTooLong").is_null());
    let spike = alert(&rendered, "VllmPreemptionSpike");
    assert!(spike["expr"].as_str().unwrap().ends_with("> 7"));
    assert_eq!(spike["for"].as_str(), Some("9m"));
    assert_eq!(spike["labels"]["severity"].as_str(), Some("critical"));
    assert_eq!(spike["labels"]["team"].as_str(), Some("ml"));
    assert_eq!(spike["annotations"]["note"].as_str(), Some("hello"));
}

#[test]
fn a_dashboard_link_is_on_every_alert_where_one_is_given() {
    let url = "https://grafana.example/d/fleet?var-model_name={{ $labels.model_name }}";
    let rendered = with(&[&format!("rules.dashboardUrl={url}")]).unwrap();
    for name in ["VllmFleetDown", "VllmEngineStalled"] {
        let found = alert(&rendered, name);
        assert_eq!(found["annotations"]["dashboard_url"].as_str(), Some(url));
    }
    let plain = alert(&with(&[]).unwrap(), "VllmFleetDown");
    assert!(plain["annotations"]["dashboard_url"].is_null());
}

#[test]
fn a_doubtful_alert_is_off_until_it_is_turned_on() {
    let name = "VllmPrefixCacheCollapse";
    assert!(alert(&with(&[]).unwrap(), name).is_null());
    let on = with(&["rules.alerts.VllmPrefixCacheCollapse.enabled=true"]).unwrap();
    assert!(!alert(&on, name).is_null());
}

#[test]
fn without_a_collector_no_alert_is_about_one() {
    let rendered = with(&["tracing.enabled=false"]).unwrap();
    let rules = rendered.config_maps_with("rules.yaml")[0].1;
    assert!(!rules.contains("otelcol") && !rules.contains("VllmTracingSilent"));
    assert!(rules.contains("VllmFleetDown"));
}

/// Values that the validations refuse, and the whole of what they say.
const REFUSED: &[(&[&str], &str)] = &[
    (
        &["models[0].name=a.b", "models[1].name=a/b"],
        "\nmodels: \"a.b\" and \"a/b\" give objects of the same name (a-b). Use names that differ in letters or digits:\n\n  models:\n    - name: a-b-a\n    - name: a-b-b\n",
    ),
    (
        &["models[0].name=a", "models[1].name=b"],
        "\nmodels: \"a\" and \"b\" watch the same pods ({\"app\":\"vllm\"} in monitoring at port 8000), so each request would be counted twice. Give each its own selector or port:\n\n  models:\n    - name: b\n      selector: {app: vllm, model: b}\n",
    ),
    (
        &[
            "models[0].name=a",
            "models[0].deploy.enabled=true",
            "models[0].port=http",
        ],
        "\nmodels: \"a\" is deployed by this chart and its port is the name \"http\"; a number is needed:\n\n  models:\n    - name: a\n      port: 8000\n",
    ),
    (
        &[
            "models[0].name=a",
            "models[0].deploy.enabled=true",
            "models[0].namespaces[0]=x",
        ],
        "\nmodels: \"a\" is deployed by this chart into the namespace \"monitoring\", so 'namespaces' must be left out:\n\n  models:\n    - name: a\n      deploy: {enabled: true}\n",
    ),
    (
        &[
            "models[0].name=a",
            "models[0].deploy.enabled=true",
            "models[0].deploy.image.tag=v0.9.2",
            "models[0].deploy.runAsUser=0",
        ],
        "\nmodels: \"a\" runs vLLM 0.9.2 and sends traces, but images before 0.17.0 do not contain OpenTelemetry, and the server exits on --otlp-traces-endpoint. Use a newer image, or turn its traces off:\n\n  models:\n    - name: a\n      deploy: {tracing: false}\n",
    ),
    (
        &[
            "models[0].name=a",
            "models[0].deploy.enabled=true",
            "models[0].deploy.image.tag=v0.20.2-cu129",
        ],
        "\nmodels: \"a\" runs vLLM 0.20.2 as user 2000, but images before 0.23.0 only run as root. Use a newer image, or run it as root in a namespace that allows it (Pod Security 'baseline'):\n\n  models:\n    - name: a\n      deploy: {runAsUser: 0}\n",
    ),
    (
        &[
            "models[0].name=a",
            "models[0].deploy.enabled=true",
            "models[0].deploy.storage.size=1Ti",
            "models[0].deploy.storage.hostPath=/data",
        ],
        "\nmodels: \"a\" has several sources of its weights in deploy.storage (size, hostPath), but only one can be mounted. Keep one:\n\n  models:\n    - name: a\n      deploy:\n        storage: {size: 1Ti}\n",
    ),
    (
        &["models[0].name=a", "models[0].monitor=ServiceMonitor"],
        "\nmodels: \"a\" has monitor: ServiceMonitor but no serviceSelector. Set the labels of its Service, or remove monitor:\n\n  models:\n    - name: a\n      monitor: ServiceMonitor\n      serviceSelector: {app: vllm}\n",
    ),
    (
        &["probe.enabled=true", "probe.timeout=90s"],
        "\nprobe.timeout is 90s, above the interval 1m; Prometheus refuses that:\n\n  probe: {interval: 1m, timeout: 1m}\n",
    ),
    (
        &["probe.enabled=true", "metrics.mode=google"],
        "\nprobe.enabled is true, but Google Managed Prometheus cannot scrape a prober for other addresses, so no pod would be probed. Turn the probe off:\n\n  probe: {enabled: false}\n",
    ),
    (
        &["metrics.scrape.timeout=31s"],
        "\nmetrics.scrape.timeout is 31s, above the interval 30s; Prometheus refuses that:\n\n  metrics:\n    scrape: {interval: 30s, timeout: 30s}\n",
    ),
    (
        &["metrics.scrape.enabled=false"],
        "\nmetrics.scrape.enabled is false and metrics.matchers is empty, so the rules do not know which series to read. Write matchers for the series of the existing scrape:\n\n  metrics:\n    scrape: {enabled: false}\n    matchers: ['job=\"vllm\"']\n",
    ),
    (
        &["metrics.matchers[0]=job=\"vllm\""],
        "\nmetrics.matchers selects the series of another scrape, but metrics.scrape.enabled is true, so rules would read each pod twice. Turn the scrape off, or remove the matchers:\n\n  metrics:\n    matchers: []\n",
    ),
    (
        &[
            "metrics.scrape.enabled=false",
            "metrics.matchers[0]=job=\"vllm\"",
            "models[0].name=a",
            "models[1].name=b",
            "models[1].selector.app=b",
        ],
        "\nmodels: there are 2 entries and metrics.scrape.enabled is false; series of another scrape have no label for the entry. Install one release per entry, each with its own matchers:\n\n  models:\n    - name: a\n",
    ),
    (
        &[
            "models[0].name=a",
            "models[0].workload=a",
            "models[0].autoscaling.enabled=true",
            "models[0].autoscaling.maxReplicas=4",
            "models[0].replicas=6",
        ],
        "\nmodels: \"a\" is scaled by an autoscaler, but 'replicas' is 6: with any other number VllmReplicaDown would fire, or an upgrade would reset it. Remove 'replicas' and set the bounds of the autoscaler:\n\n  models:\n    - name: a\n      autoscaling: {enabled: true, minReplicas: 6, maxReplicas: 6}\n",
    ),
    (
        &[
            "models[0].name=a",
            "models[0].workload=a",
            "models[0].autoscaling.enabled=true",
            "models[0].autoscaling.maxReplicas=4",
            "models[0].autoscaling.minReplicas=5",
        ],
        "\nmodels: \"a\" has autoscaling.minReplicas 5 above maxReplicas 4; KEDA refuses that:\n\n  models:\n    - name: a\n      autoscaling: {enabled: true, minReplicas: 4, maxReplicas: 5}\n",
    ),
    (
        &[
            "models[0].name=a",
            "models[0].workload=a",
            "models[0].autoscaling.enabled=true",
            "models[0].autoscaling.maxReplicas=4",
            "models[0].autoscaling.minReplicas=0",
        ],
        "\nmodels: \"a\" has autoscaling.minReplicas 0 and no own triggers: without a replica there are no series to scale up by. Set minReplicas: 1, or add a trigger that reads something else:\n\n  models:\n    - name: a\n      autoscaling: {enabled: true, minReplicas: 1, maxReplicas: 4}\n",
    ),
    (
        &[
            "models[0].name=Qwen/Q",
            "models[0].autoscaling.enabled=true",
            "models[0].autoscaling.maxReplicas=4",
            "models[0].autoscaling.minReplicas=1",
        ],
        "\nmodels: \"Qwen/Q\" has autoscaling, but this chart does not deploy it and workload is not set. Name its Deployment:\n\n  models:\n    - name: Qwen/Q\n      workload: qwen-q\n",
    ),
    (
        &[
            "models[0].name=a",
            "models[0].workload=a",
            "models[0].autoscaling.enabled=true",
            "models[0].autoscaling.maxReplicas=4",
            "models[0].namespaces={x,y}",
        ],
        "\nmodels: \"a\" has autoscaling and several namespaces (x, y), but a ScaledObject must be in the namespace of its Deployment. Name that namespace:\n\n  models:\n    - name: a\n      namespaces: [x]\n",
    ),
    (
        &[
            "models[0].name=a",
            "models[0].workload=a",
            "models[0].autoscaling.enabled=true",
            "models[0].autoscaling.maxReplicas=4",
            "rules.enabled=false",
        ],
        "\nmodels: \"a\" has autoscaling, which reads recorded series, but rules.enabled is false. Enable the rules:\n\n  rules:\n    enabled: true\n",
    ),
    (
        &[
            "models[0].name=a",
            "models[0].workload=a",
            "models[0].autoscaling.enabled=true",
            "models[0].autoscaling.maxReplicas=4",
            "metrics.mode=operator",
        ],
        "\nmodels: \"a\" has autoscaling, but in operator mode KEDA needs the address of Prometheus. Name the Service of the Prometheus that evaluates this release's rules:\n\n  metrics:\n    operator:\n      prometheusURL: http://prometheus-operated.monitoring.svc:9090\n",
    ),
    (
        &["models[0].name=a/b", "models[0].replicas=auto"],
        "\nmodels: \"a/b\" has replicas: auto but no workload. Name the Deployment or StatefulSet whose size kube-state-metrics exports, or remove replicas:\n\n  models:\n    - name: a/b\n      replicas: auto\n      workload: a-b\n",
    ),
    (
        &["slos.e2eLatency.limit=70s"],
        "\nslos.e2eLatency.limit is 70s, which is not a bucket bound of vllm:e2e_request_latency_seconds, so requests within it cannot be counted. Bounds in seconds: 0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680\n\n  slos:\n    e2eLatency: {limit: 60000ms}\n",
    ),
    (
        &["slos.e2eLatency.objective=90"],
        "\nslos.windows.fast.burn is 14.4; with slos.e2eLatency.objective at 90 more than all events would have to be bad, so its alert could never fire:\n\n  slos:\n    windows:\n      fast: {burn: 9}\n",
    ),
    (
        &["rules.window=1m"],
        "\nrules.window is 1m, less than four scrape intervals of 30s: a lost scrape would leave gaps in every rate:\n\n  rules:\n    window: 120s\n",
    ),
    (
        &["thresholds.e2eLatency.alert=200ms"],
        "\nthresholds.e2eLatency.alert is 200ms, below the smallest bucket of vllm:e2e_request_latency_seconds (0.3 s): the histogram cannot distinguish slow requests from others:\n\n  thresholds:\n    e2eLatency: {alert: 300ms}\n",
    ),
    (
        &["prometheus.scrapeConfigs[0].job_name=vllm/chat"],
        "\nprometheus.scrapeConfigs: \"vllm/chat\" is already the name of another job of this Prometheus. Give it its own name:\n\n  prometheus:\n    scrapeConfigs:\n      - job_name: my-vllm-chat\n",
    ),
    (
        &[
            "prometheus.remoteWrite[0].url=http://m/push",
            "prometheus.remoteWrite[0].basic_auth.username=a",
            "prometheus.remoteWrite[0].basic_auth.password.secretName=m",
            "prometheus.remoteWrite[0].basic_auth.password.secretKey=p",
            "prometheus.remoteWrite[0].authorization.credentials.secretName=m",
            "prometheus.remoteWrite[0].authorization.credentials.secretKey=t",
        ],
        "\nprometheus.remoteWrite: http://m/push has authorization and basic_auth, but Prometheus accepts only one of them. Keep one:\n\n  prometheus:\n    remoteWrite:\n      - url: http://m/push\n        authorization: {credentials: {secretName: remote-write, secretKey: token}}\n",
    ),
    (
        &[
            "prometheus.remoteWrite[0].url=http://m/push",
            "prometheus.remoteWrite[0].headers.Authorization=Bearer x",
        ],
        "\nprometheus.remoteWrite: Prometheus refuses the header authorization, and everyone who can read the configuration would see the secret. Name a Secret:\n\n  prometheus:\n    remoteWrite:\n      - authorization: {credentials: {secretName: remote-write, secretKey: token}}\n",
    ),
    (
        &["grafana.enabled=true", "metrics.mode=operator"],
        "\ngrafana.enabled is true, but in operator mode it needs the address of Prometheus. Name the Prometheus that scrapes this release:\n\n  metrics:\n    operator:\n      prometheusURL: http://prometheus-operated.monitoring.svc:9090\n",
    ),
    (
        &["grafana.enabled=true", "dashboards.traces=tempo"],
        "\ndashboards.traces is tempo, but the bundled Grafana has no such data source, so the table of traces would be empty. Add one, or set dashboards.traces: auto:\n\n  grafana:\n    datasources:\n      - {name: Traces, type: tempo, url: \"http://tempo:3200\"}\n",
    ),
    (
        &["jaeger.enabled=true", "tracing.enabled=false"],
        "\njaeger.enabled is true and tracing.enabled is false: no collector would send it traces. Turn tracing on, or Jaeger off:\n\n  tracing: {enabled: true}\n  jaeger: {enabled: true}\n",
    ),
    (
        &["tracing.exporters.debug.enabled=false"],
        "\ntracing.exporters: no exporter is enabled, so kept traces would be lost. Enable one, or turn tracing off:\n\n  tracing:\n    exporters:\n      debug: {enabled: true}\n",
    ),
    (
        &[
            "tracing.exporters.otlp.t.endpoint=https://t:4317",
            "tracing.exporters.otlp.t.insecure=true",
            "tracing.exporters.otlp.t.tlsSecret.name=t-tls",
        ],
        "\ntracing.exporters.otlp.t has insecure: true, which sends without TLS, but also the certificates of the Secret t-tls. Remove one of them:\n\n  tracing:\n    exporters:\n      otlp:\n        t: {endpoint: \"https://t:4317\", tlsSecret: {name: t-tls, ca: ca.crt}}\n",
    ),
    (
        &[
            "tracing.exporters.otlp.t.endpoint=http://t:4317",
            "tracing.exporters.otlp.t.tlsSecret.name=t-tls",
        ],
        "\ntracing.exporters.otlp.t has the endpoint http://t:4317, which sends without TLS, but also tlsSecret, which is for TLS. Write https://, or remove that:\n\n  tracing:\n    exporters:\n      otlp:\n        t: {endpoint: \"http://t:4317\"}\n",
    ),
    (
        &[
            "tracing.exporters.otlphttp.t.endpoint=https://t:4318",
            "tracing.exporters.otlphttp.t.insecure=true",
        ],
        "\ntracing.exporters.otlphttp.t has insecure: true, which sends without TLS, but the endpoint https://t:4318, which means TLS. Remove insecure, or write http://:\n\n  tracing:\n    exporters:\n      otlphttp:\n        t: {endpoint: \"https://t:4318\"}\n",
    ),
    (
        &["tracing.exporters.otlphttp.t.endpoint=t:4318"],
        "\ntracing.exporters.otlphttp.t has the endpoint t:4318 without a scheme, but OTLP over HTTP needs a URL. Write http:// (without TLS) or https://:\n\n  tracing:\n    exporters:\n      otlphttp:\n        t: {endpoint: \"https://t:4318\"}\n",
    ),
    (
        &["tracing.redaction.allow[0]=user[.](?!id).+"],
        "\ntracing.redaction.allow: \"user[.](?!id).+\" is not a valid RE2 expression (RE2 has no lookaround and no back references), so no collector would start. Correct it, or name whole keys with [.] for the dot:\n\n  tracing:\n    redaction:\n      allow: ['user[.].+', 'session[.]id']\n",
    ),
    (
        &[
            "tracing.receiver.tls.secretName=otlp",
            "tracing.receiver.tls.clientCA=ca.crt",
            "tracing.collector.replicas=2",
            "tracing.balancer.enabled=true",
            "models[0].name=a",
            "models[0].deploy.enabled=true",
        ],
        "\ntracing.receiver.tls.clientCA requires a certificate of every caller, but callers of this release have none (helm test, balancers, vLLM a). Name the Secret with one:\n\n  tracing:\n    receiver:\n      client: {secretName: otlp-client}\n",
    ),
    (
        &["tracing.policy.engine=wasm"],
        "\ntracing.policy.engine is wasm, but no collector image that hosts the plugin is set. Build one with 'make images REGISTRY=… PUSH=1' and install with the values that it writes, or let the stock collector decide by the same thresholds:\n\n  tracing:\n    policy: {engine: ottl}\n",
    ),
    (
        &[
            "tracing.exporters.file.enabled=true",
            "tracing.exporters.file.path=/var/lib/otelcol/queue/kept.jsonl",
        ],
        "\ntracing.exporters.file.path is on the volume of the exporters' queues and would fill it. Use another folder:\n\n  tracing:\n    exporters:\n      file: {path: /var/lib/otelcol/kept/kept.jsonl}\n",
    ),
    (
        &[WASM, "tracing.policy.budget.burst=null"],
        "\ntracing.policy.budget.burst is null, which removes the default, but the policy needs a value. Set one, or remove the line; to turn the section off:\n\n  tracing:\n    policy:\n      budget: {enabled: false}\n",
    ),
    (
        &[WASM, "tracing.policy.budget.burst=2h"],
        "\ntracing.policy.budget.burst is 2h, but the plugin accepts 1s to 1h: no collector would start. Example:\n\n  tracing:\n    policy:\n      budget: {burst: 1m}\n",
    ),
    (
        &[
            "models[0].name=a",
            "models[0].deploy.enabled=true",
            "models[0].ports[0]=8000",
            "models[0].ports[1]=8001",
        ],
        "\nmodels: \"a\" is deployed by this chart, whose pods serve one port, but 'ports' lists 2. Set 'port':\n\n  models:\n    - name: a\n      port: 8000\n",
    ),
    (
        &[
            "metrics.operator.namespaced=true",
            "models[0].name=a",
            "models[0].namespaces[0]=*",
        ],
        "\nmodels: \"a\" watches all namespaces, but metrics.operator.namespaced creates a monitor in each namespace and needs their names:\n\n  models:\n    - name: a\n      namespaces: [monitoring]\n",
    ),
    (
        &[
            "metrics.operator.namespaced=true",
            "models[0].name=a",
            "models[0].namespaces[0]=x",
            "models[0].namespaces[1]=y",
            "models[0].replicas=4",
        ],
        "\nmodels: \"a\" expects 4 replicas over 2 namespaces, but with metrics.operator.namespaced the rules of a namespace see only its own pods. Write one entry per namespace:\n\n  models:\n    - name: a-a\n      namespaces: [x]\n      replicas: 1\n",
    ),
    (
        &[
            "metrics.mode=google",
            "models[0].name=a",
            "models[0].monitor=ServiceMonitor",
            "models[0].serviceSelector.app=a",
        ],
        "\nmodels: \"a\" has monitor: ServiceMonitor, but Google Managed Prometheus discovers only pods. Remove monitor and serviceSelector, and select the pods:\n\n  models:\n    - name: a\n      selector: {app: vllm}\n",
    ),
    (
        &[
            "metrics.mode=standalone",
            "tracing.exporters.otlp.a.endpoint=grpc://a:4317",
        ],
        "\ntracing.exporters.otlp.a.endpoint is \"grpc://a:4317\", which is not an address that the collector can send to. Expected a host and a port, without a path; http:// before it sends without TLS, https:// or no scheme with TLS; no other scheme is known:\n\n  tracing:\n    exporters:\n      otlp:\n        a: {endpoint: \"http://tempo.tracing.svc:4317\"}\n",
    ),
    (
        &[
            "metrics.mode=standalone",
            "tracing.exporters.otlp.a.endpoint=https://a:4317",
            "tracing.queue.size=8Gi",
            "tracing.storage.persistent=true",
            "tracing.storage.size=2Gi",
        ],
        "\ntracing.queue.size is 8Gi for each of 1 exporters, which is larger than the volume of tracing.storage.size, 2Gi: queued traces would fill it and be lost. Make the volume twice as large as the queues, or remove queue.size:\n\n  tracing:\n    queue: {size: \"\"}\n",
    ),
    (
        &["rules.export.format=file"],
        "\nrules.export.format is file, which writes the file of one engine, but rules.export.engines names 0. Name mimir, prometheus, thanos or vmalert:\n\n  rules:\n    export: {format: file, engines: [mimir]}\n",
    ),
    (
        &["grafana.enabled=true", "grafana.httpRoute.enabled=true"],
        "\ngrafana.httpRoute.parentRefs is empty, but an HTTPRoute needs a Gateway. Name it:\n\n  grafana:\n    httpRoute:\n      enabled: true\n      parentRefs: [{name: gateway, namespace: gateway-system}]\n",
    ),
    (
        &[WASM, "thresholds.timeToFirstToken.keepTrace=0s"],
        "\nthresholds with a keepTrace of 0s, but the plugin accepts only a time above zero: no collector would start. Write 1ms to keep every request, off to keep none:\n\n  thresholds:\n    timeToFirstToken: {keepTrace: 1ms}\n",
    ),
    (
        &[
            "tracing.policy.module.configMap=my-policy",
            "tracing.policy.module.sha256=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        ],
        "\ntracing.policy.module names the ConfigMap my-policy, but the engine is ottl: the stock collector cannot run a module. Name an image of otelcol-vllm ('make images REGISTRY=… PUSH=1'), or remove the module:\n\n  tracing:\n    collector: {image: {repository: registry.example/otelcol-vllm}}\n",
    ),
    (
        &[WASM, "tracing.policy.module.configMap=my-policy"],
        "\ntracing.policy.module names the ConfigMap my-policy, but tracing.policy.module.sha256 is empty: a collector loads a module only by its hash. Write what 'sha256sum' prints for the uncompressed module:\n\n  tracing:\n    policy:\n      module: {configMap: my-policy, sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}\n",
    ),
    (
        &[WASM, "tracing.policy.settings.longest=3s"],
        "\ntracing.policy.settings is for a policy of your own, but tracing.policy.module names none. This project's policy is set by thresholds and the other sections of tracing.policy. Remove the settings, or name their module:\n\n  tracing:\n    policy:\n      module: {configMap: my-policy, sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}\n",
    ),
];

#[test]
fn every_refusal_says_cause_and_remedy() {
    for (set, text) in REFUSED.iter().copied() {
        let error = refusal(set).unwrap();
        assert!(
            error.contains(text.trim_end()),
            "{set:?}: expected {text}, found {error}"
        );
    }
}

#[test]
fn every_fail_of_the_chart_is_held_by_a_test() {
    let text = std::fs::read_to_string(chart().join("templates/_validations.tpl")).unwrap();
    // Four more: the plugin is missing, which only a broken checkout shows, the plugin's room for models (both
    // below), and the name of the release (names.rs).
    let fails = ["fail (", "fail \"", "fail `"].map(|form| text.matches(form).count());
    assert_eq!(fails.iter().sum::<usize>(), REFUSED.len() + 4);
}

#[test]
fn more_models_with_thresholds_than_the_plugin_has_room_for_are_refused() {
    let entry = |n: usize, name: &str| {
        [
            format!("models[{n}].name={name}"),
            format!("models[{n}].selector.model=m{n}"),
            format!("models[{n}].thresholds.e2eLatency.keepTrace=1m"),
        ]
    };
    let refused = |entries: Vec<String>| {
        let set: Vec<&str> = entries.iter().map(String::as_str).chain([WASM]).collect();
        refusal(&set).unwrap()
    };
    let long = refused(entry(0, &"a".repeat(121)).to_vec());
    assert!(long.contains("names of up to 120 bytes"), "{long}");
    let many = (0..65).flat_map(|n| entry(n, &format!("m{n}")));
    let many = refused(many.collect());
    assert!(many.contains("65 have their own thresholds"), "{many}");
}

#[test]
fn a_chart_without_its_plugin_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("chart");
    let status = std::process::Command::new("cp")
        .arg("-r")
        .arg(chart())
        .arg(&copy)
        .status()
        .unwrap();
    assert!(status.success());
    std::fs::remove_file(copy.join("files/sampling-policy.wasm.gz")).unwrap();
    let options = harness::render::Options {
        chart: copy,
        set: vec![WASM.to_owned()],
        ..Default::default()
    };
    let error = format!("{:#}", Rendered::new(&options).unwrap_err());
    assert!(error.contains("Build them with plugins/build"), "{error}");
}

#[test]
fn values_of_a_wrong_kind_are_refused_by_place() {
    for (set, place) in [
        (
            "thresholds.e2eLatency.alert=two minutes",
            "/thresholds/e2eLatency/alert",
        ),
        ("models[0].replicas=4", "/models/0"),
        ("metrics.mode=kubernetes", "/metrics/mode"),
        (
            "rules.alerts.VllmKVCacheNearlyFull.threshold=95",
            "/rules/alerts/VllmKVCacheNearlyFull/threshold",
        ),
        (
            "helmTest.prometheusURL=prometheus:9090",
            "/helmTest/prometheusURL",
        ),
        (
            "helmTest.traceURL=http://jaeger:16686",
            "/helmTest/traceURL",
        ),
        (
            "tracing.exporters.otlp.jaeger.insecure=true",
            "/tracing/exporters/otlp/jaeger",
        ),
    ] {
        let error = refusal(&[set]).unwrap();
        assert!(error.contains(place), "{set}: {error}");
    }
}

/// Every closed object of a schema, references followed, by its path.
fn objects(
    schema: &serde_json::Value,
    root: &serde_json::Value,
    path: &str,
    open: &mut BTreeSet<String>,
) {
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|r| r.strip_prefix("#/$defs/"))
    {
        return objects(&root["$defs"][name], root, path, open);
    }
    if let Some(properties) = schema["properties"].as_object() {
        if schema["additionalProperties"] != serde_json::json!(false) {
            open.insert(path.to_owned());
        }
        for (key, value) in properties {
            objects(value, root, &format!("{path}.{key}"), open);
        }
    }
    for inner in ["items", "additionalProperties"] {
        if schema[inner].is_object() {
            objects(&schema[inner], root, &format!("{path}[]"), open);
        }
    }
}

#[test]
fn the_schema_is_closed_at_every_depth() {
    let text = std::fs::read_to_string(chart().join("values.schema.json")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut open = BTreeSet::new();
    objects(&schema, &schema, "", &mut open);
    // A parent's values for all its subcharts: keys of other charts stand there.
    let shared = open.extract_if(.., |path| path.starts_with(".global"));
    assert_eq!(shared.count(), 3);
    // Prometheus' own keys, of any version and any discovery; it refuses what it does not know.
    assert!(open.remove(".prometheus.scrapeConfigs[]"));
    assert!(open.is_empty(), "open objects: {open:?}");
}

#[test]
fn an_added_alert_stands_beside_the_charts_with_a_severity() {
    let rendered = with(&[
        "rules.additionalAlerts[0].alert=Mine",
        "rules.additionalAlerts[0].expr=up == 0",
        "rules.additionalAlerts[0].labels.team=ml",
        "rules.additionalAlerts[0].annotations.summary=a pod is down",
    ])
    .unwrap();
    let mine = alert(&rendered, "Mine");
    assert_eq!(mine["expr"], "up == 0");
    assert_eq!(mine["for"], "0s");
    assert_eq!(mine["labels"]["severity"], "warning");
    assert_eq!(mine["labels"]["team"], "ml");
    assert_eq!(mine["annotations"]["summary"], "a pod is down");
    assert!(alert(&rendered, "VllmFleetDown").is_mapping());
    let none = with(&[]).unwrap();
    let rules = none.config_maps_with("rules.yaml")[0].1;
    assert!(!rules.contains("additional-alerts"), "{rules}");
}
