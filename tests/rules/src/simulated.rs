//! What a simulated fleet answers to its scrapes, as input series for promtool.

use anyhow::Result;
use fleet::model::{Scenario, Traffic};
use fleet::plan::{Group, Plan};
use fleet::world::{Switch, World, lock};

use crate::captured::Captured;

/// Seconds between two scrapes.
pub const STEP: usize = 30;

/// Scrapes a fleet every 30 s, in virtual time: so many steps of ordinary load, then of the scenario.
///
/// # Errors
/// When the fleet refuses the scenario.
pub fn scraped(
    scenario: Scenario,
    traffic: Traffic,
    replicas: usize,
    (before, during): (usize, usize),
) -> Result<Captured> {
    let group = Group {
        model: "qwen3".to_owned(),
        replicas,
        traffic,
    };
    let plan = Plan {
        groups: vec![group],
        first: std::net::Ipv4Addr::LOCALHOST,
        port: 1,
        seed: 7,
        warm_up: 300.0,
        tracing: true,
        namespace: "inference".to_owned(),
    };
    // Data-parallel servers, where one engine of several is what it is about.
    let engines = 1 + usize::from(scenario.behaviour().last_engine_only);
    let mut servers = plan.servers();
    for (settings, _) in &mut servers {
        settings.engines = engines;
    }
    // Time passes by skips alone, so that a busy machine changes nothing.
    let world = World::new(servers, 1e-9, None, None);
    let switch = |switch: &Switch| world.switch(switch).map_err(anyhow::Error::msg);
    let mut scraped = Captured::default();
    let (mut seen, mut spans) = (0, 0);
    for step in 0..before + during {
        if step == before {
            switch(&Switch {
                scenario: Some(scenario.as_str().to_owned()),
                ..Switch::default()
            })?;
        }
        switch(&Switch {
            skip: Some(STEP as f64),
            ..Switch::default()
        })?;
        for (number, member) in world.members.iter().enumerate() {
            let replica = lock(&member.replica);
            let body = replica
                .is_up()
                .then(|| replica.metrics(world.virtual_now()));
            scraped.scrape(step, &format!("p{number}"), body.as_deref());
        }
        // Each request that ended with a span is one that the collector received.
        let (truth, next) = world.truth(seen);
        seen = next;
        spans += truth.iter().filter(|t| t.span_id.is_some()).count();
        let collector = r#"vllm_monitoring="monitoring/vllm-monitoring", namespace="monitoring", pod="vllm-monitoring-collector-0""#;
        scraped.add(step, &format!("up{{{collector}}}"), "1");
        let accepted = format!(
            r#"otelcol_receiver_accepted_spans{{{collector}, receiver="otlp", transport="grpc"}}"#
        );
        scraped.add(step, &accepted, &spans.to_string());
        // They come from no address of a pod.
        let counted = r#"vllm_request_spans_calls_total{spans_of="monitoring/vllm-monitoring", vllm_monitoring_sender="192.0.2.1"}"#;
        scraped.add(step, counted, &spans.to_string());
    }
    Ok(scraped)
}
