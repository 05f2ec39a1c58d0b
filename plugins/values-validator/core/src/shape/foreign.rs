//! Names that people bring from other charts and APIs: kube-prometheus-stack, the OpenTelemetry chart,
//! production-stack, KServe, KEDA, Prometheus and Alertmanager themselves.

/// Key, where it is found (the beginning of the path; empty: anywhere), and what to write instead.
const NAMES: &[(&str, &str, &str)] = &[
    (
        "jaeger",
        "tracing.exporters",
        "Jaeger takes OTLP: write otlp: {jaeger: {endpoint: \"http://jaeger-collector:4317\", insecure: true}}",
    ),
    (
        "tempo",
        "tracing.exporters",
        "Tempo takes OTLP: write otlp: {tempo: {endpoint: \"http://tempo:4317\", insecure: true}}",
    ),
    (
        "zipkin",
        "tracing.exporters",
        "send OTLP: write otlp: {<name>: {endpoint: …}}",
    ),
    (
        "logging",
        "tracing.exporters",
        "write debug: {enabled: true}",
    ),
    (
        "otlp/tempo",
        "tracing.exporters",
        "write the name below: otlp: {tempo: {endpoint: …}}",
    ),
    (
        "otlp/jaeger",
        "tracing.exporters",
        "write the name below: otlp: {jaeger: {endpoint: …}}",
    ),
    (
        "otlphttp/tempo",
        "tracing.exporters",
        "write the name below: otlphttp: {tempo: {endpoint: …}}",
    ),
    ("otlp_http", "tracing.exporters", "write otlphttp"),
    ("otlp_grpc", "tracing.exporters", "write otlp"),
    (
        "tls",
        "tracing.exporters",
        "write insecure: true for no TLS, insecureSkipVerify: true, or tlsSecret: {name: …, ca: ca.crt}",
    ),
    (
        "auth",
        "tracing.exporters",
        "write headers: {authorization: \"Bearer ${env:TOKEN}\"}, and TOKEN in tracing.collector.extraEnv",
    ),
    (
        "sending_queue",
        "tracing.exporters",
        "the chart sets the queue; tracing.storage.persistent puts it on a disk",
    ),
    (
        "retry_on_failure",
        "tracing.exporters",
        "exporters of this chart never give up: remove it",
    ),
    (
        "compression",
        "tracing.exporters",
        "remove it: the exporters compress with gzip",
    ),
    (
        "config",
        "tracing",
        "the chart writes the collector's configuration: use tracing.exporters, tracing.sampling, tracing.redaction and tracing.spanMetrics",
    ),
    (
        "processors",
        "",
        "the chart writes the collector's configuration: use tracing.sampling, tracing.redaction and tracing.spanMetrics",
    ),
    (
        "receivers",
        "tracing",
        "the chart writes the collector's receivers: tracing.receiver has TLS and tokens",
    ),
    ("exporters", "", "write tracing: {exporters: …}"),
    (
        "service",
        "tracing",
        "the chart writes the collector's pipelines: name backends in tracing.exporters",
    ),
    (
        "config",
        "",
        "the chart writes the collector's configuration: name backends in tracing.exporters; Alertmanager's is alertmanager.config",
    ),
    (
        "mode",
        "",
        "the collector of this chart is a StatefulSet: remove it; metrics.mode is operator, standalone or auto",
    ),
    (
        "resources",
        "tracing",
        "write tracing: {collector: {resources: …}}",
    ),
    (
        "replicas",
        "tracing",
        "write tracing: {collector: {replicas: …}}",
    ),
    (
        "replicaCount",
        "models",
        "write replicas beside deploy: models: [{name: …, replicas: 2, deploy: …}]",
    ),
    (
        "replicaCount",
        "tracing",
        "write tracing: {collector: {replicas: …}}",
    ),
    (
        "replicaCount",
        "",
        "write models[].replicas, or tracing.collector.replicas",
    ),
    (
        "replicas",
        "models",
        "write replicas beside deploy: models: [{name: …, replicas: 2, deploy: …}]",
    ),
    (
        "labels",
        "metrics",
        "write metrics: {operator: {labels: …}}",
    ),
    (
        "additionalLabels",
        "",
        "write metrics: {operator: {labels: …}}",
    ),
    (
        "serviceMonitor",
        "",
        "write metrics: {mode: operator, operator: {labels: …}}, and models[].monitor: ServiceMonitor",
    ),
    (
        "podMonitor",
        "",
        "write metrics: {mode: operator, operator: {labels: …}}",
    ),
    (
        "prometheusRule",
        "",
        "write rules: {enabled: true}; its labels are metrics.operator.labels",
    ),
    (
        "interval",
        "metrics",
        "write metrics: {scrape: {interval: …}}",
    ),
    (
        "scrapeInterval",
        "",
        "write metrics: {scrape: {interval: …}}",
    ),
    ("scrapeTimeout", "", "write metrics: {scrape: {timeout: …}}"),
    (
        "scrape_interval",
        "",
        "write metrics: {scrape: {interval: …}}",
    ),
    ("path", "metrics", "remove it: vLLM serves /metrics"),
    ("port", "metrics", "write models: [{name: …, port: …}]"),
    (
        "prometheusSpec",
        "prometheus",
        "its keys stand in prometheus itself: retention, retentionSize, externalLabels, remoteWrite, storage, resources",
    ),
    (
        "alertmanagerSpec",
        "alertmanager",
        "its keys stand in alertmanager itself: config, storage, resources",
    ),
    (
        "storageSpec",
        "",
        "write storage: {persistent: true, size: 50Gi}",
    ),
    (
        "persistence",
        "",
        "write storage: {persistent: true, size: …}",
    ),
    (
        "persistentVolume",
        "",
        "write storage: {persistent: true, size: …}",
    ),
    (
        "volumeClaimTemplate",
        "",
        "write storage: {persistent: true, size: …, storageClassName: …}",
    ),
    ("storageClass", "", "write storageClassName"),
    ("remote_write", "prometheus", "write remoteWrite"),
    (
        "scrapeConfigs",
        "prometheus",
        "this Prometheus scrapes vLLM and the collector only: name models in models",
    ),
    (
        "adminPassword",
        "grafana",
        "write admin: {existingSecret: <Secret>}, with the keys admin-user and admin-password",
    ),
    (
        "adminUser",
        "grafana",
        "write admin: {existingSecret: <Secret>}, with the keys admin-user and admin-password",
    ),
    (
        "grafana.ini",
        "grafana",
        "write ini: {<section>: {<key>: …}}",
    ),
    ("additionalDataSources", "grafana", "write datasources"),
    (
        "ingress",
        "",
        "write an Ingress of your own in extraObjects",
    ),
    (
        "defaultRules",
        "",
        "write rules: {alerts: {<alert>: {enabled: false}}}",
    ),
    (
        "groups",
        "rules",
        "write the alerts themselves, without groups: additionalAlerts: [{alert: …, expr: …}]",
    ),
    (
        "modelURL",
        "models",
        "write deploy: {model: organisation/name}",
    ),
    (
        "modelId",
        "models",
        "write deploy: {model: organisation/name}",
    ),
    (
        "model_name",
        "models",
        "write deploy: {model: organisation/name}",
    ),
    (
        "repository",
        "models[",
        "write image: {repository: …, tag: …}",
    ),
    ("tag", "models[", "write image: {repository: …, tag: …}"),
    (
        "requestGPU",
        "models",
        "write tensorParallelSize: the number of GPUs of a replica",
    ),
    (
        "requestCPU",
        "models",
        "write resources: {requests: {cpu: …}}",
    ),
    (
        "requestMemory",
        "models",
        "write resources: {requests: {memory: …}}",
    ),
    (
        "gpus",
        "models",
        "write tensorParallelSize: the number of GPUs of a replica",
    ),
    (
        "gpu",
        "models",
        "write tensorParallelSize: the number of GPUs of a replica",
    ),
    (
        "vllmConfig",
        "models",
        "its keys are tensorParallelSize, and args for the others: args: [--max-model-len=32768]",
    ),
    (
        "modelSpec",
        "",
        "write models: [{name: …, deploy: {enabled: true, …}}]",
    ),
    (
        "servingEngineSpec",
        "",
        "write models: [{name: …, deploy: {enabled: true, …}}]",
    ),
    ("routerSpec", "", "this chart has no router: remove it"),
    ("pvcStorage", "models", "write storage: {size: 200Gi}"),
    (
        "pvcAccessMode",
        "models",
        "write storage: {accessMode: ReadWriteMany}",
    ),
    (
        "pvcMatchLabels",
        "models",
        "write storage: {existingClaim: …}",
    ),
    (
        "storageUri",
        "models",
        "for a claim, write storage: {existingClaim: <claim>, readOnly: true} and model: /models/<folder>; else model: <uri>",
    ),
    (
        "hf_token",
        "models",
        "write huggingFaceToken: {secretName: <Secret>, secretKey: token}",
    ),
    (
        "hfToken",
        "models",
        "write huggingFaceToken: {secretName: <Secret>, secretKey: token}",
    ),
    (
        "gpuMemoryUtilization",
        "models",
        "write args: [--gpu-memory-utilization=0.9]",
    ),
    (
        "maxModelLen",
        "models",
        "write args: [--max-model-len=32768]",
    ),
    ("maxNumSeqs", "models", "write args: [--max-num-seqs=256]"),
    ("dtype", "models", "write args: [--dtype=auto]"),
    ("quantization", "models", "write args: [--quantization=fp8]"),
    (
        "enablePrefixCaching",
        "models",
        "remove it: vLLM does so by itself; or args: [--no-enable-prefix-caching]",
    ),
    ("extraArgs", "models", "write args"),
    ("command", "models", "the chart runs vllm serve: write args"),
    ("extraEnv", "models", "write env"),
    (
        "envFrom",
        "models",
        "write env: [{name: …, valueFrom: {secretKeyRef: {name: …, key: …}}}]",
    ),
    ("shmSize", "models", "write sharedMemory"),
    ("minReplicaCount", "models", "write minReplicas"),
    ("maxReplicaCount", "models", "write maxReplicas"),
    (
        "minReplicas",
        "models",
        "write autoscaling: {enabled: true, minReplicas: …, maxReplicas: …}",
    ),
    (
        "maxReplicas",
        "models",
        "write autoscaling: {enabled: true, minReplicas: …, maxReplicas: …}",
    ),
    (
        "targetCPUUtilizationPercentage",
        "",
        "a GPU's server is scaled by its queue: targets: {waiting: 5, kvCacheUsage: 0.8}",
    ),
    (
        "secretKeyRef",
        "",
        "write it below valueFrom: valueFrom: {secretKeyRef: {name: …, key: …}}",
    ),
    (
        "configMapKeyRef",
        "",
        "write it below valueFrom: valueFrom: {configMapKeyRef: {name: …, key: …}}",
    ),
    (
        "fieldRef",
        "",
        "write it below valueFrom: valueFrom: {fieldRef: {fieldPath: …}}",
    ),
    (
        "password_file",
        "prometheus",
        "write password: {secretName: <Secret>, secretKey: <key>}",
    ),
    ("username_file", "prometheus", "write username: …"),
    (
        "credentials_file",
        "prometheus",
        "write credentials: {secretName: <Secret>, secretKey: <key>}",
    ),
    (
        "ca_file",
        "prometheus",
        "write ca: {secretName: <Secret>, secretKey: <key>}",
    ),
    (
        "cert_file",
        "prometheus",
        "write cert: {secretName: <Secret>, secretKey: <key>}",
    ),
    (
        "key_file",
        "prometheus",
        "write key: {secretName: <Secret>, secretKey: <key>}",
    ),
    (
        "bearer_token",
        "prometheus",
        "write authorization: {credentials: {secretName: <Secret>, secretKey: <key>}}",
    ),
    (
        "bearer_token_file",
        "prometheus",
        "write authorization: {credentials: {secretName: <Secret>, secretKey: <key>}}",
    ),
    (
        "matchLabels",
        "models",
        "write the labels themselves: selector: {app: vllm}",
    ),
    (
        "matchExpressions",
        "models",
        "write selectorExpressions beside selector",
    ),
    (
        "namespaceSelector",
        "models",
        "write namespaces: [<namespace>], or [\"*\"] for all",
    ),
    (
        "endpoints",
        "models",
        "write port: the container port's number or name",
    ),
    ("namespace", "models", "write namespaces: [<namespace>]"),
    ("decision_wait", "tracing", "write decisionWait"),
    ("num_traces", "tracing", "write numTraces"),
    (
        "policies",
        "tracing",
        "the policy decides by thresholds.*.keepTrace",
    ),
    (
        "x-",
        "",
        "anchors may stand under global: global: {<name>: &<name> …}",
    ),
];

/// What to write in place of a key at a path, where its name is known from elsewhere.
pub fn advice(path: &str, key: &str) -> Option<&'static str> {
    if key.starts_with("x-") || key.starts_with('.') {
        return NAMES.last().map(|(.., advice)| *advice);
    }
    NAMES
        .iter()
        .find(|(name, within, _)| {
            *name == key && path.starts_with(within) && (!within.is_empty() || once(name, path))
        })
        .map(|(.., advice)| *advice)
}

/// Names that are general words elsewhere count only at the root.
fn once(name: &str, path: &str) -> bool {
    !matches!(
        name,
        "mode" | "config" | "exporters" | "processors" | "replicaCount"
    ) || path == name
}
