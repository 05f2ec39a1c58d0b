//! From a rule to a person.

use std::time::Duration;

use anyhow::{Result, ensure};
use kind_tests::release::{Release, merge, values};
use kind_tests::room::room;
use kind_tests::sink::Sink;
use kind_tests::wait::{Seen, until};
use serde_json::{Value, json};

#[tokio::test]
async fn an_alert_reaches_a_webhook_with_its_runbook() -> Result<()> {
    room("alert", |room| async move {
        let sink = Sink::start(&room).await?;
        let mut values = values(&room, &sink.url())?;
        // A fleet that is expected and not there.
        let entries = json!([{"name": "absent", "replicas": 2, "selector": {"app": "absent"}}]);
        let webhook = json!([{"url": format!("{}/alerts", sink.url())}]);
        merge(
            &mut values,
            json!({
                "models": entries,
                "rules": {"alerts": {"VllmReplicaDown": {"for": "5s"}}},
                "alertmanager": {"config": {
                    "route": {"receiver": "team", "group_wait": "1s"},
                    "receivers": [{"name": "team", "webhook_configs": webhook}],
                }},
            }),
        );
        Release::install(&room, &values).await?;
        let alert = until(
            "VllmReplicaDown at the webhook",
            Duration::from_secs(90),
            || async {
                let alerts = sink.got("alert").await?;
                let names: Vec<_> = alerts
                    .iter()
                    .map(|a| a["labels"]["alertname"].to_string())
                    .collect();
                let found = alerts
                    .into_iter()
                    .find(|a| a["labels"]["alertname"] == "VllmReplicaDown");
                Ok(found.map_or_else(|| Seen::NotYet(format!("{names:?}")), Seen::Yes))
            },
        )
        .await?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        ensure!(alert["labels"]["model"] == "absent", "{alert}");
        ensure!(
            text(&alert["annotations"]["runbook_url"]).ends_with("/VllmReplicaDown.md"),
            "{alert}"
        );
        ensure!(
            text(&alert["annotations"]["description"]).contains('2'),
            "{alert}"
        );
        Ok(())
    })
    .await
}
