//! One simulated server behind the command line of the real one: `vllm serve MODEL --…`.
//!
//! Environment beyond vLLM's own: `FLEET_SCENARIO`, `FLEET_REQUESTS_PER_SECOND` (0), `FLEET_SLOW_SHARE`
//! (0.01), `FLEET_SPEED` (1), `FLEET_WARM_UP` (600 virtual seconds), `FLEET_SEED` (1), `FLEET_TRUTH` (a
//! file for the truth), `FLEET_CONTROL_PORT` (another port for `/fleet`, which stays open in an outage).

use std::env;
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use fleet::arguments::{Arguments, check_vllm_port};
use fleet::exporter::{Exporter, SCHEDULE_DELAY};
use fleet::model::{Config, Traffic};
use fleet::replica::{DRAFT_TOKENS, Settings};
use fleet::world::{Switch, World};
use fleet::{server, spans};
use tokio::signal::unix::{SignalKind, signal};

/// Time between two looks of the model at the clock.
const TICK: Duration = Duration::from_millis(20);

/// Time for the last spans after SIGTERM.
const LAST_SPANS: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let port = env::var("VLLM_PORT").ok();
    let arguments = match check_vllm_port(port.as_deref())
        .and_then(|()| Arguments::parse(env::args().skip(1)))
    {
        Ok(arguments) => arguments,
        Err(refused) => {
            eprintln!("{}", refused.message);
            return ExitCode::from(refused.code);
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let ended = runtime
        .context("no runtime")
        .and_then(|runtime| runtime.block_on(run(&arguments)));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vllm: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let host: IpAddr = match arguments.host.as_str() {
        "localhost" => IpAddr::from([127, 0, 0, 1]),
        other => other
            .parse()
            .with_context(|| format!("--host: found '{other}', expected an IP address"))?,
    };
    let address = SocketAddr::new(host, arguments.port);
    let world = World::new(
        vec![(settings(arguments)?, Some(address))],
        variable("FLEET_SPEED", 1.0)?,
        exporter(arguments)?,
        truth()?,
    );
    if let Ok(scenario) = env::var("FLEET_SCENARIO") {
        let switch = Switch {
            scenario: Some(scenario),
            ..Switch::default()
        };
        world
            .switch(&switch)
            .map_err(|why| anyhow!("FLEET_SCENARIO: {why}"))?;
    }
    let member = Arc::clone(&world.members[0]);
    server::serve(address, member, Arc::clone(&world)).await?;
    if let control @ 1.. = variable("FLEET_CONTROL_PORT", 0)? {
        server::serve_control(SocketAddr::new(host, control), Arc::clone(&world)).await?;
    }
    println!(
        "simulated vLLM serves {} at http://{address}",
        arguments.served.join(", ")
    );
    let mut ticks = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            _ = ticks.tick() => world.tick(),
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        }
    }
    world.stop(LAST_SPANS).await;
    Ok(())
}

fn settings(arguments: &Arguments) -> Result<Settings> {
    let default = Config::default();
    let number = |name, default| arguments.number(name).unwrap_or(default);
    let max_num_seqs = number("--max-num-seqs", default.max_num_seqs as u64).max(1) as usize;
    let config = Config {
        max_num_seqs,
        max_num_batched_tokens: number("--max-num-batched-tokens", default.max_num_batched_tokens)
            .max(1),
        max_model_len: number("--max-model-len", default.max_model_len).max(16),
        block_size: number("--block-size", default.block_size).max(1),
        num_gpu_blocks: number("--num-gpu-blocks-override", default.num_gpu_blocks).max(2),
        prefix_caching: arguments.switch("--enable-prefix-caching") != Some(false),
        draft_tokens: if arguments.has("--speculative-config") {
            DRAFT_TOKENS
        } else {
            0
        },
        ..default
    };
    let variable_text = |name| env::var(name).unwrap_or_default();
    Ok(Settings {
        models: arguments.served.clone(),
        name: env::var("POD_NAME")
            .or(env::var("HOSTNAME"))
            .unwrap_or_else(|_| "vllm".to_owned()),
        engines: number("--data-parallel-size", 1).clamp(1, 64) as usize,
        traffic: Traffic {
            requests_per_second: variable("FLEET_REQUESTS_PER_SECOND", 0.0)?,
            slow_share: variable("FLEET_SLOW_SHARE", Traffic::default().slow_share)?,
            ..Traffic::default()
        },
        seed: variable("FLEET_SEED", 1)?,
        warm_up: variable("FLEET_WARM_UP", 600.0)?,
        tracing: arguments.traces.is_some(),
        environment: spans::environment(
            &variable_text("OTEL_RESOURCE_ATTRIBUTES"),
            &variable_text("OTEL_SERVICE_NAME"),
        ),
        config,
    })
}

fn exporter(arguments: &Arguments) -> Result<Option<Exporter>> {
    let Some(endpoint) = &arguments.traces else {
        return Ok(None);
    };
    for (name, supported) in [
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_TRACES_INSECURE", "true"),
    ] {
        if let Ok(value) = env::var(name)
            && !value.is_empty()
            && !value.eq_ignore_ascii_case(supported)
        {
            bail!("{name}: found '{value}'; this simulator only knows {supported}");
        }
    }
    let delay = variable("OTEL_BSP_SCHEDULE_DELAY", SCHEDULE_DELAY.as_millis() as u64)?;
    Exporter::start(endpoint, Duration::from_millis(delay)).map(Some)
}

fn truth() -> Result<Option<std::fs::File>> {
    match env::var("FLEET_TRUTH") {
        Ok(path) if !path.is_empty() => std::fs::File::create(&path)
            .map(Some)
            .with_context(|| format!("FLEET_TRUTH: {path} cannot be written")),
        _ => Ok(None),
    }
}

fn variable<T: FromStr>(name: &str, default: T) -> Result<T> {
    match env::var(name) {
        Ok(text) if !text.is_empty() => text
            .parse()
            .map_err(|_| anyhow!("{name}: found '{text}', expected a number")),
        _ => Ok(default),
    }
}
