//! `metrics`: how vLLM is scraped.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{DataKey, Duration, Labels, ObjectName};

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
    /// With scrape.enabled: false, prefixes that the names of vLLM's series may have: Ray Serve and KServe
    /// add one. If this chart scrapes, it removes any prefix.
    #[schemars(length(min = 1))]
    pub name_prefixes: Option<Vec<NamePrefix>>,
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
    /// objects of Google Managed Prometheus: PodMonitorings, and Rules or ClusterRules.
    Google,
    /// monitors of Azure Monitor's managed Prometheus, and a ConfigMap with the rules: the cluster has no
    /// object for them.
    Azure,
    /// VMPodScrapes, VMServiceScrapes and a VMRule for the VictoriaMetrics operator.
    VictoriaMetrics,
    /// the first of monitoring.coreos.com/v1 (operator), operator.victoriametrics.com/v1beta1,
    /// azmonitoring.coreos.com/v1 and monitoring.googleapis.com/v1 that the cluster serves, else
    /// standalone. `helm template` does not see a cluster: set the mode there.
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
    /// Path of the metrics: /metrics, or the path at which a sidecar serves the merged metrics (Istio: port
    /// 15020, /stats/prometheus).
    pub path: Option<ScrapePath>,
    /// https if vLLM serves TLS (--ssl-certfile); also for the probes of vLLM that this chart
    /// deploys.
    pub scheme: Option<Scheme>,
    /// With https, verification of the server, and the client's certificate.
    pub tls: Option<ScrapeTls>,
    /// A bearer token, if a proxy in front of vLLM requires one; vLLM's own --api-key does not
    /// protect /metrics.
    pub bearer: Option<ScrapeSecret>,
    /// Limits of one scrape; a scrape above a limit is dropped as a whole, and its target counts as
    /// down. 0 and empty: no limit.
    pub limits: Option<ScrapeLimits>,
}

/// The path of /metrics.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline, extend("pattern" = "^/[^ ?#]*$"))]
pub struct ScrapePath(pub String);

/// Limits of one scrape.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct ScrapeLimits {
    /// Samples after the profile has dropped some; vLLM has about 470, and more with many adapters.
    pub samples: Option<u64>,
    /// Labels of a series.
    pub labels: Option<u64>,
    /// Bytes of a label's name.
    pub label_name_length: Option<u64>,
    /// Bytes of a label's value.
    pub label_value_length: Option<u64>,
    /// Size of the answer, as 10MB. Not with Google Managed Prometheus.
    #[schemars(regex(pattern = "^([0-9]+(KB|MB|GB))?$"))]
    pub body_size: Option<String>,
}

/// What vLLM's names begin with.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline, extend("pattern" = "^([a-zA-Z_][a-zA-Z0-9_]*_)?vllm[:_]$"))]
pub struct NamePrefix(pub String);

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
    pub client_secret_name: Option<ObjectName>,
    /// The name in the server's certificate; pods are scraped by address.
    #[schemars(regex(pattern = "^[A-Za-z0-9.:_-]*$"))]
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
    pub secret_name: Option<ObjectName>,
    /// Its key.
    pub secret_key: Option<DataKey>,
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
#[schemars(inline, extend("pattern" = r#"^[a-zA-Z_][a-zA-Z0-9_]*(=|!=|=~|!~)"([^"\\\n]|\\[\\abfnrtv"'])*"$"#))]
pub struct Matcher(pub String);

/// For a Prometheus Operator.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Operator {
    /// Labels on monitors and rules: those that your Prometheus selects by
    /// (kube-prometheus-stack: `release: <its release name>`). Missing labels are the most common
    /// reason for "No data".
    pub labels: Option<Labels>,
    /// The Prometheus object that reads them, as namespace/name: the notes after `helm install`
    /// then compare its selectors with these labels. The installer needs permission to get that
    /// object. Empty: no comparison.
    #[schemars(extend("pattern" = "^([a-z0-9.-]+/[a-z0-9.-]+)?$"))]
    pub prometheus: Option<String>,
    /// Where the Prometheus that evaluates the rules is asked, as http://host:port/prefix: by Grafana's
    /// data source, `helm test` and KEDA. Empty: standalone mode's own; elsewhere those three need it.
    #[serde(rename = "prometheusURL")]
    #[schemars(regex(pattern = "^(https?://[^/ ]+(/[^ ]*)?)?$"))]
    pub prometheus_url: Option<String>,
    /// Whether monitors and rules are written into each namespace of the models, in place of the
    /// release's: for an operator with enforcedNamespaceLabel or ignoreNamespaceSelectors (OpenShift's
    /// user workload monitoring, Rancher). Secrets of the scrape must be there, too.
    pub namespaced: Option<bool>,
    /// The operator's version. Before 0.79 a PodMonitor knows no port's number by `portNumber`, before
    /// 0.82 no `convertClassicHistogramsToNHCB`, before 0.73 no `bodySizeLimit`: they are left out, and
    /// ports are written as `targetPort`.
    #[schemars(regex(pattern = r"^[0-9]+\.[0-9]+(\.[0-9]+)?$"))]
    pub version: Option<String>,
}
