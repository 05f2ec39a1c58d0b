//! kube-state-metrics from its own manifests, scraped in the ways in which people scrape it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::core::v1::{Pod, ResourceQuota};
use kind_tests::neighbours::{Manifests, Row, SOON, equals, fired, fires, lean, vector, write};
use kind_tests::node::{kill, pods};
use kind_tests::release::{NAME, Release, merge, model};
use kind_tests::room::{Room, room};
use kind_tests::wait::{Seen, until};
use kube::api::Api;
use serde_json::{Value, json};

const FILES: [&str; 5] = [
    "manifests/service-account.yaml",
    "manifests/cluster-role.yaml",
    "manifests/cluster-role-binding.yaml",
    "manifests/deployment.yaml",
    "manifests/service.yaml",
];

/// GPUs of a replica.
const GPUS: f64 = 4.0;

/// kube-state-metrics in a room, while something is done there; it is removed afterwards, whatever came of it.
pub async fn beside<T>(room: &Room, done: impl Future<Output = Result<T>>) -> Result<T> {
    let tool = "kube-state-metrics";
    let exporter = Manifests::of(room, tool, &FILES, "kube-system", &[(tool, tool)])?;
    let result = async {
        exporter.apply().await?;
        done.await
    }
    .await;
    exporter.delete().await?;
    result
}

/// A scrape of it: `labels` are those that a discovery gives its targets.
pub fn scrape(room: &Room, honor: bool, labels: &Value) -> Value {
    let address = format!("kube-state-metrics.{}.svc:8080", room.namespace);
    json!([{
        "job_name": "kube-state-metrics",
        "honor_labels": honor,
        "static_configs": [{"targets": [address], "labels": labels}],
    }])
}

#[tokio::test]
async fn replicas_restarts_and_gpus_are_read_from_kube_state_metrics_however_it_is_scraped()
-> Result<()> {
    room(
        "ksm",
        |room| async move { beside(&room, story(&room)).await },
    )
    .await
}

async fn story(room: &Room) -> Result<()> {
    // As a ServiceMonitor's target has them: the exporter's own pod, not the one a series is about.
    let target = json!({"namespace": room.namespace, "pod": "kube-state-metrics-0", "container": "kube-state-metrics"});
    let shapes = [
        (NAME, true, target.clone()),
        ("exported-vllm-monitoring", false, target),
        ("bare-vllm-monitoring", false, json!({})),
    ];
    let mut releases = Vec::new();
    for (name, honor, labels) in &shapes {
        let values = watching(room, name, *honor, labels)?;
        releases.push(Release::install_as(room, name, &values).await?);
    }
    // Nothing in the values says how many: Kubernetes begins with one.
    let workload = format!("deployment/{NAME}-qwen3-235b");
    scale(room, &workload, 2).await?;
    for release in &releases {
        equals(release, "entry:vllm_replicas:expected", 2.0).await?;
        equals(release, "entry:vllm_replicas:up", 2.0).await?;
        equals(release, "model:vllm_gpus:sum", 2.0 * GPUS).await?;
        fires(release, &[]).await?;
    }

    // Fewer are no alert: the expectation follows.
    scale(room, &workload, 1).await?;
    for release in &releases {
        equals(release, "entry:vllm_replicas:expected", 1.0).await?;
        equals(release, "model:vllm_gpus:sum", GPUS).await?;
        ensure!(
            fired(release).await?.is_empty(),
            "{:?}",
            fired(release).await?
        );
    }

    // More than a quota lets start are one.
    quota(room, 2.0 * GPUS).await?;
    scale(room, &workload, 3).await?;
    for release in &releases {
        equals(release, "entry:vllm_replicas:expected", 3.0).await?;
        equals(release, "entry:vllm_replicas:up", 2.0).await?;
        fires(release, &["VllmReplicaDown qwen3-235b"]).await?;
    }
    scale(room, &workload, 2).await?;
    for release in &releases {
        fires(release, &[]).await?;
    }

    // A container that ends three times within the hour; a pod that is replaced is none.
    let name = pods(room, "app.kubernetes.io/component=vllm").await?;
    let name = name.first().context("no pod of vLLM")?;
    for count in 1..=3 {
        kill(room, name, "vllm").await?;
        restarted(room, name, count).await?;
    }
    for release in &releases {
        let crash = "ALERTS{alertname=\"VllmCrashLooping\", alertstate=\"firing\"}";
        let wanted = format!("sum by (pod) ({crash})");
        until("VllmCrashLooping of that pod alone", SOON, || async {
            let found = vector(release, &wanted).await?;
            let only = found.len() == 1 && found[0].0.get("pod") == Some(name);
            Ok(if only {
                Seen::Yes(())
            } else {
                Seen::NotYet(format!("{found:?}"))
            })
        })
        .await?;
    }
    for release in releases {
        release.uninstall().await?;
    }
    let ways = [
        "`honor_labels: true`",
        "without `honor_labels`, targets labelled as a ServiceMonitor's (`exported_namespace`, `exported_pod`)",
        "without `honor_labels`, targets of a static address",
    ];
    let done =
        "its standard manifests, scraped by `prometheus.scrapeConfigs` of a standalone release";
    let rows = ways.map(|way| {
        Row::new(
            &["kube-state-metrics", "prometheus"],
            &format!("{done}, {way}"),
            "`replicas: auto` follows the Deployment (2, 1, 3) without an alert; a third pod that a quota keeps from \
             starting raises VllmReplicaDown; GPUs of the pods are counted (8, 4); a container killed three times raises \
             VllmCrashLooping of its pod alone",
        )
    });
    write("kube-state-metrics", &rows)
}

/// A release over the Deployment of the first, which deploys it.
fn watching(room: &Room, name: &str, honor: bool, labels: &Value) -> Result<Value> {
    let mut entry = model(room)?;
    entry["replicas"] = json!("auto");
    if name == NAME {
    } else {
        entry = json!({
            "name": "qwen3-235b",
            "replicas": "auto",
            "workload": format!("{NAME}-qwen3-235b"),
            "selector": {"app.kubernetes.io/component": "vllm"},
        });
    }
    let mut values = lean(room, json!([entry]))?;
    merge(
        &mut values,
        json!({
            "prometheus": {"scrapeConfigs": scrape(room, honor, labels)},
            // A replica that is added counts as missing until it is up: the rule waits for longer than a start.
            "rules": {"alerts": {"VllmCrashLooping": {"for": "0s"}, "VllmReplicaDown": {"for": "1m"}}},
        }),
    );
    Ok(values)
}

async fn scale(room: &Room, workload: &str, replicas: u32) -> Result<()> {
    let count = format!("--replicas={replicas}");
    let arguments = ["scale", "--namespace", &room.namespace, workload, &count];
    kind_tests::kubectl::run(&arguments, "").await?;
    Ok(())
}

async fn quota(room: &Room, gpus: f64) -> Result<()> {
    room.create::<ResourceQuota>(json!({
        "metadata": {"name": "gpus"},
        "spec": {"hard": {"requests.nvidia.com/gpu": format!("{gpus}")}},
    }))
    .await
}

async fn restarted(room: &Room, pod: &str, count: i32) -> Result<()> {
    let api: Api<Pod> = room.api();
    let what = format!("restart {count} of {pod}");
    until(&what, Duration::from_secs(120), || async {
        let status = api.get(pod).await?.status.unwrap_or_default();
        let statuses = status.container_statuses.unwrap_or_default();
        let running = |s: &k8s_openapi::api::core::v1::ContainerStatus| {
            s.restart_count >= count && s.state.as_ref().is_some_and(|s| s.running.is_some())
        };
        Ok(if statuses.iter().any(running) {
            Seen::Yes(())
        } else {
            Seen::NotYet(format!("{statuses:?}"))
        })
    })
    .await
}
