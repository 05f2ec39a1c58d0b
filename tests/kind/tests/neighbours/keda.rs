//! KEDA from its own manifests: operator, metrics adapter and admission webhooks.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use kind_tests::neighbours::{Manifests, Row, SOON, available, equals, fired, lean, write};
use kind_tests::release::{NAME, Release, merge, model};
use kind_tests::room::{Room, room};
use kind_tests::servers::tell;
use kind_tests::wait::{Seen, until};
use kube::api::{Api, ListParams};
use serde_json::{Value, json};

use crate::kube_state_metrics::{beside, scrape};

const FILES: [&str; 19] = [
    "config/crd/bases/eventing.keda.sh_cloudeventsources.yaml",
    "config/crd/bases/eventing.keda.sh_clustercloudeventsources.yaml",
    "config/crd/bases/keda.sh_clustertriggerauthentications.yaml",
    "config/crd/bases/keda.sh_scaledjobs.yaml",
    "config/crd/bases/keda.sh_scaledobjects.yaml",
    "config/crd/bases/keda.sh_triggerauthentications.yaml",
    "config/service_account/service_account.yaml",
    "config/rbac/role.yaml",
    "config/rbac/role_binding.yaml",
    "config/manager/manager.yaml",
    "config/manager/service.yaml",
    "config/metrics-server/role.yaml",
    "config/metrics-server/role_binding.yaml",
    "config/metrics-server/deployment.yaml",
    "config/metrics-server/service.yaml",
    "config/metrics-server/api_service.yaml",
    "config/webhooks/webhooks.yaml",
    "config/webhooks/service.yaml",
    "config/webhooks/validation_webhooks.yaml",
];

/// Containers, and whose binary is in them.
const IMAGES: [(&str, &str); 3] = [
    ("keda-operator", "keda"),
    ("keda-metrics-apiserver", "keda-adapter"),
    ("keda-admission-webhooks", "keda-webhooks"),
];

const DEPLOYMENTS: [&str; 3] = ["keda-operator", "keda-metrics-apiserver", "keda-admission"];

/// Requests a virtual second, of all replicas together; one of eight sequences at once cannot serve the second.
const QUIET: f64 = 0.3;
const BUSY: f64 = 6.0;

#[tokio::test]
async fn keda_scales_up_on_the_queue_and_down_after_it_and_no_replica_is_missed() -> Result<()> {
    room("keda", |room| async move {
        let keda = Manifests::of(&room, "keda", &FILES, "keda", &IMAGES)?;
        let result = async {
            keda.apply().await?;
            beside(&room, story(&room)).await
        }
        .await;
        // While KEDA is there: it takes its finalizer off the ScaledObject.
        let all = [
            "delete",
            "scaledobject",
            "--all",
            "--namespace",
            &room.namespace,
        ];
        let _ = kind_tests::kubectl::run(&all, "").await;
        keda.delete().await?;
        result
    })
    .await
}

async fn story(room: &Room) -> Result<()> {
    ready(room).await?;
    let release = Release::install(room, &scaled(room)?).await?;
    let mut sizes = Sizes::of(room);
    sizes
        .until(QUIET, "one replica", |s| s == [1], SOON)
        .await?;
    equals(&release, "entry:vllm_replicas:expected", 1.0).await?;

    let begun = Instant::now();
    let most = |s: &[i32]| s.last() == Some(&3);
    sizes.until(BUSY, "three replicas", most, SOON).await?;
    let up = begun.elapsed().as_secs();
    // While the load stays, so does the number; expected after `expectAfter`.
    sizes.keep(BUSY, Duration::from_secs(100)).await?;
    ensure!(
        most(&sizes.seen),
        "scaled down under load: {:?}",
        sizes.seen
    );
    equals(&release, "entry:vllm_replicas:expected", 3.0).await?;

    let begun = Instant::now();
    let least = |s: &[i32]| s.last() == Some(&1);
    sizes
        .until(QUIET, "one replica again", least, Duration::from_secs(180))
        .await?;
    let down = begun.elapsed().as_secs();
    sizes.keep(QUIET, Duration::from_secs(45)).await?;

    // Up to the top, then down to the bottom, once.
    let top = sizes.seen.iter().position(|s| *s == 3).context("no top")?;
    let (rise, fall) = sizes.seen.split_at(top);
    ensure!(
        rise.is_sorted() && fall.is_sorted_by(|a, b| a >= b),
        "a loop: {:?}",
        sizes.seen
    );
    equals(&release, "entry:vllm_replicas:expected", 1.0).await?;
    let alerts = fired(&release).await?;
    let missed = alerts
        .iter()
        .any(|a| a.starts_with("VllmReplicaDown") || a.starts_with("VllmFleetDown"));
    ensure!(!missed, "{alerts:?}");
    release.uninstall().await?;
    let sizes: Vec<String> = sizes.seen.iter().map(i32::to_string).collect();
    write(
        "keda",
        &[Row::new(
            &[
                "keda",
                "keda-adapter",
                "keda-webhooks",
                "kube-state-metrics",
            ],
            "its manifests (operator, metrics adapter, webhooks; of the scalers only prometheus, cpu, memory and cron are \
             built); replicas and targets of the example in [Autoscaling](autoscaling.md#metrics-and-targets), scrapes and \
             polls every 5 s, `expectAfter: 1m`, VllmReplicaDown after 5 s; load that one replica cannot serve, for two \
             minutes",
            format!(
                "replicas {}; three after {up} s of load, one {down} s after its end; the number expected follows; \
                 VllmReplicaDown and VllmFleetDown never fire",
                sizes.join(", ")
            ),
        )],
    )
}

/// The entry in the page about autoscaling that sets targets.
fn example() -> Result<Value> {
    let page = harness::repo::root().join("docs/autoscaling.md");
    let text = std::fs::read_to_string(&page)?;
    let blocks = text.split("```yaml\n").skip(1).map(|rest| {
        let block = rest.split_once("```").map_or(rest, |(block, _)| block);
        serde_yaml::from_str::<Value>(block).context("docs/autoscaling.md")
    });
    let blocks: Vec<Value> = blocks.collect::<Result<_>>()?;
    let entries = blocks.iter().map(|block| &block["models"][0]);
    let mut with_targets = entries.filter(|entry| entry["autoscaling"]["targets"].is_object());
    let found = with_targets
        .next()
        .context("docs/autoscaling.md has no example with targets")?;
    Ok(found.clone())
}

fn scaled(room: &Room) -> Result<Value> {
    let mut entry = model(room)?;
    if let Some(entry) = entry.as_object_mut() {
        entry.remove("replicas");
    }
    merge(&mut entry, example()?);
    merge(
        &mut entry,
        json!({
            "deploy": {"env": [
                {"name": "FLEET_REQUESTS_PER_SECOND", "value": "0"},
                {"name": "FLEET_SLOW_SHARE", "value": "0"},
                {"name": "FLEET_SPEED", "value": "5"},
            ]},
            "autoscaling": {
                "pollingInterval": "5s",
                "expectAfter": "1m",
                "behavior": {"scaleDown": {
                    "stabilizationWindowSeconds": 20,
                    "policies": [{"type": "Pods", "value": 1, "periodSeconds": 15}],
                }},
            },
        }),
    );
    let mut values = lean(room, json!([entry]))?;
    merge(
        &mut values,
        json!({"prometheus": {"scrapeConfigs": scrape(room, true, &json!({}))}}),
    );
    Ok(values)
}

/// Waits until the API server gets metrics from the adapter, and the webhooks answer.
async fn ready(room: &Room) -> Result<()> {
    available(room, &DEPLOYMENTS).await?;
    let limit = Duration::from_secs(240);
    until("metrics from the adapter", limit, || async {
        let path = "/apis/external.metrics.k8s.io/v1beta1";
        let request = http::Request::get(path).body(Vec::new())?;
        room.cluster.client.request_text(request).await?;
        Ok(Seen::Yes(()))
    })
    .await
}

/// The sizes that the Deployment was given, one after the other, while the load is spread over its pods.
struct Sizes {
    room: Room,
    seen: Vec<i32>,
}

impl Sizes {
    fn of(room: &Room) -> Self {
        Self {
            room: room.clone(),
            seen: Vec::new(),
        }
    }

    /// Goes on with that load until the sizes are as wanted.
    async fn until(
        &mut self,
        load: f64,
        what: &str,
        wanted: impl Fn(&[i32]) -> bool,
        limit: Duration,
    ) -> Result<()> {
        let begun = Instant::now();
        while !(self.look(load).await? && wanted(&self.seen)) {
            ensure!(
                begun.elapsed() < limit,
                "waited {limit:?} in vain for {what}; sizes: {:?}",
                self.seen
            );
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Ok(())
    }

    /// Goes on with that load for so long.
    async fn keep(&mut self, load: f64, time: Duration) -> Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < time {
            self.look(load).await?;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Ok(())
    }

    /// Notes the size, and spreads the load over the ready pods; whether all of that size are ready.
    async fn look(&mut self, load: f64) -> Result<bool> {
        let deployments: Api<Deployment> = self.room.api();
        let name = format!("{NAME}-qwen3-235b");
        let spec = deployments.get(&name).await?.spec.context("no spec")?;
        let size = spec.replicas.unwrap_or(1);
        if self.seen.last() != Some(&size) {
            self.seen.push(size);
        }
        let pods: Api<Pod> = self.room.api();
        let ours = ListParams::default().labels("app.kubernetes.io/component=vllm");
        let mut ready = pods.list(&ours).await?.items;
        ready.retain(|pod| {
            let conditions = pod
                .status
                .iter()
                .flat_map(|s| s.conditions.iter().flatten());
            let is = |c: &k8s_openapi::api::core::v1::PodCondition| {
                c.type_ == "Ready" && c.status == "True"
            };
            pod.metadata.deletion_timestamp.is_none() && conditions.into_iter().any(is)
        });
        let share = load / ready.len().max(1) as f64;
        for pod in &ready {
            let pod = pod
                .metadata
                .name
                .as_deref()
                .context("a pod without a name")?;
            // A pod that has just ended is not there.
            let _ = tell(&self.room, pod, &json!({"requests_per_second": share})).await;
        }
        Ok(i32::try_from(ready.len())? == size)
    }
}
