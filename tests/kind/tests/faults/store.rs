//! The store of traces, and the disk before it.

use std::time::Duration;

use anyhow::Result;
use kind_tests::faults::{Load, Row, alert, now, under_fault};
use kind_tests::node;
use kind_tests::release::{Release, merge};
use kind_tests::room::room;
use kind_tests::sink::Sink;
use kind_tests::volume;
use serde_json::json;

#[tokio::test]
async fn a_store_that_is_slow_refuses_and_comes_back_gets_every_trace() -> Result<()> {
    room("fault-store", |room| async move {
        let sink = Sink::start(&room).await?;
        Release::install(&room, &under_fault(&room, &sink)?).await?;
        let load = Load::start(&room, 21, &[])?;
        load.goes_on(5).await;
        sink.behave(200, 3000).await?;
        load.goes_on(15).await;
        sink.behave(503, 0).await?;
        load.goes_on(25).await;
        sink.behave(200, 0).await?;
        load.goes_on(5).await;
        let sent = load.stop().await?;
        let row = Row::count(
            "store takes 3 s a request for 15 s, answers 503 for 25 s, comes back; queue in memory",
            "no trace lost",
            &sink,
            &sent,
            None,
        )
        .await?;
        row.holds("store", 0)
    })
    .await
}

#[tokio::test]
async fn a_full_disk_raises_an_alert_and_what_is_sent_after_it_arrives() -> Result<()> {
    room("fault-disk", |room| async move {
        let class = room.namespace.clone();
        let folder = format!("/var/local/{class}");
        node::run(&format!(
            "umount {folder} 2>/dev/null; mkdir -p {folder} && mount -t tmpfs -o size=8m,mode=0777 tmpfs {folder}"
        ))
        .await?;
        volume::volume(&room, &class, &folder).await?;
        let sink = Sink::start(&room).await?;
        let mut values = under_fault(&room, &sink)?;
        let storage = json!({"persistent": true, "size": "100Mi", "storageClassName": class});
        merge(
            &mut values,
            json!({
                "tracing": {"storage": storage},
                "rules": {"alerts": {"VllmKeptTracesLost": {"for": "5s"}}},
            }),
        );
        Release::install(&room, &values).await?;
        let load = Load::start(&room, 22, &[])?;
        load.goes_on(5).await;
        // Nothing leaves, and the disk has no room.
        sink.behave(503, 0).await?;
        let fill = format!("dd if=/dev/zero of={folder}/filler bs=64k 2>/dev/null || true");
        node::run(&fill).await?;
        let since = now();
        let told = alert(&sink, "VllmKeptTracesLost", since, Duration::from_secs(120)).await;
        let during = load.stop().await?;
        node::run(&format!("rm -f {folder}/filler")).await?;
        sink.behave(200, 0).await?;
        let seconds = told?;
        let load = Load::start(&room, 23, &[])?;
        load.goes_on(15).await;
        let after = load.stop().await?;
        let mut row = Row::count(
            "volume of the queue full while the store refuses, then room again",
            "losses raise VllmKeptTracesLost; nothing is lost once there is room",
            &sink,
            &after,
            Some(("VllmKeptTracesLost", seconds)),
        )
        .await?;
        let counts = kind_tests::faults::delivered(&sink, &after).await?;
        let lost = (during.kept.keys()).filter(|id| !counts.contains_key(*id));
        row.seen = format!(
            "while it was full, {} of {} taken traces were lost and {} refused",
            lost.count(),
            during.kept.len(),
            during.refused.len()
        );
        volume::remove(&room, &class).await?;
        row.holds("disk-full", 0)
    })
    .await
}
