//! Packets that vanish, and clocks that disagree.

use anyhow::{Context, Result};
use kind_tests::faults::{Load, Row, balanced, under_fault};
use kind_tests::node::{Cut, address, pods};
use kind_tests::release::{Release, merge};
use kind_tests::requests::COLLECTOR;
use kind_tests::room::room;
use kind_tests::sink::Sink;

#[tokio::test]
async fn a_cut_between_collector_and_store_loses_nothing() -> Result<()> {
    room("fault-cut-store", |room| async move {
        let sink = Sink::start(&room).await?;
        Release::install(&room, &under_fault(&room, &sink)?).await?;
        let load = Load::start(&room, 31, &[])?;
        load.goes_on(5).await;
        let collectors = pods(&room, COLLECTOR).await?;
        let collector = address(&room, collectors.first().context("no collector")?).await?;
        let cut = Cut::between(&collector, &address(&room, "sink").await?).await?;
        load.goes_on(30).await;
        cut.mend().await?;
        load.goes_on(5).await;
        let sent = load.stop().await?;
        let row = Row::count(
            "packets between collector and store dropped for 30 s, queue in memory",
            "no trace lost",
            &sink,
            &sent,
            None,
        )
        .await?;
        row.holds("cut-store", 0)
    })
    .await
}

#[tokio::test]
async fn a_cut_between_the_balancers_and_a_sampler_loses_no_accepted_trace() -> Result<()> {
    room("fault-cut-sampler", |room| async move {
        let sink = Sink::start(&room).await?;
        let mut values = under_fault(&room, &sink)?;
        merge(&mut values, balanced());
        Release::install(&room, &values).await?;
        let load = Load::start(&room, 32, &[])?;
        load.goes_on(10).await;
        let samplers = pods(&room, COLLECTOR).await?;
        let sampler = address(&room, samplers.first().context("no sampler")?).await?;
        let mut cuts = Vec::new();
        for balancer in pods(&room, "app.kubernetes.io/component=balancer").await? {
            cuts.push(Cut::between(&address(&room, &balancer).await?, &sampler).await?);
        }
        load.goes_on(30).await;
        for cut in cuts {
            cut.mend().await?;
        }
        load.goes_on(15).await;
        let sent = load.stop().await?;
        let row = Row::count(
            "packets between the balancers and one of two samplers dropped for 30 s",
            "no trace lost that a balancer took",
            &sink,
            &sent,
            None,
        )
        .await?;
        row.holds("cut-sampler", 0)
    })
    .await
}

#[tokio::test]
async fn senders_whose_clocks_are_an_hour_off_lose_nothing_and_raise_nothing() -> Result<()> {
    room("fault-clock", |room| async move {
        let sink = Sink::start(&room).await?;
        Release::install(&room, &under_fault(&room, &sink)?).await?;
        let load = Load::start(&room, 33, &[-3600, 0, 3600])?;
        load.goes_on(30).await;
        let sent = load.stop().await?;
        let row = Row::count(
            "two of three senders with clocks an hour behind and an hour ahead",
            "no trace lost, no alert",
            &sink,
            &sent,
            None,
        )
        .await?;
        row.holds("clock-skew", 0)
    })
    .await
}
