//! Without helm's hand on the cluster: what it renders, applied by kubectl.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::Pod;
use kind_tests::kubectl;
use kind_tests::release::{NAME, Release, merge, values};
use kind_tests::requests::requests;
use kind_tests::room::{Room, room};
use kind_tests::sink::Sink;
use kind_tests::wait::{Seen, until};
use kube::api::{Api, ListParams};
use serde_json::{Value, json};

#[tokio::test]
async fn what_helm_renders_works_when_kubectl_applies_it_and_jaeger_finds_kept_traces() -> Result<()>
{
    room("applied", |room| async move {
        let sink = Sink::start(&room).await?;
        let mut values = values(&room, &sink.url())?;
        merge(&mut values, json!({"jaeger": {
            "enabled": true,
            "image": room.cluster.image("jaeger")?.values(),
            "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "1Gi"}},
        }}));
        kubectl::apply(&room, &Release::template(&room, &values, None).await?).await?;
        until("all to be ready", Duration::from_secs(120), || ready(&room)).await?;

        // `helm test` by hand.
        let template = "templates/tests/install-check.yaml";
        kubectl::apply(&room, &Release::template(&room, &values, Some(template)).await?).await?;
        let pod = format!("{NAME}-test");
        let passed = until("the test's end", Duration::from_secs(180), || async {
            let pods: Api<Pod> = room.api();
            let phase = pods.get(&pod).await?.status.and_then(|s| s.phase);
            Ok(match phase.as_deref() {
                Some("Succeeded") => Seen::Yes(true),
                Some("Failed") => Seen::Yes(false),
                other => Seen::NotYet(format!("{other:?}")),
            })
        })
        .await?;
        ensure!(passed, "{}", room.log(&pod).await?);

        let (sent, slow) = requests(&room, 5).await?;
        for id in &slow {
            let what = format!("the slow request {id} in Jaeger");
            until(&what, Duration::from_secs(90), || async {
                let found = jaeger(&room, &format!("/api/traces/{id}")).await?;
                Ok(if found["data"][0]["spans"][0]["operationName"] == "llm_request" {
                    Seen::Yes(())
                } else {
                    Seen::NotYet(found.to_string())
                })
            })
            .await?;
        }
        // As somebody looks for them who knows no id.
        let services = jaeger(&room, "/api/services").await?;
        let mut found = 0;
        for service in services["data"].as_array().context("no list of services")? {
            let name = service.as_str().context("a service without a name")?;
            let query = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs([("service", name), ("lookback", "1h"), ("limit", "1000")])
                .finish();
            let traces = jaeger(&room, &format!("/api/traces?{query}")).await?;
            for trace in traces["data"].as_array().context("no list of traces")? {
                let id = trace["traceID"].as_str().context("a trace without an id")?;
                ensure!(slow.contains(id) || !sent.contains(id), "{id} is fast, and kept");
                found += usize::from(slow.contains(id));
            }
        }
        ensure!(found == slow.len(), "Jaeger's search finds {found} of {}", slow.len());
        Ok(())
    })
    .await
}

/// Whether every workload has the replicas that it wants.
async fn ready(room: &Room) -> Result<Seen<()>> {
    let all = ListParams::default();
    let (sets, deployments): (Api<StatefulSet>, Api<Deployment>) = (room.api(), room.api());
    let mut counts = Vec::new();
    for set in sets.list(&all).await? {
        let (spec, status) = (set.spec.unwrap_or_default(), set.status.unwrap_or_default());
        counts.push((spec.replicas, status.ready_replicas));
    }
    for deployment in deployments.list(&all).await? {
        let (spec, status) = (
            deployment.spec.unwrap_or_default(),
            deployment.status.unwrap_or_default(),
        );
        counts.push((spec.replicas, status.ready_replicas));
    }
    if counts.len() < 5 {
        bail!("only {} workloads", counts.len());
    }
    Ok(if counts.iter().all(|(wanted, ready)| wanted == ready) {
        Seen::Yes(())
    } else {
        Seen::NotYet(format!("wanted and ready: {counts:?}"))
    })
}

async fn jaeger(room: &Room, path: &str) -> Result<Value> {
    let what = format!("services/{NAME}-jaeger:16686");
    let body = room.cluster.get(&room.namespace, &what, path).await?;
    Ok(serde_json::from_str(&body)?)
}
