//! What panels show of a simulated fleet, held against what really became of its requests; scraped
//! every 15, 30 and 60 s.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use dashboards_tests::{ask, store::Store};
use fleet::model::Traffic;
use fleet::plan::{Group, Plan};
use fleet::truth::Truth;
use fleet::world::{Switch, World, lock};

/// Between the finest scrapes; the others are every second and every fourth of them.
const SCRAPE: u64 = 15;
/// How long the fleet is watched: the rules' window several times over.
const WATCHED: u64 = 40 * 60;
/// `rules.window`.
const WINDOW: u64 = 300;
const REPLICAS: usize = 4;
/// Bounds of vllm:e2e_request_latency_seconds come from the catalogue.
const E2E: &str = "vllm:e2e_request_latency_seconds";

struct Watched {
    store: Store,
    /// Unix second at which the watch began, virtual second 0 of `truth`.
    start: u64,
    truth: Vec<Truth>,
}

fn watched() -> Result<Watched> {
    let plan = Plan {
        groups: vec![Group {
            model: "qwen3".to_owned(),
            replicas: REPLICAS,
            traffic: Traffic {
                requests_per_second: 2.0,
                slow_share: 0.0,
                abort_share: 0.0,
            },
        }],
        first: std::net::Ipv4Addr::LOCALHOST,
        port: 1,
        seed: 11,
        warm_up: 300.0,
        tracing: false,
        namespace: "inference".to_owned(),
    };
    // Time passes by skips alone.
    let world = World::new(plan.servers(), 1e-9, None, None);
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let start = (now - 4 * 3600) / 7200 * 7200;
    let rules = rules_tests::own_rules()?;
    let wanted = dashboards_tests::raw_metrics(&rules, &[])?;
    let mut text = String::new();
    let mut truth = Vec::new();
    let mut seen = world.truth(0).1;
    let origin = world.virtual_now();
    for step in 1..=WATCHED / SCRAPE {
        let skip = Switch {
            skip: Some(SCRAPE as f64),
            ..Switch::default()
        };
        world.switch(&skip).map_err(anyhow::Error::msg)?;
        let time = start + step * SCRAPE;
        for (pod, member) in world.members.iter().enumerate() {
            let body = lock(&member.replica).metrics(world.virtual_now());
            for every in [1, 2, 4] {
                if step % every != 0 {
                    continue;
                }
                // A namespace for each scrape interval: models are told apart by it.
                let target = format!(
                    r#"vllm_monitoring="monitoring/vllm-monitoring",model="qwen3",namespace="every-{}s",pod="p{pod}""#,
                    every * SCRAPE
                );
                for line in body.lines().filter(|line| !line.starts_with('#')) {
                    let (series, value) =
                        line.rsplit_once(' ').context("a line without a value")?;
                    let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
                    if wanted.contains(name) {
                        let comma = if labels == "}" { "" } else { "," };
                        writeln!(text, "{name}{{{target}{comma}{labels} {value} {time}")?;
                    }
                }
            }
        }
        let (new, next) = world.truth(seen);
        seen = next;
        truth.extend(new.into_iter().map(|mut t| {
            t.at -= origin;
            t
        }));
    }
    text += "# EOF\n";
    let mut store = Store::new()?;
    let path = store.path("samples.txt");
    std::fs::write(&path, text)?;
    store.import(&path)?;
    store.record(&rules, (start, start + WATCHED), 30)?;
    Ok(Watched {
        store,
        start,
        truth,
    })
}

impl Watched {
    /// Requests that ended well between two seconds of the watch.
    fn between(&self, from: f64, to: f64) -> impl Iterator<Item = &Truth> {
        self.truth
            .iter()
            .filter(move |t| t.at > from && t.at <= to && t.e2e.is_some())
    }

    /// The value of a recorded series at a second of the watch, for a scrape interval.
    fn value(&self, metric: &str, scrape: u64, at: u64) -> Result<f64> {
        let query = format!(r#"sum({metric}{{namespace="every-{scrape}s"}})"#);
        let answer = ask::at(&self.store.url, &query, self.start + at)?;
        let value = answer
            .series
            .first()
            .and_then(|series| series.values.first());
        Ok(value.with_context(|| format!("{query} has no value"))?.1)
    }
}

/// The value that so large a part lies below.
fn quantile(mut values: Vec<f64>, part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() as f64 * part) as usize).min(values.len() - 1)]
}

#[test]
fn what_is_shown_is_what_happened() {
    let watched = watched().unwrap();
    assert!(watched.truth.len() > 3000, "{}", watched.truth.len());
    let bounds = vllm_catalog::family(E2E)
        .unwrap()
        .bounds
        .unwrap()
        .finite(0)
        .to_vec();
    let bucket = |value: f64| bounds.partition_point(|bound| *bound < value);
    // Full windows, side by side.
    let ends: Vec<u64> = (1..=WATCHED / WINDOW - 1)
        .map(|n| n * WINDOW + 120)
        .collect();
    for scrape in [15, 30, 60] {
        let (mut shown, mut happened) = (0.0, 0.0);
        for &end in &ends {
            let (from, to) = ((end - WINDOW) as f64, end as f64);
            let count = watched.between(from, to).count() as f64;
            let edge = scrape as f64;
            // What can lie on either side of the first and the last scrape of the window.
            let edges = watched.between(from - edge, from + edge).count()
                + watched.between(to - edge, to + edge).count();
            let rate = watched
                .value("model:vllm_request_success:rate", scrape, end)
                .unwrap()
                * WINDOW as f64;
            assert!(
                (rate - count).abs() <= edges as f64,
                "every {scrape} s: {rate:.1} requests until {end} s, {count} ended, {edges} at the edges"
            );
            shown += rate;
            happened += count;

            let p95 = watched
                .value("model:vllm_e2e_request_latency_seconds:p95", scrape, end)
                .unwrap();
            // Which requests lie in the window is known to a scrape, so that the rank is to a percent.
            let at = |part| {
                let times = watched.between(from, to).filter_map(|t| t.e2e).collect();
                bucket(quantile(times, part))
            };
            let (lowest, highest, found) = (at(0.94), at(0.96), bucket(p95));
            assert!(
                (lowest..=highest).contains(&found) && highest - lowest <= 1,
                "every {scrape} s: p95 until {end} s is {p95:.2} s, in bucket {found}; the truth is in {lowest} to {highest}"
            );
        }
        let off = (shown - happened).abs() / happened;
        assert!(
            off < 0.02,
            "every {scrape} s: {shown:.0} requests shown, {happened} ended: {:.1} %",
            off * 100.0
        );

        // Tokens: counted in every step, told at the end of a request.
        let (from, to) = (ends[0] - WINDOW, ends[ends.len() - 1]);
        let told: u64 = watched
            .between(from as f64, to as f64)
            .map(|t| t.completion_tokens)
            .sum();
        let rates: f64 = ends
            .iter()
            .map(|end| {
                watched
                    .value("model:vllm_generation_tokens:rate", scrape, *end)
                    .unwrap()
            })
            .sum();
        let counted = rates * WINDOW as f64;
        let off = (counted - told as f64).abs() / told as f64;
        assert!(
            off < 0.02,
            "every {scrape} s: {counted:.0} tokens shown, {told} generated: {:.1} %",
            off * 100.0
        );
    }
}
