//! Three faults of one fleet, and who tells of them: the chart's alerts, installed with their own windows and
//! durations, and beside them those that kube-prometheus-stack raises of any workload, in a Prometheus that scrapes
//! kube-state-metrics and the same pods.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use k8s_openapi::api::core::v1::{ConfigMap, ResourceQuota, Service};
use kind_tests::faults::{notified, now};
use kind_tests::kubectl;
use kind_tests::neighbours::{Row, asked, available, series, vector, write};
use kind_tests::node::pods;
use kind_tests::release::{NAME, Release, merge, model, values};
use kind_tests::room::{Room, room};
use kind_tests::servers::tell;
use kind_tests::sink::Sink;
use kind_tests::wait::{Seen, until};
use serde_json::{Value, json};

use crate::kube_state_metrics::beside;

/// The slowest alert of the chart waits for five minutes.
const LIMIT: Duration = Duration::from_secs(600);

/// Theirs wait for a quarter of an hour, from ten minutes after the last change of a Deployment on.
const THEIRS: Duration = Duration::from_secs(1900);

/// Entries, what becomes of their two replicas, and the alert that tells of it.
const FAULTS: [(&str, &str, &str); 3] = [
    (
        "frozen",
        "one engine hangs with requests in flight, `/health` 200",
        "VllmEngineStalled",
    ),
    (
        "gone",
        "both pods deleted, and a quota of GPUs keeps new ones from starting",
        "VllmFleetDown",
    ),
    (
        "one",
        "one pod deleted, and the quota keeps a new one from starting",
        "VllmReplicaDown",
    ),
];

#[tokio::test]
async fn the_charts_alerts_and_those_of_any_workload_tell_of_the_same_faults() -> Result<()> {
    room("generic", |room| async move {
        beside(&room, story(&room)).await
    })
    .await
}

async fn story(room: &Room) -> Result<()> {
    let sink = Sink::start(room).await?;
    let release = Release::install(room, &as_installed(room, &sink)?).await?;
    generic(room).await?;
    until("three scrapes of every server", LIMIT, || async {
        let query = "sum(count_over_time(up{model!=\"\"}[5m]))";
        let found = vector(&release, query).await?;
        Ok(match found.as_slice() {
            [(_, count)] if *count >= 18.0 => Seen::Yes(()),
            _ => Seen::NotYet(format!("{found:?}")),
        })
    })
    .await?;

    room.create::<ResourceQuota>(json!({
        "metadata": {"name": "gpus"},
        "spec": {"hard": {"requests.nvidia.com/gpu": "0"}},
    }))
    .await?;
    let all = pods(room, &format!("app.kubernetes.io/instance={NAME}")).await?;
    let of = |entry: &str| {
        let prefix = format!("{NAME}-{entry}-");
        let found = all.iter().filter(|pod| pod.starts_with(&prefix));
        found.cloned().collect::<Vec<_>>()
    };
    let since = now();
    let frozen = of("frozen").first().context("no pod to freeze")?.clone();
    tell(room, &frozen, &json!({"scenario": "stalled-engine"})).await?;
    let mut ended = of("gone");
    ended.extend(of("one").into_iter().take(1));
    let mut arguments = vec!["delete", "pod", "--wait=false", "--namespace"];
    arguments.push(&room.namespace);
    arguments.extend(ended.iter().map(String::as_str));
    kubectl::run(&arguments, "").await?;

    let mut rows = Vec::new();
    for (entry, fault, alert) in FAULTS {
        let seconds = until(&format!("{alert} of {entry}"), LIMIT, || async {
            let all = notified(&sink).await?;
            let found = all.iter().find(|n| n.name == alert && n.model == entry);
            Ok(match found {
                Some(found) => Seen::Yes(found.at - since),
                None => Seen::NotYet(format!("{all:?}")),
            })
        })
        .await?;
        rows.push((
            entry,
            fault,
            format!("{alert} at the webhook after {seconds:.0} s"),
        ));
    }
    // Theirs tell of the pods that are gone, and of nothing else.
    let lacking: Vec<&str> = FAULTS[1..].iter().map(|(entry, ..)| *entry).collect();
    let theirs = until("kube-prometheus-stack's alerts", THEIRS, || async {
        let fired = theirs(room).await?;
        let told = |entry: &&&str| fired.iter().any(|(labels, _)| is_of(labels, entry));
        Ok(if lacking.iter().filter(told).count() == lacking.len() {
            Seen::Yes(fired)
        } else {
            Seen::NotYet(format!("{fired:?}"))
        })
    })
    .await?;
    let rows: Vec<Row> = rows
        .into_iter()
        .map(|(entry, fault, ours)| {
            let of_it = theirs.iter().filter(|(labels, _)| is_of(labels, entry));
            let said: Vec<String> = of_it
                .map(|(labels, at)| {
                    let name = labels.get("alertname").map_or("?", String::as_str);
                    format!("{name} fires after {:.0} s", at - since)
                })
                .collect();
            let said = if said.is_empty() {
                format!("none of kube-prometheus-stack's fires within {:.0} s", now() - since)
            } else {
                format!("of kube-prometheus-stack's, {} (without its `group_wait`)", said.join(", "))
            };
            Row::new(
                &["kube-state-metrics", "prometheus"],
                &format!(
                    "{fault}; two replicas, the chart as installed (scrapes and evaluations every 30 s, `group_wait: 30s`), \
                     beside the alerts in tests/rules/peers/kube-prometheus-stack.yaml"
                ),
                format!("{ours}; {said}"),
            )
        })
        .collect();
    write("generic", &rows)
}

/// Windows and durations as installed.
fn as_installed(room: &Room, sink: &Sink) -> Result<Value> {
    let mut base = values(room, &sink.url())?;
    let entry = |name: &str| -> Result<Value> {
        let mut entry = model(room)?;
        merge(&mut entry, json!({"name": name, "replicas": 2}));
        Ok(entry)
    };
    let entries: Result<Vec<Value>> = FAULTS.iter().map(|(name, _, _)| entry(name)).collect();
    base["models"] = json!(entries?);
    merge(
        &mut base,
        json!({
            "metrics": {"scrape": {"interval": "30s", "timeout": "10s"}},
            "rules": {"window": "5m", "interval": "30s"},
            "tracing": {"enabled": false},
            "alertmanager": {"config": {
                "route": {"receiver": "team", "group_wait": "30s", "group_interval": "5m", "group_by": ["alertname", "model"]},
                "receivers": [{"name": "team", "webhook_configs": [{"url": format!("{}/alerts", sink.url())}]}],
            }},
        }),
    );
    Ok(base)
}

/// A Prometheus with the alerts of any workload; it discovers by the account of the release's.
async fn generic(room: &Room) -> Result<()> {
    let file = harness::repo::root().join("tests/rules/peers/kube-prometheus-stack.yaml");
    let config = json!({
        "global": {"scrape_interval": "30s", "evaluation_interval": "30s"},
        "rule_files": ["/generic/rules.yaml"],
        "scrape_configs": [
            {
                "job_name": "kube-state-metrics",
                "honor_labels": true,
                "static_configs": [{"targets": [format!("kube-state-metrics.{}.svc:8080", room.namespace)]}],
            },
            {
                "job_name": "vllm",
                "kubernetes_sd_configs": [{"role": "pod", "namespaces": {"names": [room.namespace]}}],
                "relabel_configs": [
                    {"source_labels": ["__meta_kubernetes_pod_label_app_kubernetes_io_component"], "regex": "vllm", "action": "keep"},
                    {"source_labels": ["__meta_kubernetes_pod_container_port_number"], "regex": "8000", "action": "keep"},
                    {"source_labels": ["__meta_kubernetes_namespace"], "target_label": "namespace"},
                    {"source_labels": ["__meta_kubernetes_pod_name"], "target_label": "pod"},
                ],
            },
        ],
    });
    room.create::<ConfigMap>(json!({
        "metadata": {"name": "generic"},
        "data": {"prometheus.yml": config.to_string(), "rules.yaml": std::fs::read_to_string(file)?},
    }))
    .await?;
    room.create::<Service>(json!({
        "metadata": {"name": "generic"},
        "spec": {"selector": {"app": "generic"}, "ports": [{"port": 9090}]},
    }))
    .await?;
    let spec = json!({"spec": {
        "selector": {"matchLabels": {"app": "generic"}},
        "template": {
            "metadata": {"labels": {"app": "generic"}},
            "spec": {
                "serviceAccountName": format!("{NAME}-prometheus"),
                "securityContext": {"runAsNonRoot": true, "fsGroup": 2000, "seccompProfile": {"type": "RuntimeDefault"}},
                "containers": [{
                    "name": "prometheus",
                    "image": room.cluster.image("prometheus")?.reference(),
                    "args": ["--config.file=/generic/prometheus.yml", "--storage.tsdb.path=/data"],
                    "readinessProbe": {"httpGet": {"path": "/-/ready", "port": 9090}, "periodSeconds": 1},
                    "volumeMounts": [{"name": "generic", "mountPath": "/generic"}, {"name": "data", "mountPath": "/data"}],
                    "securityContext": {
                        "allowPrivilegeEscalation": false,
                        "readOnlyRootFilesystem": true,
                        "capabilities": {"drop": ["ALL"]},
                    },
                }],
                "volumes": [
                    {"name": "generic", "configMap": {"name": "generic"}},
                    {"name": "data", "emptyDir": {}},
                ],
            },
        },
    }});
    let namespace = Some(&*room.namespace);
    room.cluster
        .apply("apps", "Deployment", namespace, "generic", spec)
        .await?;
    available(room, &["generic"]).await
}

/// The alerts of any workload that fired: their labels, and the second at which each fired first.
async fn theirs(room: &Room) -> Result<Vec<(BTreeMap<String, String>, f64)>> {
    let query =
        "min without (instance) (min_over_time(timestamp(ALERTS{alertstate=\"firing\"})[1h:15s]))";
    let at = "services/generic:9090";
    let body = room.cluster.get(&room.namespace, at, &asked(query)).await?;
    series(query, &body)
}

/// Whether an alert is about that entry's workload.
fn is_of(labels: &BTreeMap<String, String>, entry: &str) -> bool {
    let prefix = format!("{NAME}-{entry}");
    labels.values().any(|value| value.starts_with(&prefix))
}
