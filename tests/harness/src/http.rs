//! Small questions to servers on loopback.

#[cfg(feature = "full")]
mod metrics;

use std::time::Duration;

use anyhow::{Context, Result};

#[cfg(feature = "full")]
pub use metrics::{Alert, Prometheus, Sample, parse_metrics};

/// Longest time for one answer. A busy machine may take seconds for one of milliseconds; a server
/// that is gone refuses at once.
const ANSWER: Duration = Duration::from_secs(30);

/// GET; the body as text.
///
/// # Errors
/// When nothing answers within 30 s or the status is not 2xx.
pub fn get(url: &str) -> Result<String> {
    get_within(url, ANSWER)
}

/// The same with a limit of the caller's own.
///
/// # Errors
/// As [`get`]'s.
pub fn get_within(url: &str, limit: Duration) -> Result<String> {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(limit))
        .build();
    let agent: ureq::Agent = config.into();
    let mut answer = agent
        .get(url)
        .call()
        .with_context(|| format!("GET {url}"))?;
    answer
        .body_mut()
        .with_config()
        .limit(64 << 20)
        .read_to_string()
        .with_context(|| format!("GET {url}"))
}

/// POST of a JSON text; the body of the answer.
///
/// # Errors
/// When nothing answers within 30 s or the status is not 2xx.
pub fn post_json(url: &str, text: &str) -> Result<String> {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(ANSWER))
        .build();
    let agent: ureq::Agent = config.into();
    let mut answer = agent
        .post(url)
        .content_type("application/json")
        .send(text)
        .with_context(|| format!("POST {url}"))?;
    answer
        .body_mut()
        .read_to_string()
        .with_context(|| format!("POST {url}"))
}
