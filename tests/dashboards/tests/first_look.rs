//! What a dashboard reads when it is opened: over the time that it shows at first, scraped as often as the
//! chart scrapes. `make bench` has six hours of 40 and 400 replicas.

use anyhow::{Context, Result};
use dashboards::boards;
use dashboards_tests::{STEP, ask, asked, fleet};

/// Most samples of a dashboard that reads raw series.
const BAR: u64 = 150_000;

/// `3h`, `90s`, as the chart's values and a dashboard's time are written.
fn seconds(text: &str) -> Result<u64> {
    let (number, unit) = text.split_at(text.len() - 1);
    let of = match unit {
        "s" => 1,
        "m" => 60,
        _ => 3600,
    };
    Ok(number.parse::<u64>().with_context(|| text.to_owned())? * of)
}

fn scrape_interval() -> Result<u64> {
    let values: serde_yaml::Value =
        serde_yaml::from_str(include_str!("../../../chart/values.yaml"))?;
    seconds(
        values["metrics"]["scrape"]["interval"]
            .as_str()
            .context("metrics.scrape.interval")?,
    )
}

#[test]
fn a_look_at_one_pod_reads_at_most_150_000_samples() {
    let replica: Vec<_> = boards::all()
        .into_iter()
        .filter(|board| board.slug == "replica")
        .collect();
    let queries = asked(&replica, "p3");
    let history = fleet(5, 2, scrape_interval().unwrap(), &queries).unwrap();
    let (shown, step) = (seconds(replica[0].shows).unwrap(), replica[0].step.unwrap());
    let end = history.time.1 - STEP;
    let mut samples = 0;
    for query in &queries {
        let url = &history.store.url;
        let answer = if query.instant {
            ask::at(url, &query.expr, end)
        } else {
            ask::range(url, &query.expr, (end - shown, end), step.into())
        };
        samples += answer.unwrap().samples;
    }
    println!("Replica: {samples} samples over {}", replica[0].shows);
    assert!((20_000..=BAR).contains(&samples), "{samples} samples");
}
