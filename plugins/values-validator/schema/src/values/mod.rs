//! The chart's values, a file for each section of values.yaml.
//!
//! A field's doc comment is the key's description: in the schema, in docs/values.md and above the
//! key in values.yaml. Defaults are in values.yaml alone. Every field is optional, for a
//! values file says what differs and `null` takes a default away; a field that is not an `Option`
//! is required where its object stands.

mod alertmanager;
mod alerts;
mod autoscaling;
mod common;
mod dashboards;
mod deploy;
mod exposed;
mod global;
mod grafana;
mod helm_test;
mod jaeger;
mod metrics;
mod models;
mod network;
mod pod;
mod probe;
mod prometheus;
mod remote_write;
mod rules;
mod slos;
mod thresholds;
mod tracing;

use schemars::JsonSchema;
use serde::Deserialize;

pub use alertmanager::*;
pub use alerts::*;
pub use autoscaling::*;
pub use common::*;
pub use dashboards::*;
pub use deploy::*;
pub use exposed::*;
pub use global::*;
pub use grafana::*;
pub use helm_test::*;
pub use jaeger::*;
pub use metrics::*;
pub use models::*;
pub use network::*;
pub use pod::*;
pub use probe::*;
pub use prometheus::*;
pub use remote_write::*;
pub use rules::*;
pub use slos::*;
pub use thresholds::*;
pub use tracing::*;

/// The key of a label or annotation: a DNS name as prefix, then at most 63 characters.
pub(crate) const LABEL_KEY: &str =
    r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$";
/// A part of objects' names; a Service's name begins with a letter and has no dot.
const NAME_PART: &str = "^([a-z]([-a-z0-9]*[a-z0-9])?)?$";
pub(crate) const LABEL_VALUE: &str = "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$";

/// Values of vllm-monitoring
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Values {
    /// Values of a parent chart for all its subcharts, under the names of Bitnami's charts. Keys of
    /// other charts are allowed.
    pub global: Option<Global>,
    /// For a parent chart's `condition: vllm-monitoring.enabled`, which Helm reads there: false
    /// leaves this chart out. This chart itself reads nothing of it.
    pub enabled: Option<bool>,
    /// Replaces the chart's name in the names of objects.
    #[schemars(regex(pattern = NAME_PART))]
    pub name_override: Option<String>,
    /// Replaces the whole name of objects (release name + chart name).
    #[schemars(regex(pattern = NAME_PART))]
    pub fullname_override: Option<String>,
    /// Labels added to every object.
    pub common_labels: Option<Labels>,
    /// Secrets with registry credentials, for every pod of this chart: names, or `{name: …}`.
    pub image_pull_secrets: Option<Vec<PullSecret>>,
    /// NetworkPolicies for the pods of this chart: a pod accepts connections on its own ports only,
    /// from the release's own pods and from the peers listed here; an empty list adds none. Egress
    /// is not restricted.
    pub network_policies: Option<NetworkPolicies>,
    /// Further objects to install, each a complete manifest; strings in them are templates.
    pub extra_objects: Option<Vec<serde_json::Map<String, serde_json::Value>>>,
    /// The models to watch, one entry each. An empty list watches every pod with the label app=vllm
    /// in the release's namespace, for any model and without an expected number of replicas, under
    /// the entry name `any`.
    pub models: Option<Vec<Model>>,
    /// How KEDA queries Prometheus. models[].autoscaling says which models it scales; see
    /// docs/autoscaling.md.
    pub autoscaling: Option<Autoscaling>,
    /// Thresholds of alerts, of the sampling policy and of the lines in dashboards. `alert`: the
    /// alert fires when the p99 is above it. `keepTrace`: the trace of a request above it is kept
    /// (`off`: never for that reason); with the plugin a change takes effect within two minutes,
    /// without a restart.
    pub thresholds: Option<Thresholds>,
    /// Service level objectives, as the percentage of good events. Each alert compares two windows:
    /// it fires when the error budget burns more than `burn` times too fast over both `long` and
    /// `short`.
    pub slos: Option<Slos>,
    /// Reading vLLM's /metrics.
    pub metrics: Option<Metrics>,
    /// Recording rules and alerts.
    pub rules: Option<Rules>,
    /// Traces: an OpenTelemetry collector that keeps the traces of slow requests.
    pub tracing: Option<Tracing>,
    /// Dashboards as ConfigMaps for Grafana's sidecar.
    pub dashboards: Option<Dashboards>,
    /// The Prometheus of standalone mode; not used in operator mode.
    pub prometheus: Option<Prometheus>,
    /// `helm test`: one pod that checks Prometheus and each collector of this release; see
    /// docs/helm-test.md. In operator mode it also reads Prometheus objects from the Kubernetes
    /// API.
    pub helm_test: Option<HelmTest>,
    /// A probe: a blackbox exporter that sends each replica a request for one token at a low rate, through
    /// the HTTP server that clients use. It also detects an engine that hangs while it is idle, and
    /// measures latency from outside. Off by default: the requests use the GPUs.
    pub probe: Option<Probe>,
    /// The Alertmanager of standalone mode; not used in operator mode or without rules.
    pub alertmanager: Option<Alertmanager>,
    /// A Jaeger v2 that stores and shows the kept traces. The chart adds it as an exporter
    /// (`bundled-jaeger`), and `helm test` looks kept traces up in it. It has no login: open it
    /// with `kubectl port-forward`, or through a proxy that authenticates.
    pub jaeger: Option<Jaeger>,
    /// A Grafana with data sources and the chart's dashboards, for clusters that have none. An
    /// existing Grafana with a sidecar loads the dashboards without it (docs/dashboards.md).
    pub grafana: Option<Grafana>,
}
