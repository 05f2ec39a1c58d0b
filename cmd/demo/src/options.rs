//! What the environment asks of the demo.

use std::env;
use std::path::PathBuf;

use anyhow::{Result, bail};
use harness::repo;

/// Where Prometheus is looked for when nothing is said.
const PROMETHEUS_PORT: u16 = 9090;

/// Where the dashboards are looked for when nothing is said.
const DASHBOARDS_PORT: u16 = 9088;

/// Replicas of the first model when nothing is said.
const REPLICAS: usize = 40;

/// What fits before the collector's address.
const MOST_REPLICAS: usize = 240;

/// The demo's options; the front door passes them as `make demo NAME=value`.
#[derive(Debug)]
pub struct Options {
    /// `ONESHOT=1`: ends by itself, with a verdict.
    pub oneshot: bool,
    /// `REPLAY=1`: captured scrapes and spans of a real server instead of the simulated fleet.
    pub replay: bool,
    /// `REPLICAS`: of the simulated fleet's first model.
    pub replicas: usize,
    /// `SPANS=file`: recorded OTLP/JSON lines to send instead of the fleet's spans.
    pub spans: Option<PathBuf>,
    /// `KEPT=file`: where to put what was kept, as OTLP/JSON lines.
    pub kept: Option<PathBuf>,
    /// `PROMETHEUS_PORT`: Prometheus' port on loopback; a free one for a one-shot run.
    pub prometheus_port: u16,
    /// `DASHBOARDS_PORT`: the dashboards' port on loopback; a free one for a one-shot run.
    pub dashboards_port: u16,
}

impl Options {
    /// Reads the environment.
    ///
    /// # Errors
    /// Names the variable, what was found and what is expected.
    pub fn from_env() -> Result<Self> {
        let oneshot = switch("ONESHOT")?;
        let replay = switch("REPLAY")?;
        let replicas = match env::var("REPLICAS") {
            Ok(text) if !text.is_empty() => match text.parse() {
                Ok(number @ 4..=MOST_REPLICAS) => number,
                _ => bail!("REPLICAS: found '{text}', expected a number from 4 to {MOST_REPLICAS}"),
            },
            _ => REPLICAS,
        };
        let path = |name| {
            env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let spans = path("SPANS");
        if let Some(file) = spans.as_deref().filter(|file| !file.is_file()) {
            bail!(
                "SPANS: {} is no file; expected OTLP/JSON lines",
                file.display()
            );
        }
        let [one, other] = repo::free_ports::<2>()?;
        let usual = |fixed, free| if oneshot { free } else { fixed };
        let prometheus_port = port("PROMETHEUS_PORT", "Prometheus", usual(PROMETHEUS_PORT, one))?;
        let dashboards_port = port(
            "DASHBOARDS_PORT",
            "the dashboards",
            usual(DASHBOARDS_PORT, other),
        )?;
        Ok(Self {
            oneshot,
            replay,
            replicas,
            spans,
            kept: path("KEPT"),
            prometheus_port,
            dashboards_port,
        })
    }
}

/// A port that is free, `usual` where the variable says nothing.
fn port(name: &str, what: &str, usual: u16) -> Result<u16> {
    let port = match env::var(name) {
        Ok(text) if !text.is_empty() => match text.parse() {
            Ok(port) if port > 0 => port,
            _ => bail!("{name}: found '{text}', expected a port, 1 to 65535"),
        },
        _ => usual,
    };
    repo::expect_free(port, what, name)?;
    Ok(port)
}

fn switch(name: &str) -> Result<bool> {
    match env::var(name).as_deref() {
        Ok("1") => Ok(true),
        Ok("" | "0") | Err(_) => Ok(false),
        Ok(other) => bail!("{name}: found '{other}', expected 1, or nothing"),
    }
}
