//! What an upgrade changes.

use std::time::Duration;

use anyhow::{Result, ensure};
use kind_tests::release::{Release, merge, values};
use kind_tests::room::room;
use kind_tests::sink::{Sink, number};
use kind_tests::wait::{Seen, until};
use serde_json::{Value, json};

/// Below every limit of the first install, above those of the second.
const BETWEEN: (f64, f64) = (0.0, 120.0);

/// The package before this one, as it was made.
const PREVIOUS: &str = "tests/kind/previous/vllm-monitoring-0.1.0.tgz";

#[tokio::test]
async fn an_upgrade_of_the_previous_package_changes_policy_and_rule_and_rolls_back() -> Result<()> {
    room("upgrade", |room| async move {
        let sink = Sink::start(&room).await?;
        let mut values = values(&room, &sink.url())?;
        let only_e2e = |alert: &str, keep: &str| {
            json!({"thresholds": {
                "e2eLatency": {"alert": alert, "keepTrace": keep},
                "timeToFirstToken": {"keepTrace": "off"},
                "decodeTime": {"keepTrace": "off"},
            }})
        };
        merge(&mut values, only_e2e("2m", "2m"));
        let previous = harness::repo::root().join(PREVIOUS);
        // Without the values that it did not know yet.
        let mut known = values.clone();
        if let Some(tracing) = known["tracing"].as_object_mut() {
            tracing.remove("receiver");
            tracing.remove("policy");
        }
        let release = Release::install_of(&room, &previous, &known).await?;
        let limit = |seconds: &'static str| {
            move |rule: &Value| {
                rule["query"]
                    .as_str()
                    .is_some_and(|q| q.contains(&format!("> {seconds}")))
            }
        };
        release.rule("VllmE2ELatencyHigh", limit("120")).await?;

        merge(&mut values, only_e2e("1m", "1ms"));
        release.upgrade(&values).await?;
        release.rule("VllmE2ELatencyHigh", limit("60")).await?;
        // The running policy follows: a request that was fast before is kept now. The policy
        // reloads its settings; a mounted ConfigMap takes up to the kubelet's sync period to arrive.
        let (above, below) = BETWEEN;
        until(
            "a request that the new limit keeps",
            Duration::from_secs(150),
            || async {
                let spans = sink.got("span").await?;
                let now = spans.iter().any(|s| {
                    number(s, "gen_ai.latency.e2e").is_some_and(|v| v > above && v < below)
                });
                Ok(if now {
                    Seen::Yes(())
                } else {
                    Seen::NotYet(format!("{} spans", spans.len()))
                })
            },
        )
        .await?;
        // Its traces lie a hundredth above the new limit of a millisecond, and on it.
        let (passed, said) = release.test().await?;
        ensure!(passed, "{said}");

        release.rollback().await?;
        release.rule("VllmE2ELatencyHigh", limit("120")).await?;
        Ok(())
    })
    .await
}
