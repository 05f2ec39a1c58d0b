//! `networkPolicies`: who may reach what.

use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use schemars::JsonSchema;
use serde::Deserialize;

/// NetworkPolicies: a pod accepts connections on its own ports only, from the release's own pods
/// and from the peers in the lists; an empty list adds none. Egress is not restricted.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct NetworkPolicies {
    /// The cluster's network must enforce them.
    ///
    /// - auto: for the ports of spans, Alertmanager and Jaeger. Spans are accepted from pods of
    ///   the release's namespace, of the namespaces in `models`, and from `senders`.
    /// - true: for every pod of this chart.
    /// - false: none.
    pub enabled: Option<AutoOrBool>,
    /// Peers that may connect to vLLM deployed by this chart. Include what scrapes it, except this
    /// chart's Prometheus. Only with `true`.
    pub callers: Option<Vec<NetworkPolicyPeer>>,
    /// Peers that may send spans to the collectors, besides vLLM deployed by this chart.
    /// NetworkPolicies do not match pods on the host's network: add their nodes, `ipBlock: {cidr:
    /// 10.0.0.0/16}`.
    pub senders: Option<Vec<NetworkPolicyPeer>>,
    /// Peers that may read the metrics of the collectors and ask the probe, besides this chart's
    /// Prometheus. With `auto` everything may read the metrics, and outside standalone mode ask the
    /// probe while this list is empty.
    pub scrapers: Option<Vec<NetworkPolicyPeer>>,
    /// Peers that may connect to Alertmanager, Jaeger, and with `true` Prometheus and Grafana,
    /// besides pods of this release and `kubectl port-forward`.
    pub readers: Option<Vec<NetworkPolicyPeer>>,
}

/// `auto`, true or false.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, rename = "autoOrBool")]
#[schemars(extend("type" = ["boolean", "string"], "pattern" = "^auto$"))]
pub enum AutoOrBool {
    /// Set explicitly.
    Bool(bool),
    /// Derived from other values.
    Auto(String),
}
