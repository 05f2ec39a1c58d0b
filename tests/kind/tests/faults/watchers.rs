//! Those who watch break as well.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use kind_tests::faults::{Row, Sent, alert, notified, now, under_fault};
use kind_tests::node::{kill, pods};
use kind_tests::release::{Release, merge};
use kind_tests::room::{Room, room};
use kind_tests::sink::Sink;
use kind_tests::wait::{Seen, until};
use serde_json::{Value, json};

const NAME: &str = "VllmReplicaDown";

/// A release that expects a fleet that is not there, with so long a `for`.
fn expecting(room: &Room, sink: &Sink, wait: &str) -> Result<Value> {
    let mut values = under_fault(room, sink)?;
    let absent = json!([{"name": "absent", "replicas": 2, "selector": {"app": "absent"}}]);
    merge(
        &mut values,
        json!({
            "models": absent,
            "rules": {"alerts": {NAME: {"for": wait}, "VllmFleetDown": {"enabled": false}}},
        }),
    );
    Ok(values)
}

/// The value of a query with one result.
async fn value(release: &Release, query: &str) -> Result<f64> {
    let answer = release
        .get("prometheus:9090", &format!("/api/v1/query?query={query}"))
        .await?;
    let answer: Value = serde_json::from_str(&answer)?;
    let value = answer["data"]["result"][0]["value"][1].as_str();
    let value = value.and_then(|text| text.parse().ok());
    value.with_context(|| format!("{query}: {answer}"))
}

/// When the alert began to wait, in seconds since 1970; `%7B`: `{`.
const ACTIVE_SINCE: &str = "ALERTS_FOR_STATE%7Balertname%3D%22VllmReplicaDown%22%7D";

/// That it fires.
const FIRING: &str = "ALERTS%7Balertname%3D%22VllmReplicaDown%22%2Calertstate%3D%22firing%22%7D";

/// Whether a series has a sample that is younger than this: samples from before a restart are found as well.
async fn is_newer(release: &Release, series: &str, than: f64) -> Result<bool> {
    Ok(value(release, &format!("timestamp({series})")).await? > than)
}

/// SIGKILL to Prometheus; when.
async fn kill_prometheus(room: &Room) -> Result<f64> {
    for pod in pods(room, "app.kubernetes.io/component=prometheus").await? {
        kill(room, &pod, "prometheus").await?;
    }
    Ok(now())
}

#[tokio::test]
async fn an_alert_that_fires_goes_on_firing_over_a_restart_of_prometheus() -> Result<()> {
    room("fault-prometheus", |room| async move {
        let sink = Sink::start(&room).await?;
        let values = expecting(&room, &sink, "70s")?;
        let since = now();
        let release = Release::install(&room, &values).await?;
        let seconds = alert(&sink, NAME, since, Duration::from_secs(180)).await?;
        let killed = kill_prometheus(&room).await?;
        // Not as long as the alert waits at first.
        let limit = Duration::from_secs(60);
        until("the alert firing after the restart", limit, || async {
            Ok(if is_newer(&release, FIRING, killed).await? {
                Seen::Yes(())
            } else {
                Seen::NotYet("not since the restart".to_owned())
            })
        })
        .await?;
        let again = now() - killed;
        let all = notified(&sink).await?;
        ensure!(
            !all.iter().any(|n| n.name == NAME && n.status == "resolved"),
            "resolved in the incident: {all:?}"
        );
        let mut row = Row::count(
            "SIGKILL of Prometheus while VllmReplicaDown fires",
            "the alert goes on firing, without waiting for its time again, and is not resolved",
            &sink,
            &Sent::default(),
            Some((NAME, seconds)),
        )
        .await?;
        row.seen = format!("firing again {again:.0} s after the kill; no resolved notification");
        row.holds("prometheus-firing", 0)
    })
    .await
}

#[tokio::test]
async fn an_alert_that_waits_goes_on_waiting_over_a_restart_of_prometheus() -> Result<()> {
    room("fault-pending", |room| async move {
        let sink = Sink::start(&room).await?;
        let values = expecting(&room, &sink, "5m")?;
        let release = Release::install(&room, &values).await?;
        let limit = Duration::from_secs(90);
        let before = until("the alert waiting for a minute", limit, || async {
            let since = value(&release, ACTIVE_SINCE).await?;
            Ok(if now() - since > 60.0 {
                Seen::Yes(since)
            } else {
                Seen::NotYet(format!("since {since}"))
            })
        })
        .await?;
        let killed = kill_prometheus(&room).await?;
        // The time without Prometheus does not count; what went before does.
        let limit = Duration::from_secs(60);
        let later = until("the alert waiting where it was", limit, || async {
            let new = is_newer(&release, ACTIVE_SINCE, killed).await?;
            let later = value(&release, ACTIVE_SINCE).await? - before;
            Ok(if new && later < 50.0 {
                Seen::Yes(later)
            } else {
                Seen::NotYet(format!("{later} s later, since the restart: {new}"))
            })
        })
        .await?;
        let mut row = Row::count(
            "SIGKILL of Prometheus while VllmReplicaDown waits for its 5m",
            "it goes on waiting where it was: the minute before the kill counts",
            &sink,
            &Sent::default(),
            None,
        )
        .await?;
        row.seen = format!("{later:.0} s later than without the kill");
        row.holds("prometheus-waiting", 0)
    })
    .await
}
