//! Records a running vLLM into a folder of `tests/fixtures/vllm`, as its README describes: whole `/metrics` bodies,
//! a series of scrapes, the spans as they arrive, the client's record, and the families seen.

mod client;
mod families;
mod load;
mod receiver;
mod scrapes;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use client::Client;
pub use receiver::Receiver;

/// Longest time to a `/health` of 200: a large model loads for many minutes.
const START: Duration = Duration::from_secs(60 * 60);
/// Pause between two looks at `/health`.
const POLL: Duration = Duration::from_millis(500);
/// Time for the last requests and the last spans after the load; the SDK sends every 5 s.
const DRAIN: Duration = Duration::from_secs(30);

/// What to record.
#[derive(Debug, Clone)]
pub struct Options {
    /// The server, such as `http://127.0.0.1:8000`.
    pub url: String,
    /// The model to ask for, as the server names it.
    pub model: String,
    /// A token for the server, where it asks for one.
    pub token: Option<String>,
    /// The folder that is written. It must not exist.
    pub folder: PathBuf,
    /// How long requests are sent.
    pub load: Duration,
    /// Pause between two scrapes of the series.
    pub every: Duration,
}

/// Records it: waits for `/health`, then idle, load, drained. `said` is told what is done, in one line each.
///
/// # Errors
/// If the folder exists, the server does not answer, or a file cannot be written. Nothing is left behind then.
pub fn record(options: &Options, receiver: &Receiver, said: impl Fn(&str)) -> Result<()> {
    if options.folder.exists() {
        bail!(
            "{} exists; remove it first, or record under another name (--variant)",
            options.folder.display()
        );
    }
    let parent = options.folder.parent().context("a folder below another")?;
    fs::create_dir_all(parent)?;
    // Beside its place, so that it is moved there whole.
    let unfinished = tempfile::Builder::new()
        .prefix(".recording-")
        .tempdir_in(parent)?;
    let into = unfinished.path();
    let client = Client::new(&options.url, options.token.as_deref());

    said(&format!("waiting for {}/health", options.url));
    wait(&client)?;
    said("idle: before any request");
    let idle = client.get("/metrics")?;
    fs::write(into.join("metrics-idle.txt"), &idle.body)?;
    fs::write(into.join("metrics-idle.headers"), &idle.headers)?;

    said(&format!("load: {} s of requests", options.load.as_secs()));
    let (requests, series) = load::run(&client, options)?;
    for (name, body) in series.bodies() {
        fs::write(into.join(name), body)?;
    }
    let lines: Vec<String> = requests.iter().map(ToString::to_string).collect();
    fs::write(into.join("requests.jsonl"), lines.join("\n") + "\n")?;
    fs::write(into.join("scrapes.tar.gz"), series.archive()?)?;

    said("drained: waiting for the last requests and spans");
    let answered = requests
        .iter()
        .filter(|request| request["id"].is_string())
        .count();
    let end = Instant::now() + DRAIN;
    while receiver.requests() < answered && Instant::now() < end {
        std::thread::sleep(POLL);
    }
    let drained = client.get("/metrics")?.body;
    fs::write(into.join("metrics-drained.txt"), &drained)?;
    fs::write(into.join("families.txt"), families::of(&drained))?;
    let spans = receiver.lines();
    if spans.is_empty() {
        said(
            "no span arrived: is --otlp-traces-endpoint set on the server? The folder has no traces.jsonl",
        );
    } else {
        fs::write(into.join("traces.jsonl"), spans.join("\n") + "\n")?;
    }
    fs::rename(unfinished.keep(), &options.folder)?;
    said(&format!("recorded: {}", options.folder.display()));
    Ok(())
}

fn wait(client: &Client) -> Result<()> {
    let end = Instant::now() + START;
    loop {
        match client.get("/health") {
            Ok(_) => return Ok(()),
            Err(error) if Instant::now() > end => return Err(error),
            Err(_) => std::thread::sleep(POLL),
        }
    }
}
