//! A Prometheus that converts classic histograms into native ones at the scrape, beside one that does not:
//! the same servers, scraped for two releases.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use anyhow::Result;
use fleet::model::Traffic;
use fleet::plan::{Group, Plan};
use fleet::world::World;
use harness::http::Prometheus;
use harness::repo;
use rules_tests::live::{Live, jobs, render, serve};
use serde_json::json;

const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 6, 1);

#[test]
fn every_recorded_series_exists_for_converted_histograms_with_the_same_medians() {
    let [port] = repo::free_ports::<1>().unwrap();
    let group = Group {
        model: "chat".to_owned(),
        replicas: 1,
        traffic: Traffic {
            requests_per_second: 4.0,
            slow_share: 0.0,
            abort_share: 0.0,
        },
    };
    let plan = Plan {
        groups: vec![group],
        first: ADDRESS,
        port,
        seed: 7,
        warm_up: 300.0,
        tracing: false,
        namespace: "inference".to_owned(),
    };
    let world = World::new(plan.servers(), 5.0, None, None);
    let _serving = serve(&world).unwrap();
    let values = json!({
        "metrics": {"mode": "standalone", "scrape": {"interval": "1s", "timeout": "1s"}},
        "rules": {"interval": "1s", "window": "10s"},
        "slos": {"interval": "1s", "windows": {
            "fast": {"long": "12s", "short": "6s"},
            "steady": {"long": "24s", "short": "12s"},
            "slow": {"long": "48s", "short": "24s"},
        }},
        "tracing": {"enabled": false},
        "helmTest": {"enabled": false},
        "models": [{"name": "chat", "namespaces": ["inference"], "port": port}],
    });
    let classic = render("classic", &values).unwrap();
    let converted = render("converted", &values).unwrap();
    let mut all = jobs(&classic, &["vllm"], |_| ADDRESS).unwrap();
    let mut others = jobs(&converted, &["vllm"], |_| ADDRESS).unwrap();
    for job in &mut others {
        // The chart pins false; an operator's Prometheus before 0.82, or another's scrape, may say this.
        assert_eq!(
            job["convert_classic_histograms_to_nhcb"].as_bool(),
            Some(false)
        );
        job["convert_classic_histograms_to_nhcb"] = true.into();
        job["job_name"] = "converted/chat".into();
    }
    all.extend(others);
    let dir = tempfile::tempdir().unwrap();
    let mut live = Live::start(dir.path(), &[&classic, &converted], &all).unwrap();

    // They are stored as native ones, and the classic ones are not.
    live.wait(
        r#"count(vllm:e2e_request_latency_seconds{vllm_monitoring="monitoring/converted"})"#,
        1.0,
    )
    .unwrap();
    live.wait(
        r#"count(vllm:e2e_request_latency_seconds_bucket{vllm_monitoring="monitoring/converted"}) or vector(0)"#,
        0.0,
    )
    .unwrap();
    for release in ["classic", "converted"] {
        let quantiles = format!(
            r#"count({{__name__=~"model:vllm_.+_seconds:p(50|95|99)", vllm_monitoring="monitoring/{release}"}}) >= bool 9"#
        );
        live.wait(&quantiles, 1.0).unwrap();
        let objectives = format!(
            r#"count(count by (slo) (model:vllm_slo:error_ratio{{vllm_monitoring="monitoring/{release}", window="48s"}}))"#
        );
        live.wait(&objectives, 4.0).unwrap();
    }
    // By name: what one has, the other has; classic ones are recorded by bucket.
    let named = |prometheus: &Prometheus, release: &str| -> Result<BTreeSet<String>> {
        let query = format!(
            r#"count by (__name__) ({{__name__=~".+:.+:.+", vllm_monitoring="monitoring/{release}"}})"#
        );
        let found = prometheus.query(&query)?.into_iter();
        Ok(found
            .map(|sample| sample.name.replace("_bucket:", ":"))
            .collect())
    };
    // A rule that was evaluated for one release may wait for the other.
    let same = live.wait_for("the same series of both releases", |prometheus| {
        let classic = named(prometheus, "classic")?;
        Ok(classic.len() > 85 && classic == named(prometheus, "converted")?)
    });
    if same.is_err() {
        let of = |release| named(&live.prometheus, release).unwrap();
        assert_eq!(of("classic"), of("converted"));
    }
    same.unwrap();
    // The medians are those of the same requests, up to what two scrapes of one second differ by.
    for family in [
        "e2e_request_latency",
        "time_to_first_token",
        "inter_token_latency",
    ] {
        let [classic, converted] = ["classic", "converted"].map(|release| {
            let query = format!(
                r#"max(avg_over_time(model:vllm_{family}_seconds:p50{{vllm_monitoring="monitoring/{release}"}}[5s]))"#
            );
            live.prometheus.query(&query).unwrap()[0].value
        });
        let ratio = classic / converted;
        assert!(
            (0.5..2.0).contains(&ratio),
            "{family}: {classic} and {converted}"
        );
    }
}
