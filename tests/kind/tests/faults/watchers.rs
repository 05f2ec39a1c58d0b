//! Those who watch break as well.

use std::time::Duration;

use anyhow::{Result, ensure};
use kind_tests::faults::{Row, Sent, alert, notified, now, under_fault};
use kind_tests::node::{kill, pods};
use kind_tests::release::{Release, merge};
use kind_tests::room::room;
use kind_tests::sink::Sink;
use kind_tests::wait::{Seen, until};
use serde_json::{Value, json};

#[tokio::test]
async fn a_prometheus_that_restarts_in_an_incident_goes_on_firing_and_resolves_nothing()
-> Result<()> {
    room("fault-prometheus", |room| async move {
        let sink = Sink::start(&room).await?;
        let mut values = under_fault(&room, &sink)?;
        let absent = json!([{"name": "absent", "replicas": 2, "selector": {"app": "absent"}}]);
        merge(
            &mut values,
            json!({
                "models": absent,
                "rules": {"alerts": {
                    // Longer than the grace period, so that it must be remembered.
                    "VllmReplicaDown": {"for": "70s"},
                    "VllmFleetDown": {"enabled": false},
                }},
            }),
        );
        let since = now();
        let release = Release::install(&room, &values).await?;
        let name = "VllmReplicaDown";
        let seconds = alert(&sink, name, since, Duration::from_secs(180)).await?;
        for pod in pods(&room, "app.kubernetes.io/component=prometheus").await? {
            kill(&room, &pod, "prometheus").await?;
        }
        let killed = now();
        // Not as long as the alert waits at first.
        let limit = Duration::from_secs(60);
        until("the alert firing after the restart", limit, || async {
            let answer = release.get("prometheus:9090", "/api/v1/alerts").await?;
            let answer: Value = serde_json::from_str(&answer)?;
            let alerts = answer["data"]["alerts"].as_array().cloned();
            let found = alerts.into_iter().flatten().find(|a| a["labels"]["alertname"] == name);
            // The one before the kill had no uptime of seconds.
            let up = release
                .get("prometheus:9090", "/api/v1/query?query=time()-process_start_time_seconds%7Bjob%3D%22prometheus%22%7D")
                .await?;
            let up: Value = serde_json::from_str(&up)?;
            let up = up["data"]["result"][0]["value"][1].as_str().and_then(|t| t.parse::<f64>().ok());
            let fresh = up.is_some_and(|up| up < now() - killed + 5.0);
            Ok(match found {
                Some(a) if a["state"] == "firing" && fresh => Seen::Yes(()),
                other => Seen::NotYet(format!("{other:?}, up {up:?}")),
            })
        })
        .await?;
        let again = now() - killed;
        let all = notified(&sink).await?;
        ensure!(
            !all.iter().any(|n| n.name == name && n.status == "resolved"),
            "resolved in the incident: {all:?}"
        );
        let mut row = Row::count(
            "SIGKILL of Prometheus while VllmReplicaDown fires",
            "the alert goes on firing, without waiting for its time again, and is not resolved",
            &sink,
            &Sent::default(),
            Some((name, seconds)),
        )
        .await?;
        row.seen = format!("firing again {again:.0} s after the kill; no resolved notification");
        row.holds("prometheus-restarted", 0)
    })
    .await
}
