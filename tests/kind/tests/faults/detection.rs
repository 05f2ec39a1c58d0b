//! Seconds from a fault to the notification at a webhook, with the windows and durations that the chart is
//! installed with: scrapes and evaluations every 30 s, Alertmanager's group_wait of 30 s.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::apps::v1::Deployment;
use kind_tests::faults::{Load, Row, Sent, alert, now, under_fault};
use kind_tests::neighbours::vector;
use kind_tests::node::pods;
use kind_tests::release::{NAME, Release, merge, values};
use kind_tests::room::{Room, room};
use kind_tests::servers::tell;
use kind_tests::sink::Sink;
use kind_tests::wait::{Seen, until};
use kube::api::{Api, ListParams, Patch, PatchParams};
use serde_json::{Value, json};

/// The slowest of the critical alerts waits for five minutes.
const LIMIT: Duration = Duration::from_secs(600);

/// VllmTracingSilent waits for a quarter of an hour.
const SILENT: Duration = Duration::from_secs(1500);

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
    let scraped = "sum(count_over_time(up{model=\"qwen3-235b\"}[5m])) >= 6";
    true_of(release, "three scrapes of both servers", scraped).await
}

/// Waits until a comparison gives a series.
async fn true_of(release: &Release, what: &str, query: &str) -> Result<()> {
    until(what, Duration::from_secs(240), || async {
        let found = vector(release, query).await?;
        Ok(if found.is_empty() {
            Seen::NotYet(format!("nothing for {query}"))
        } else {
            Seen::Yes(())
        })
    })
    .await
}

/// The pods of vLLM.
async fn servers(room: &Room) -> Result<Vec<String>> {
    let mut found = pods(room, &format!("app.kubernetes.io/instance={NAME}")).await?;
    found.retain(|pod| pod.contains("qwen"));
    ensure!(found.len() == 2, "{found:?}");
    Ok(found)
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
    let limit = if name == "VllmTracingSilent" {
        SILENT
    } else {
        LIMIT
    };
    let seconds = alert(sink, name, since, limit).await?;
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
        let servers = servers(&room).await?;
        tell(&room, &servers[0], &json!({"scenario": "stalled-engine"})).await?;
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

#[tokio::test]
async fn servers_that_send_no_more_spans_reach_the_webhook() -> Result<()> {
    room("detect-silent", |room| async move {
        let sink = Sink::start(&room).await?;
        let mut values = as_installed(&room, &sink)?;
        // The sink counts notifications here; traces of twenty minutes would only make it slow.
        values["thresholds"]["e2eLatency"]["keepTrace"] = json!("1h");
        let release = Release::install(&room, &values).await?;
        settled(&release).await?;
        let traced =
            "sum(release:vllm_request_spans:rate) >= 0.8 * sum(model:vllm_request_success:rate) > 0";
        true_of(&release, "spans of the requests", traced).await?;
        let since = now();
        for server in servers(&room).await? {
            tell(&room, &server, &json!({"scenario": "tracing-off"})).await?;
        }
        let fault = "the servers stop sending spans and still serve requests";
        notified(&sink, "detect-silent", fault, "VllmTracingSilent", since).await
    })
    .await
}
