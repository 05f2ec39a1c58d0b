//! Small questions to the server over HTTP.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

/// Longest time for one answer.
const ANSWER: Duration = Duration::from_secs(600);

/// A client of one server.
#[derive(Debug, Clone)]
pub struct Client {
    agent: ureq::Agent,
    url: String,
    token: Option<String>,
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Status line and headers, one a line.
    pub headers: String,
    /// The body.
    pub body: String,
}

impl Client {
    /// A client of the server at `url`.
    pub fn new(url: &str, token: Option<&str>) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // A server closes a connection that was idle for seconds, perhaps while the next request is on its way.
            .max_idle_connections(0)
            .build();
        Self {
            agent: config.into(),
            url: url.trim_end_matches('/').to_owned(),
            token: token.map(|token| format!("Bearer {token}")),
        }
    }

    /// GET; an error for a status other than 200.
    pub fn get(&self, path: &str) -> Result<Answer> {
        let url = format!("{}{path}", self.url);
        let mut request = self.agent.get(&url);
        if let Some(token) = &self.token {
            request = request.header("authorization", token);
        }
        let sent = request.config().timeout_global(Some(ANSWER)).build().call();
        let answer = read(sent.with_context(|| format!("GET {url}"))?)?;
        anyhow::ensure!(
            answer.status == 200,
            "GET {url}: status {}, expected 200",
            answer.status
        );
        Ok(answer)
    }

    /// POST of a JSON document; the client goes away after `limit`, where one is given.
    pub fn post(&self, path: &str, body: &Value, limit: Option<Duration>) -> Result<Answer> {
        let url = format!("{}{path}", self.url);
        let mut request = self
            .agent
            .post(&url)
            .header("content-type", "application/json");
        if let Some(token) = &self.token {
            request = request.header("authorization", token);
        }
        let sent = request
            .config()
            .timeout_global(Some(limit.unwrap_or(ANSWER)))
            .build()
            .send(body.to_string());
        read(sent.with_context(|| format!("POST {url}"))?)
    }
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> Result<Answer> {
    let status = response.status();
    let mut headers = format!("{:?} {status}\n", response.version());
    for (name, value) in response.headers() {
        headers += &format!("{name}: {}\n", value.to_str().unwrap_or_default());
    }
    let body = response
        .body_mut()
        .with_config()
        .limit(64 << 20)
        .read_to_string()?;
    Ok(Answer {
        status: status.as_u16(),
        headers,
        body,
    })
}
