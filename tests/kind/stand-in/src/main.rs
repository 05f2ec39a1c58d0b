//! `vllm serve` for a cluster without GPUs: replays the captured metrics and spans of a real server,
//! listens as it does, and refuses what it refuses.
//!
//! Spans of a request leave every [`PACE`]; one in ten has a planted latency (harness::traffic).

mod arguments;
mod environment;

use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow};
use arguments::{Arguments, Usage};
use harness::traffic::Traffic;
use harness::{capture, interrupt, otlp};
use serde_json::Value;
use tiny_http::{Response, Server};

/// Time between two requests that end.
const PACE: Duration = Duration::from_millis(250);

/// Time between two captured bodies.
const STEP: Duration = Duration::from_secs(5);

const SCRAPES: &[u8] = include_bytes!("../../../fixtures/vllm/0.32.0/scrapes.tar.gz");
const SPANS: &str = include_str!("../../../fixtures/vllm/0.32.0/traces.jsonl");

fn main() -> ExitCode {
    let arguments = match arguments::parse(lexopt::Parser::from_env()) {
        Ok(arguments) => arguments,
        Err(Usage(error)) => {
            // argparse's words and status.
            eprintln!("usage: vllm serve [model_tag] [options]\nvllm serve: error: {error}");
            return ExitCode::from(2);
        }
    };
    match serve(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn serve(arguments: &Arguments) -> Result<()> {
    environment::check_port(std::env::var("VLLM_PORT").ok().as_deref())?;
    interrupt::install()?;
    let server = Server::http((Ipv4Addr::UNSPECIFIED, arguments.port))
        .map_err(|error| anyhow!("port {} cannot be had: {error}", arguments.port))?;
    let bodies: Vec<String> = capture::bodies(SCRAPES)?
        .into_iter()
        .map(|(_, body)| body.replace(capture::MODEL, &arguments.served_name))
        .collect();
    let model = arguments.served_name.clone();
    std::thread::spawn(move || answer(&server, &bodies, &model));
    match &arguments.otlp_endpoint {
        Some(endpoint) => send(endpoint),
        None => {
            while !interrupt::requested() {
                std::thread::sleep(PACE);
            }
            Ok(())
        }
    }
}

/// Answers as the server does, until the process ends.
fn answer(server: &Server, bodies: &[String], model: &str) {
    let start = Instant::now();
    for request in server.incoming_requests() {
        let step = (start.elapsed().as_secs() / STEP.as_secs()) as usize;
        let body = match request.url() {
            "/metrics" => bodies[step % bodies.len()].clone(),
            "/health" => String::new(),
            "/v1/models" => {
                serde_json::json!({"object": "list", "data": [{"id": model, "object": "model"}]})
                    .to_string()
            }
            _ => {
                let _ = request.respond(
                    Response::from_string("{\"detail\":\"Not Found\"}").with_status_code(404),
                );
                continue;
            }
        };
        // Who asked and went away counts that itself.
        let _ = request.respond(Response::from_string(body));
    }
}

/// Sends a request's spans every so often. A receiver that is away costs spans, never the server.
fn send(endpoint: &str) -> Result<()> {
    let captured = otlp::parse_lines(SPANS)?;
    // No two replicas, and no two lives of one, send the same trace ids.
    let seed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .context("the clock stands before 1970")?
        .as_nanos() as u64;
    let mut traffic = Traffic::new(&captured, seed)?;
    let resource = environment::resource(std::env::vars());
    let mut sender = None;
    while !interrupt::requested() {
        std::thread::sleep(PACE);
        let mut export = traffic.next()?.export;
        for part in export["resourceSpans"].as_array_mut().into_iter().flatten() {
            environment::put(&mut part["resource"], &resource);
        }
        if let Err(error) = deliver(&mut sender, endpoint, &export) {
            eprintln!("ERROR: Failed to export traces to {endpoint}: {error:#}");
            sender = None;
        }
    }
    Ok(())
}

fn deliver(sender: &mut Option<otlp::Sender>, endpoint: &str, export: &Value) -> Result<()> {
    if sender.is_none() {
        *sender = Some(otlp::Sender::connect_to(endpoint)?);
    }
    match sender {
        Some(sender) => sender.send(export),
        None => Ok(()),
    }
}
