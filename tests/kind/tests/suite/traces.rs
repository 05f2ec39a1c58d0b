//! What reaches the far end.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Result, ensure};
use harness::traffic::{LIMITS, Traffic, slow_traces};
use kind_tests::release::{NAME, Release, values};
use kind_tests::room::{Room, room};
use kind_tests::sink::{Sink, attribute, number, trace};
use kind_tests::wait::{Seen, until};
use serde_json::Value;

/// Requests that are sent beside those of the stand-in.
const SENT: usize = 240;

/// Labels of the collector's pod.
const COLLECTOR: &str = "app.kubernetes.io/component=collector";

#[tokio::test]
async fn exactly_the_slow_requests_reach_the_far_end_also_when_the_collector_is_replaced()
-> Result<()> {
    room("traces", |room| async move {
        let sink = Sink::start(&room).await?;
        Release::install(&room, &values(&room, &sink.url())?).await?;
        let (sent, slow) = requests(&room, 1).await?;
        // The last to be sent are the last to be decided.
        let kept = sink.all_of(&slow).await?;
        for span in kept
            .iter()
            .filter(|s| trace(s).is_some_and(|id| sent.contains(&id)))
        {
            ensure!(
                trace(span).is_some_and(|id| slow.contains(&id)),
                "a fast request was kept: {span}"
            );
            ensure!(
                attribute(span, "gen_ai.request.id").is_some(),
                "no gen_ai.request.id: {span}"
            );
            ensure!(
                attribute(span, "gen_ai.usage.completion_tokens").is_some(),
                "no token count: {span}"
            );
        }
        // Those that still wait are decided and written before the pod ends.
        let (_, slow) = requests(&room, 2).await?;
        room.replace(COLLECTOR).await?;
        sink.all_of(&slow).await.map(drop)
    })
    .await
}

/// Sends captured requests to the collector: the ids of all and of the slow ones.
async fn requests(room: &Room, seed: u64) -> Result<(BTreeSet<String>, BTreeSet<String>)> {
    let fixture = harness::repo::root().join("tests/fixtures/vllm/0.32.0/traces.jsonl");
    let mut traffic = Traffic::new(&harness::otlp::read_lines(&fixture)?, seed)?;
    let mut exports = Vec::new();
    for _ in 0..SENT {
        exports.push(traffic.next()?);
    }
    let sent: BTreeSet<_> = exports.iter().map(|t| t.id.clone()).collect();
    let slow: BTreeSet<_> = slow_traces(exports.iter().map(|t| &t.export), &LIMITS)
        .into_keys()
        .collect();
    ensure!(
        !slow.is_empty() && slow.len() < SENT,
        "{} of {SENT} are slow",
        slow.len()
    );
    for trace in &exports {
        send(room, &trace.export).await?;
    }
    Ok((sent, slow))
}

#[tokio::test]
async fn the_deployed_server_sends_its_slow_requests_through_the_collector() -> Result<()> {
    room("served", |room| async move {
        let sink = Sink::start(&room).await?;
        Release::install(&room, &values(&room, &sink.url())?).await?;
        let span = until(
            "a slow request of the server",
            Duration::from_secs(90),
            || async {
                Ok(match sink.got("span").await?.into_iter().next() {
                    Some(span) => Seen::Yes(span),
                    None => Seen::NotYet("no span".to_owned()),
                })
            },
        )
        .await?;
        ensure!(span["name"] == "llm_request", "{span}");
        ensure!(
            LIMITS
                .iter()
                .any(|(key, limit)| number(&span, key).is_some_and(|v| v > *limit)),
            "kept, but above no limit: {span}"
        );
        Ok(())
    })
    .await
}

/// Sends one export to the collector's OTLP/HTTP port, as an instrumented caller does.
async fn send(room: &Room, export: &Value) -> Result<()> {
    let url = format!(
        "/api/v1/namespaces/{}/services/{NAME}-collector:4318/proxy/v1/traces",
        room.namespace
    );
    let request = http::Request::post(url)
        .header("content-type", "application/json")
        .body(serde_json::to_vec(export)?)?;
    room.cluster.client.request_text(request).await?;
    Ok(())
}
