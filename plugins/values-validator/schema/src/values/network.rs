//! `networkPolicies`: who may reach what.

use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use schemars::JsonSchema;
use serde::Deserialize;

/// NetworkPolicies: a pod takes connections on its own ports alone, from this release's own parts and
/// whom the lists name; an empty list names nobody. What pods send is left open.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct NetworkPolicies {
    /// The cluster's network must enforce them.
    ///
    /// - auto: for the ports of spans, Alertmanager and Jaeger. Spans are taken from pods of the
    ///   release's namespace and of those in `models`, and from `senders`.
    /// - true: for every pod of this chart.
    /// - false: none.
    pub enabled: Option<AutoOrBool>,
    /// Who may ask vLLM that this chart deploys; whoever scrapes it must be among them, but this
    /// chart's Prometheus always may. With `true` alone.
    pub callers: Option<Vec<NetworkPolicyPeer>>,
    /// Who may send spans to the collectors; vLLM that this chart deploys always may. Pods on the host's
    /// network are no pods to a NetworkPolicy: name their nodes, `ipBlock: {cidr: 10.0.0.0/16}`.
    pub senders: Option<Vec<NetworkPolicyPeer>>,
    /// Who may read the metrics of the collectors; this chart's Prometheus always may. With `true`
    /// alone: with `auto` everybody may.
    pub scrapers: Option<Vec<NetworkPolicyPeer>>,
    /// Who may open Alertmanager, Jaeger, and with `true` Prometheus and Grafana; pods of this release
    /// always may, and so may `kubectl port-forward`.
    pub readers: Option<Vec<NetworkPolicyPeer>>,
}

/// `auto`, true or false.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, rename = "autoOrBool")]
#[schemars(extend("type" = ["boolean", "string"], "pattern" = "^auto$"))]
pub enum AutoOrBool {
    /// Said.
    Bool(bool),
    /// As the rest of the values has it.
    Auto(String),
}
