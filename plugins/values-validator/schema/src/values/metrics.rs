//! `metrics`: how vLLM is scraped.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Duration, Labels, Text};

/// Reading vLLM's /metrics.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Metrics {
    /// Who scrapes, and who evaluates the rules:
    pub mode: Option<Mode>,
    /// How vLLM is scraped.
    pub scrape: Option<Scrape>,
    /// Which of vLLM's series are stored, of about 470 a pod:
    pub profile: Option<Profile>,
    /// With scrape.enabled: false, the series that the rules read, as PromQL matchers:
    /// ['job="vllm"', 'cluster="a"']. They need the labels namespace and pod. One release watches
    /// one fleet: `models` has one entry at most.
    pub matchers: Option<Vec<Matcher>>,
    /// For a Prometheus Operator.
    pub operator: Option<Operator>,
}

/// Who scrapes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Mode {
    /// PodMonitors and a PrometheusRule for a Prometheus Operator.
    Operator,
    /// a Prometheus deployed by this chart.
    Standalone,
    /// operator if the cluster serves monitoring.coreos.com/v1, else standalone. `helm template`
    /// does not see a cluster: set the mode there.
    Auto,
}

/// How vLLM is scraped.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Scrape {
    /// Whether this chart configures scraping of vLLM. false: something else scrapes it, and
    /// `matchers` selects the series. The collector is always scraped.
    pub enabled: Option<bool>,
    /// Time between two scrapes.
    pub interval: Option<Duration>,
    /// Timeout of a scrape; a slower target counts as down. Not above the interval.
    pub timeout: Option<Duration>,
    /// https if vLLM serves TLS (--ssl-certfile); also for the probes of vLLM that this chart
    /// deploys.
    pub scheme: Option<Scheme>,
    /// With https, verification of the server, and the client's certificate.
    pub tls: Option<ScrapeTls>,
    /// A bearer token, if a proxy in front of vLLM requires one; vLLM's own --api-key does not
    /// protect /metrics.
    pub bearer: Option<ScrapeSecret>,
}

/// The scheme of /metrics.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
#[allow(missing_docs, reason = "they say it themselves")]
pub enum Scheme {
    Http,
    Https,
}

/// TLS of a scrape. Secrets are read in the release's namespace.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct ScrapeTls {
    /// The Secret's key with the CA of the server's certificate.
    pub ca: Option<ScrapeSecret>,
    /// A Secret of type kubernetes.io/tls with the client's certificate; empty: none.
    pub client_secret_name: Option<String>,
    /// The name in the server's certificate; pods are scraped by address.
    pub server_name: Option<String>,
    /// Do not verify the certificate.
    pub insecure_skip_verify: Option<bool>,
}

/// A key in a Secret.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct ScrapeSecret {
    /// The Secret; empty: none.
    pub secret_name: Option<String>,
    /// Its key.
    pub secret_key: Option<Text>,
}

/// Which series are stored.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Profile {
    /// all of them.
    Full,
    /// without creation times, Python's own and histograms that no rule, panel or query of
    /// docs/queries.md reads; less than half.
    Standard,
    /// what the rules read; a quarter.
    Minimal,
}

/// A matcher of PromQL.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline, extend("pattern" = r#"^[a-zA-Z_][a-zA-Z0-9_]*(=|!=|=~|!~)"[^"]*"$"#))]
pub struct Matcher(pub String);

/// For a Prometheus Operator.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Operator {
    /// Labels on monitors and the PrometheusRule: those that your Prometheus selects by
    /// (kube-prometheus-stack: `release: <its release name>`). Missing labels are the most common
    /// reason for "No data".
    pub labels: Option<Labels>,
    /// The Prometheus object that reads them, as namespace/name: the notes after `helm install`
    /// then compare its selectors with these labels. The installer needs permission to get that
    /// object. Empty: no comparison.
    #[schemars(extend("pattern" = "^([a-z0-9.-]+/[a-z0-9.-]+)?$"))]
    pub prometheus: Option<String>,
}
