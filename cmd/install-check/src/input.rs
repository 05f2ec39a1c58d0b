//! What the chart hands over: one JSON object. Every name and number in it comes from the chart's
//! values and catalogue, so that nothing is known here twice.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

/// The whole input.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// `<namespace>/<release>`: the target label `vllm_monitoring`.
    pub release: String,
    /// All checks together may take so many seconds.
    pub timeout_seconds: u64,
    /// The Prometheus in use.
    pub prometheus: Prometheus,
    /// The collectors; absent where the release has none.
    pub collector: Option<Collector>,
    /// Where the release's Grafana is; "" where it has none.
    pub grafana_url: String,
}

/// The Prometheus that watches the release.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Prometheus {
    /// Its address, any path prefix included; "" where the chart does not know it.
    pub url: String,
    /// What is handed to a Prometheus Operator; absent where the release runs a Prometheus itself.
    pub operator: Option<Operator>,
    /// What selects the release's series of vLLM, as PromQL writes matchers.
    pub matchers: String,
    /// Whether the release has vLLM scraped: then targets carry its labels, one entry each.
    pub scraped: bool,
    /// The counter of finished requests.
    pub requests: String,
    /// The gauge of running requests: there as soon as vLLM is scraped.
    pub running: String,
    /// The recorded series of prefill pods; "" where no rules are installed.
    pub prefill: String,
    /// The series of the probe, a sample a replica; "" where the release has none.
    pub probe: String,
    /// Counters of KV blocks that are fetched from other pods, as a regular expression of their names.
    pub transfers: String,
    /// In operator mode: what the cluster's rules should watch of Prometheus and Alertmanager, with
    /// words of which a rule about it contains one.
    pub watched: BTreeMap<String, Vec<String>>,
    /// The entries that must have targets.
    pub entries: Vec<Entry>,
    /// Names of the release's rule groups; empty where it installs none.
    pub rule_groups: Vec<String>,
}

/// What the release hands to a Prometheus Operator.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Operator {
    /// The namespace of its objects.
    pub namespace: String,
    /// Labels that a Prometheus object can select them by.
    pub labels: BTreeMap<String, String>,
    /// Whether there is a PrometheusRule beside the PodMonitors.
    pub rules: bool,
}

/// A watched model entry.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// The target label `model`.
    pub name: String,
    /// Labels of its pods.
    pub selector: BTreeMap<String, String>,
    /// Namespaces of its pods; `*` is all.
    pub namespaces: Vec<String>,
    /// Their port, a number or a name.
    pub port: String,
}

/// The collectors of the release.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Collector {
    /// A name that resolves to the address of each collector.
    pub host: String,
    /// How many there should be.
    pub replicas: usize,
    /// Port of OTLP over HTTP.
    pub otlp_port: u16,
    /// TLS of OTLP; absent where the collectors speak none.
    pub tls: Option<Tls>,
    /// A mounted file with the bearer token to send; "" where none is asked for.
    pub token_file: String,
    /// Port of its own metrics.
    pub metrics_port: u16,
    /// `wasm` or `ottl`.
    pub engine: String,
    /// sha256 of the chart's plugin.
    pub sha256: String,
    /// The mounted, gzipped plugin that the collectors are to load; "" where they load none.
    pub plugin_file: String,
    /// Seconds that a trace waits for its decision; 0 where it is decided on arrival.
    pub decision_wait_seconds: f64,
    /// The policy of tail_sampling that counts synthetic traces.
    pub policy: String,
    /// The boolean span attribute that marks them.
    pub marker: String,
    /// The span that the policy judges.
    pub span: String,
    /// Its instrumentation scope.
    pub scope: String,
    /// Every latency attribute, with its limit in seconds; null where the rule is off.
    pub limits: BTreeMap<String, Option<f64>>,
    /// A kept trace is found here, `{traceID}` filled in; "" where no such place is known.
    pub trace_url: String,
    /// Whether a kept trace shows why it was kept, or the policy has no reason but `limits`; false with a
    /// policy of the user's own, and with `tracing.policy.stamp: false`.
    pub reasons_shown: bool,
}

/// TLS of the collectors' receiver, by mounted files.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tls {
    /// The name that the collectors' certificate must have.
    pub name: String,
    /// The authority of that certificate.
    pub ca: String,
    /// The certificate to show; "" where none is asked for.
    #[serde(default)]
    pub cert: String,
    /// Its key.
    #[serde(default)]
    pub key: String,
}

impl Input {
    /// Reads it.
    ///
    /// # Errors
    /// When it is not such an object; the place is in the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text)
            .map_err(|e| format!("the input is not what this version reads: {e}"))
    }

    /// The time for all checks.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds)
    }
}
