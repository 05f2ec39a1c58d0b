//! Seconds from a fault to the notification at a webhook, with the windows and durations that the chart is
//! installed with: scrapes and evaluations every 30 s, Alertmanager's group_wait of 30 s.

use std::time::Duration;

use anyhow::{Context, Result};
use k8s_openapi::api::apps::v1::Deployment;
use kind_tests::faults::{Load, Row, Sent, alert, now, under_fault};
use kind_tests::node::pods;
use kind_tests::release::{NAME, Release, merge, values};
use kind_tests::room::{Room, room};
use kind_tests::sink::Sink;
use kind_tests::wait::{Seen, until};
use kube::api::{Api, ListParams, Patch, PatchParams};
use serde_json::{Value, json};

/// The slowest alert waits for five minutes.
const LIMIT: Duration = Duration::from_secs(600);

/// Windows and durations as installed; two replicas of the simulated vLLM.
fn as_installed(room: &Room, sink: &Sink) -> Result<Value> {
    let mut base = under_fault(room, sink)?;
    // Two servers, where the others have none.
    base["models"] = values(room, &sink.url())?["models"].take();
    base["models"][0]["replicas"] = json!(2);
    merge(
        &mut base,
        json!({
            "metrics": {"scrape": {"interval": "30s", "timeout": "10s"}},
            "rules": {"window": "5m", "interval": "30s"},
            "alertmanager": {"config": {"route": {"group_wait": "30s", "group_interval": "5m"}}},
        }),
    );
    Ok(base)
}

/// Waits until Prometheus has scraped both servers more than once, and recorded them.
async fn settled(release: &Release) -> Result<()> {
    let query =
        "/api/v1/query?query=sum(count_over_time(up%7Bmodel%3D%22qwen3-235b%22%7D%5B5m%5D))";
    until(
        "three scrapes of both servers",
        Duration::from_secs(240),
        || async {
            let answer: Value =
                serde_json::from_str(&release.get("prometheus:9090", query).await?)?;
            let count = answer["data"]["result"][0]["value"][1].as_str();
            let count = count.and_then(|text| text.parse::<f64>().ok());
            Ok(if count.is_some_and(|count| count >= 6.0) {
                Seen::Yes(())
            } else {
                Seen::NotYet(answer.to_string())
            })
        },
    )
    .await
}

async fn scale(room: &Room, replicas: u32) -> Result<()> {
    let api: Api<Deployment> = room.api();
    let found = api.list(&ListParams::default()).await?.items.into_iter();
    let mut models = found
        .filter_map(|d| d.metadata.name)
        .filter(|n| n.contains("qwen"));
    let name = models.next().context("no Deployment of vLLM")?;
    let body = json!({"spec": {"replicas": replicas}});
    api.patch(&name, &PatchParams::default(), &Patch::Merge(&body))
        .await?;
    Ok(())
}

/// Waits for the alert and writes its row.
async fn notified(sink: &Sink, case: &str, fault: &str, name: &str, since: f64) -> Result<()> {
    let seconds = alert(sink, name, since, LIMIT).await?;
    let awaited = Some((name, seconds));
    let row = Row::count(fault, "", sink, &Sent::default(), awaited).await?;
    row.write(case)
}

#[tokio::test]
async fn a_frozen_engine_whose_health_answers_reaches_the_webhook() -> Result<()> {
    room("detect-frozen", |room| async move {
        let sink = Sink::start(&room).await?;
        let release = Release::install(&room, &as_installed(&room, &sink)?).await?;
        settled(&release).await?;
        let servers = pods(&room, &format!("app.kubernetes.io/instance={NAME}")).await?;
        let server = servers.into_iter().find(|p| p.contains("qwen"));
        let server = server.context("no pod of vLLM")?;
        let url = format!(
            "/api/v1/namespaces/{}/pods/{server}:8000/proxy/fleet/scenario",
            room.namespace
        );
        let request = http::Request::post(url)
            .header("content-type", "application/json")
            .body(br#"{"scenario": "stalled-engine"}"#.to_vec())?;
        room.cluster.client.request_text(request).await?;
        let fault = "one engine of two hangs with requests in flight, `/health` 200";
        notified(&sink, "detect-frozen", fault, "VllmEngineStalled", now()).await
    })
    .await
}

#[tokio::test]
async fn a_fleet_whose_last_replica_is_gone_reaches_the_webhook() -> Result<()> {
    room("detect-all", |room| async move {
        let sink = Sink::start(&room).await?;
        let release = Release::install(&room, &as_installed(&room, &sink)?).await?;
        settled(&release).await?;
        let since = now();
        scale(&room, 0).await?;
        let fault = "all replicas gone, their pods deleted";
        notified(&sink, "detect-all", fault, "VllmFleetDown", since).await
    })
    .await
}

#[tokio::test]
async fn a_replica_that_is_gone_reaches_the_webhook() -> Result<()> {
    room("detect-one", |room| async move {
        let sink = Sink::start(&room).await?;
        let release = Release::install(&room, &as_installed(&room, &sink)?).await?;
        settled(&release).await?;
        let since = now();
        scale(&room, 1).await?;
        let fault = "one replica of two gone, its pod deleted";
        notified(&sink, "detect-one", fault, "VllmReplicaDown", since).await
    })
    .await
}

#[tokio::test]
async fn kept_traces_that_the_store_refuses_for_good_reach_the_webhook() -> Result<()> {
    room("detect-lost", |room| async move {
        let sink = Sink::start(&room).await?;
        let release = Release::install(&room, &as_installed(&room, &sink)?).await?;
        settled(&release).await?;
        let load = Load::start(&room, 51, &[])?;
        load.goes_on(30).await;
        let since = now();
        sink.behave(401, 0).await?;
        let fault = "the store refuses kept traces permanently (401)";
        let result = notified(&sink, "detect-lost", fault, "VllmKeptTracesLost", since).await;
        load.stop().await?;
        result
    })
    .await
}
