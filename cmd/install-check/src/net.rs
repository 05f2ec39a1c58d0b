//! Asking over HTTP, and looking names up.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use ureq::tls::TlsConfig;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

/// One question takes no longer than this.
const QUESTION: Duration = Duration::from_secs(5);

/// No answer may be larger: the pod's memory limit is small.
pub(crate) const LARGEST: u64 = 16 << 20;

/// Asks until a time that all questions share.
#[derive(Debug, Clone, Copy)]
pub struct Client {
    deadline: Instant,
}

#[derive(Deserialize)]
struct Api<T> {
    data: T,
}

impl Client {
    /// A client that gives up at `deadline`.
    #[must_use]
    pub fn until(deadline: Instant) -> Self {
        Self { deadline }
    }

    /// The time that is left.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    fn config(&self, tls: Option<TlsConfig>) -> ureq::config::Config {
        ureq::Agent::config_builder()
            .tls_config(tls.unwrap_or_default())
            .timeout_global(Some(QUESTION.min(self.left().max(Duration::from_secs(1)))))
            .http_status_as_error(false)
            .user_agent(concat!("install-check/", env!("CARGO_PKG_VERSION")))
            .build()
    }

    /// An agent of the time that is left, that trusts the given certificates alone.
    pub(crate) fn agent_by(&self, tls: Option<TlsConfig>) -> ureq::Agent {
        self.config(tls).into()
    }

    /// The same, that finds every name at one address.
    pub(crate) fn agent_to(&self, address: SocketAddr, tls: TlsConfig) -> ureq::Agent {
        let connector = DefaultConnector::new();
        ureq::Agent::with_parts(self.config(Some(tls)), connector, At(address))
    }

    pub(crate) fn agent(&self) -> ureq::Agent {
        self.agent_by(None)
    }

    /// GET: the status and the text.
    ///
    /// # Errors
    /// When nothing answers.
    pub fn get(&self, url: &str) -> Result<(u16, String), String> {
        let mut answer = self.agent().get(url).call().map_err(|e| said(url, &e))?;
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(LARGEST);
        Ok((status, body.read_to_string().map_err(|e| said(url, &e))?))
    }

    /// GET of a page that must be there.
    ///
    /// # Errors
    /// When nothing answers, or not with 200.
    pub fn page(&self, url: &str) -> Result<String, String> {
        match self.get(url)? {
            (200, text) => Ok(text),
            (status, text) => Err(format!("{url} answers {status}: {}", start(&text))),
        }
    }

    /// A question to Prometheus' API: `data` of the answer.
    ///
    /// # Errors
    /// When nothing answers, not with 200, or not as that API does.
    pub fn api<T: DeserializeOwned>(&self, url: &str, path: &str) -> Result<T, String> {
        let url = format!("{}{path}", url.trim_end_matches('/'));
        let text = self.page(&url)?;
        serde_json::from_str::<Api<T>>(&text)
            .map(|answer| answer.data)
            .map_err(|e| format!("{url} does not answer as Prometheus does ({e})"))
    }
}

/// POST of JSON, with a bearer token where there is one: the status and the start of the text.
///
/// # Errors
/// When nothing answers.
pub(crate) fn post(
    agent: &ureq::Agent,
    url: &str,
    token: Option<&str>,
    json: &serde_json::Value,
) -> Result<(u16, String), String> {
    let mut request = agent.post(url).header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut answer = request.send(json.to_string()).map_err(|e| e.to_string())?;
    let text = answer.body_mut().read_to_string().unwrap_or_default();
    Ok((answer.status().as_u16(), start(&text).to_owned()))
}

/// Finds every name at one address: the certificate is held to the name, the collector is the one
/// that is meant.
#[derive(Debug)]
struct At(SocketAddr);

impl Resolver for At {
    fn resolve(
        &self,
        _: &ureq::http::Uri,
        _: &ureq::config::Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut found = self.empty();
        found.push(self.0);
        Ok(found)
    }
}

fn said(url: &str, error: &ureq::Error) -> String {
    format!("{url} does not answer ({error})")
}

/// The first line, for an error.
pub(crate) fn start(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    line.char_indices()
        .nth(200)
        .map_or(line, |(end, _)| &line[..end])
}

/// Every address behind a name, each once.
///
/// # Errors
/// When the name is not known.
pub fn addresses(host: &str) -> Result<BTreeSet<IpAddr>, String> {
    let found = (host, 0)
        .to_socket_addrs()
        .map_err(|e| format!("the name {host} is not known ({e})"))?;
    Ok(found.map(|address| address.ip()).collect())
}

/// `http://address:port` with the brackets that IPv6 needs.
#[must_use]
pub fn base(ip: IpAddr, port: u16) -> String {
    format!("http://{}", SocketAddr::new(ip, port))
}

/// A text as part of a query.
#[must_use]
pub fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(byte.into());
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_escaped() {
        assert_eq!(percent("up{a=\"b\"}+1"), "up%7Ba%3D%22b%22%7D%2B1");
    }

    #[test]
    fn addresses_of_both_families_make_urls() {
        assert_eq!(base(IpAddr::from([10, 0, 0, 1]), 80), "http://10.0.0.1:80");
        assert_eq!(base(IpAddr::from([0_u16; 8]), 80), "http://[::]:80");
    }
}
