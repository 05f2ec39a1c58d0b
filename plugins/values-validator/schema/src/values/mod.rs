//! The chart's values, a file for each section of values.yaml.
//!
//! A field's doc comment is the key's description: in the schema, in docs/values.md and above the
//! key in values.yaml. Defaults stand in values.yaml alone. Every field is optional, for a
//! values file says what differs and `null` takes a default away; a field that is not an `Option`
//! is required where its object stands.

mod alertmanager;
mod alerts;
mod autoscaling;
mod common;
mod dashboards;
mod deploy;
mod grafana;
mod helm_test;
mod jaeger;
mod metrics;
mod models;
mod network;
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
pub use grafana::*;
pub use helm_test::*;
pub use jaeger::*;
pub use metrics::*;
pub use models::*;
pub use network::*;
pub use prometheus::*;
pub use remote_write::*;
pub use rules::*;
pub use slos::*;
pub use thresholds::*;
pub use tracing::*;

/// The key of a label or annotation: a DNS name as prefix, then at most 63 characters.
pub(crate) const LABEL_KEY: &str =
    r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$";
const LABEL_VALUE: &str = "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$";

/// Values of vllm-monitoring
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Values {
    /// Values of a parent chart that every chart below it sees; this one reads none of them.
    pub global: Option<serde_json::Map<String, serde_json::Value>>,
    /// Replaces the chart's name in the names of objects.
    pub name_override: Option<String>,
    /// Replaces the whole name of objects (release name + chart name).
    pub fullname_override: Option<String>,
    /// Labels added to every object.
    pub common_labels: Option<Labels>,
    /// Names of Secrets with registry credentials, for every pod of this chart.
    pub image_pull_secrets: Option<Vec<Text>>,
    /// NetworkPolicies for every pod of this chart: each takes connections on its own ports alone,
    /// and from whom is named here; an empty list names nobody. What pods send is left open.
    pub network_policies: Option<NetworkPolicies>,
    /// Further objects to install, each a whole manifest; texts in them are templates.
    pub extra_objects: Option<Vec<serde_json::Map<String, serde_json::Value>>>,
    /// The models that are watched, one entry each. An empty list watches every pod that carries
    /// app=vllm in the release's namespace, whatever it serves, with no replica expectation, under
    /// the entry name `any`.
    pub models: Option<Vec<Model>>,
    /// What KEDA needs to ask Prometheus; which models it scales is said by models[].autoscaling, and
    /// docs/autoscaling.md says how.
    pub autoscaling: Option<Autoscaling>,
    /// The thresholds, written once: alerts, the sampling policy and the dashboard's lines read
    /// them. `alert` is what the p99 may not exceed; `keepTrace` is from where a request's trace is
    /// kept (`off` keeps none for that reason); with the plugin a change of it restarts nothing and
    /// is in force within two minutes.
    pub thresholds: Option<Thresholds>,
    /// Objectives, in percent of events that are good. Their alerts look at two windows each: the
    /// error budget burns `burn` times too fast over `long`, and still does over `short`.
    pub slos: Option<Slos>,
    /// Reading vLLM's /metrics.
    pub metrics: Option<Metrics>,
    /// Recording rules and alerts.
    pub rules: Option<Rules>,
    /// Traces: an OpenTelemetry collector that keeps those of slow requests.
    pub tracing: Option<Tracing>,
    /// Dashboards as ConfigMaps for Grafana's sidecar.
    pub dashboards: Option<Dashboards>,
    /// The Prometheus of standalone mode; unused in operator mode.
    pub prometheus: Option<Prometheus>,
    /// `helm test`: one pod that asks Prometheus and each collector whether this release works; see
    /// docs/helm-test.md. Of the Kubernetes API it reads Prometheus objects, in operator mode.
    pub helm_test: Option<HelmTest>,
    /// The Alertmanager of standalone mode; unused in operator mode and without rules.
    pub alertmanager: Option<Alertmanager>,
    /// A Jaeger v2 of this chart's own that takes the kept traces and shows them: its address
    /// becomes one more exporter of the collector (`bundled-jaeger`) and where `helm test` looks
    /// for a kept trace. It has no login of its own: reach it by `kubectl port-forward`, or through
    /// a proxy that has one.
    pub jaeger: Option<Jaeger>,
    /// A Grafana of this chart's own, with its data sources and the chart's dashboards. For
    /// clusters that have none: a Grafana with a sidecar finds the dashboards by itself
    /// (docs/dashboards.md).
    pub grafana: Option<Grafana>,
}
