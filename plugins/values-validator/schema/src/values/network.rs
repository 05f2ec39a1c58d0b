//! `networkPolicies`: who may reach what.

use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use schemars::JsonSchema;
use serde::Deserialize;

/// NetworkPolicies for every pod of this chart: each takes connections on its own ports alone, and
/// from whom is named here; an empty list is from anywhere. What pods send is left open.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct NetworkPolicies {
    /// Whether they are installed. The cluster's network must enforce them.
    pub enabled: Option<bool>,
    /// Who may ask vLLM that this chart deploys; whoever scrapes it must be among them.
    pub callers: Option<Vec<NetworkPolicyPeer>>,
    /// Who may send spans to the collectors; vLLM that this chart deploys always may.
    pub senders: Option<Vec<NetworkPolicyPeer>>,
    /// Who may read the metrics of the collectors; this chart's Prometheus always may.
    pub scrapers: Option<Vec<NetworkPolicyPeer>>,
    /// Who may open Prometheus, Alertmanager, Jaeger and Grafana; pods of this release always may.
    pub readers: Option<Vec<NetworkPolicyPeer>>,
}
