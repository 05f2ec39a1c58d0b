//! What reaches the far end.

use std::time::Duration;

use anyhow::{Result, ensure};
use harness::traffic::LIMITS;
use kind_tests::release::{Release, values};
use kind_tests::requests::{COLLECTOR, requests};
use kind_tests::room::room;
use kind_tests::sink::{Sink, attribute, number, trace};
use kind_tests::wait::{Seen, until};

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
