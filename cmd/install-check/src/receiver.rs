//! What the collectors ask of whoever sends them spans, as the chart has mounted it for this pod.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use serde_json::Value;
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig};

use crate::input::Collector;
use crate::net::{self, Client};

/// How to send to every collector of a release.
#[derive(Debug)]
pub struct Receiver {
    port: u16,
    /// The name that certificates must have, and what they are held to.
    tls: Option<(String, TlsConfig)>,
    token: Option<String>,
}

impl Receiver {
    /// Reads the mounted files.
    ///
    /// # Errors
    /// When one is missing or has not in it what it should; says which value names it.
    pub fn read(collector: &Collector) -> Result<Self, String> {
        let tls = match &collector.tls {
            None => None,
            Some(tls) => {
                let roots = certificates(&tls.ca)?;
                let mut config = TlsConfig::builder().root_certs(RootCerts::Specific(roots.into()));
                if !tls.cert.is_empty() {
                    let chain = certificates(&tls.cert)?;
                    let client = ClientCert::new_with_certs(&chain, key(&tls.key)?);
                    config = config.client_cert(Some(client));
                }
                Some((tls.name.clone(), config.build()))
            }
        };
        let token = match collector.token_file.as_str() {
            "" => None,
            file => Some(token(file)?),
        };
        Ok(Self {
            port: collector.otlp_port,
            tls,
            token,
        })
    }

    /// Sends spans to the collector at an address.
    ///
    /// # Errors
    /// When nothing answers there, or it refuses them; says what it refuses.
    pub fn send(&self, client: Client, ip: IpAddr, spans: &Value) -> Result<(), String> {
        let to = SocketAddr::new(ip, self.port);
        let (url, agent) = match &self.tls {
            None => (net::base(ip, self.port), client.agent()),
            Some((name, tls)) => (
                format!("https://{name}:{}", self.port),
                client.agent_to(to, tls.clone()),
            ),
        };
        let url = format!("{url}/v1/traces");
        let (status, said) = net::post(&agent, &url, self.token.as_deref(), spans)
            .map_err(|why| self.unreached(to, &why))?;
        match status {
            200 => Ok(()),
            401 if self.token.is_some() => Err(format!(
                "{to} refuses the bearer token (401): {said}; the key tracing.receiver.bearerToken.clientKey (else `key`) of the Secret is none of the tokens that the collector read"
            )),
            401 => Err(format!(
                "{to} asks for a bearer token (401): {said}; it runs another configuration than the chart's"
            )),
            _ => Err(format!("{to} answers {status}: {said}")),
        }
    }

    fn unreached(&self, to: SocketAddr, why: &str) -> String {
        let lower = why.to_lowercase();
        // A server that wants a certificate says so only after the handshake, and closes: what is
        // being sent by then may find the connection gone before the alert is read.
        let handshake = [
            "tls",
            "certificate",
            "rustls",
            "alert",
            "handshake",
            "broken pipe",
            "reset by peer",
        ];
        match &self.tls {
            Some((name, _)) if handshake.iter().any(|word| lower.contains(word)) => format!(
                "{to}, as {name}, ends the TLS handshake ({why}); check tracing.receiver.client: `ca` must have signed the receiver's certificate, that must be of the name {name}, and with tls.clientCA `cert` must be signed by it"
            ),
            _ => format!(
                "{to} does not answer ({why}); is it up (`kubectl logs`), and does a NetworkPolicy let this pod in?"
            ),
        }
    }
}

fn file(path: &str) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|e| {
        format!(
            "{path} cannot be read ({e}); see the Secrets of tracing.receiver and the key of each"
        )
    })
}

fn name(path: &str) -> &str {
    Path::new(path)
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or(path)
}

fn certificates(path: &str) -> Result<Vec<Certificate<'static>>, String> {
    let text = file(path)?;
    let found: Vec<_> = ureq::tls::parse_pem(&text)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if found.is_empty() {
        return Err(format!(
            "{} of tracing.receiver.client has no certificate in PEM",
            name(path)
        ));
    }
    Ok(found)
}

fn key(path: &str) -> Result<PrivateKey<'static>, String> {
    PrivateKey::from_pem(&file(path)?).map_err(|e| {
        format!(
            "{} of tracing.receiver.client has no private key in PEM ({e})",
            name(path)
        )
    })
}

/// As the collector reads it: the first word of the first line that has one.
fn token(path: &str) -> Result<String, String> {
    let text = file(path)?;
    let text = String::from_utf8_lossy(&text);
    let first = text.split_whitespace().next();
    first.map(str::to_owned).ok_or_else(|| {
        "the Secret of tracing.receiver.bearerToken has no token under its key".to_owned()
    })
}
