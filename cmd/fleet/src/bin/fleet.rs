//! A fleet of simulated servers in one process.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use fleet::exporter::{Exporter, SCHEDULE_DELAY};
use fleet::model::Traffic;
use fleet::plan::{Group, Plan, script};
use fleet::server;
use fleet::world::{Switch, World};
use lexopt::prelude::{Long, Short, ValueExt};
use tokio::signal::unix::{SignalKind, signal};

const HELP: &str = "fleet: simulated vLLM servers in one process

  --model NAME=REPLICAS     may be repeated; qwen3-235b=40
  --first IP                address of the first server, the next ones follow; 127.0.1.1
  --port PORT               of every server; 18000
  --control IP:PORT         where /fleet is; 127.0.0.1:18080
  --traces URL              OTLP/gRPC endpoint for the spans; none
  --requests-per-second N   to each server, a virtual second; 1
  --slow-share N            share of requests of more than two minutes; 0.01
  --speed N                 virtual seconds a second; 1
  --warm-up SECONDS         virtual seconds that have passed before the start; 600
  --seed N                  of all generators; 1
  --truth FILE              truth of every request as JSON lines
  --script FILE             lines SECONDS SCENARIO, played from the start

GET  /fleet            state          POST /fleet/scenario  {\"scenario\": \"rush\", ...}
GET  /fleet/truth      JSON lines     GET  /fleet/sd        targets for http_sd_configs";

/// Time between two looks of the model at the clock.
const TICK: Duration = Duration::from_millis(100);

/// Time for the last spans after SIGTERM.
const LAST_SPANS: Duration = Duration::from_secs(5);

struct Options {
    plan: Plan,
    control: SocketAddr,
    traces: Option<String>,
    speed: f64,
    truth: Option<String>,
    script: Option<String>,
}

fn main() -> ExitCode {
    match options().and_then(start) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fleet: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Option<Options>> {
    let mut models: Vec<(String, usize)> = Vec::new();
    let mut traffic = Traffic::default();
    let mut options = Options {
        plan: Plan {
            groups: Vec::new(),
            first: Ipv4Addr::new(127, 0, 1, 1),
            port: 18_000,
            seed: 1,
            warm_up: 600.0,
            tracing: false,
            namespace: "inference".to_owned(),
        },
        control: SocketAddr::from(([127, 0, 0, 1], 18_080)),
        traces: None,
        speed: 1.0,
        truth: None,
        script: None,
    };
    let mut words = lexopt::Parser::from_env();
    while let Some(word) = words.next()? {
        match word {
            Short('h') | Long("help") => return Ok(None),
            Long("model") => {
                let text = words.value()?.string()?;
                let group = text
                    .rsplit_once('=')
                    .and_then(|(name, n)| Some((name.to_owned(), n.parse().ok()?)));
                models.push(
                    group.with_context(|| {
                        format!("--model: found '{text}', expected NAME=REPLICAS")
                    })?,
                );
            }
            Long("first") => options.plan.first = words.value()?.parse()?,
            Long("port") => options.plan.port = words.value()?.parse()?,
            Long("control") => options.control = words.value()?.parse()?,
            Long("traces") => options.traces = Some(words.value()?.string()?),
            Long("requests-per-second") => traffic.requests_per_second = words.value()?.parse()?,
            Long("slow-share") => traffic.slow_share = words.value()?.parse()?,
            Long("speed") => options.speed = words.value()?.parse()?,
            Long("warm-up") => options.plan.warm_up = words.value()?.parse()?,
            Long("seed") => options.plan.seed = words.value()?.parse()?,
            Long("truth") => options.truth = Some(words.value()?.string()?),
            Long("script") => options.script = Some(words.value()?.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    if !(0.0..=1.0).contains(&traffic.slow_share) {
        bail!(
            "--slow-share: found {}, expected a number from 0 to 1",
            traffic.slow_share
        );
    }
    if !(options.speed > 0.0 && options.speed <= 1000.0) {
        bail!(
            "--speed: found {}, expected a number above 0, up to 1000",
            options.speed
        );
    }
    if models.is_empty() {
        models.push(("qwen3-235b".to_owned(), 40));
    }
    options.plan.tracing = options.traces.is_some();
    options.plan.groups = models
        .into_iter()
        .map(|(model, replicas)| Group {
            model,
            replicas,
            traffic,
        })
        .collect();
    Ok(Some(options))
}

fn start(options: Option<Options>) -> Result<()> {
    let Some(options) = options else {
        println!("{HELP}");
        return Ok(());
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(run(options))
}

async fn run(options: Options) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let steps = match &options.script {
        Some(file) => {
            let text = std::fs::read_to_string(file).with_context(|| file.clone())?;
            script(&text).with_context(|| file.clone())?
        }
        None => Vec::new(),
    };
    let log = match &options.truth {
        Some(file) => Some(std::fs::File::create(file).with_context(|| file.clone())?),
        None => None,
    };
    let exporter = match &options.traces {
        Some(endpoint) => Some(Exporter::start(endpoint, SCHEDULE_DELAY)?),
        None => None,
    };
    let world = World::new(options.plan.servers(), options.speed, exporter, log);
    server::serve_control(options.control, Arc::clone(&world)).await?;
    server::serve_all(&world).await?;
    println!(
        "fleet: {} servers from {}:{} on; http://{}/fleet",
        world.members.len(),
        options.plan.first,
        options.plan.port,
        options.control
    );
    let played = Arc::clone(&world);
    tokio::spawn(async move {
        for (pause, scenario) in steps {
            let switch = Switch {
                scenario: Some(scenario.as_str().to_owned()),
                ..Switch::default()
            };
            println!("fleet: {}", scenario.as_str());
            let world = Arc::clone(&played);
            let done = tokio::task::spawn_blocking(move || world.switch(&switch)).await;
            if let Some(why) = done
                .map_err(|e| anyhow!(e))
                .map(Result::err)
                .unwrap_or(None)
            {
                eprintln!("fleet: {why}");
            }
            tokio::time::sleep(pause).await;
        }
    });
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                let world = Arc::clone(&world);
                tokio::task::spawn_blocking(move || world.tick()).await?;
            }
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        }
    }
    world.stop(LAST_SPANS).await;
    Ok(())
}
