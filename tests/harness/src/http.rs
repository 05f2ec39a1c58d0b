//! Small questions to servers on loopback.

#[cfg(feature = "full")]
mod metrics;

use std::time::Duration;

use anyhow::{Context, Result, bail};

#[cfg(feature = "full")]
pub use metrics::{Alert, Prometheus, Sample, parse_metrics};

/// Longest time for one answer. A busy machine may take seconds for one of milliseconds; a server
/// that is gone refuses at once.
const ANSWER: Duration = Duration::from_secs(30);

/// GET; the body as text.
///
/// # Errors
/// When nothing answers within 30 s, or in the server's words when the status is not 2xx.
pub fn get(url: &str) -> Result<String> {
    get_within(url, ANSWER)
}

/// The same with a limit of the caller's own.
///
/// # Errors
/// As [`get`]'s.
pub fn get_within(url: &str, limit: Duration) -> Result<String> {
    read(&format!("GET {url}"), agent(limit).get(url).call())
}

/// POST of a JSON text; the body of the answer.
///
/// # Errors
/// When nothing answers within 30 s, or in the server's words when the status is not 2xx.
pub fn post_json(url: &str, text: &str) -> Result<String> {
    let request = agent(ANSWER).post(url).content_type("application/json");
    read(&format!("POST {url}"), request.send(text))
}

/// A refusal is an answer: its body says why.
fn agent(limit: Duration) -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(limit))
        .http_status_as_error(false);
    config.build().into()
}

fn read(
    request: &str,
    answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<String> {
    let mut answer = answer.with_context(|| request.to_owned())?;
    let body = answer.body_mut().with_config().limit(64 << 20);
    let text = body.read_to_string().with_context(|| request.to_owned())?;
    if !answer.status().is_success() {
        bail!("{request}: {}: {}", answer.status(), text.trim());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::post_json;

    #[test]
    fn a_refusal_is_told_in_the_servers_words() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", server.local_addr().unwrap());
        let answering = std::thread::spawn(move || {
            let (mut client, _) = server.accept().unwrap();
            let mut asked = Vec::new();
            while !asked.ends_with(b"{}") {
                let mut part = [0; 1024];
                let bytes = client.read(&mut part).unwrap();
                asked.extend_from_slice(&part[..bytes]);
            }
            let answer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 13\r\n\r\nno such field";
            client.write_all(answer.as_bytes()).unwrap();
        });
        let refusal = format!("{:#}", post_json(&url, "{}").unwrap_err());
        answering.join().unwrap();
        assert!(
            refusal.contains("400 Bad Request: no such field"),
            "{refusal}"
        );
    }
}
