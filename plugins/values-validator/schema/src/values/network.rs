//! `networkPolicies`: who may reach what.

use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use schemars::JsonSchema;
use serde::Deserialize;

/// NetworkPolicies: a pod accepts connections on its own ports only, from the release's own pods
/// and from the peers in the lists; an empty list adds none. Egress is restricted by `egress` only.
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
    /// Policies for connections that pods of this chart open, one per part. The lists are peers
    /// that a part may connect to at any port, in addition to DNS and the parts of this release that it needs.
    pub egress: Option<Egress>,
}

/// Policies for connections that pods of this chart open. DNS is ports 53 and 5353 of any address.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Egress {
    /// Whether there are such policies. Not with `networkPolicies.enabled: false`.
    pub enabled: Option<bool>,
    /// The API server, for parts that ask it: Prometheus, `helm test` in operator mode, and
    /// collectors with `tracing.k8sAttributes`. Empty: ports 443 and 6443 of any address, for its
    /// address is not known here.
    #[serde(rename = "kubernetesAPI")]
    pub kubernetes_api: Option<Vec<NetworkPolicyPeer>>,
    /// Of Prometheus: `prometheus.remoteWrite` and `prometheus.alertmanagers`.
    pub prometheus: Option<Vec<NetworkPolicyPeer>>,
    /// Of Alertmanager: the receivers of `alertmanager.config`.
    pub alertmanager: Option<Vec<NetworkPolicyPeer>>,
    /// Of the collectors: the backends in `tracing.exporters`.
    pub collector: Option<Vec<NetworkPolicyPeer>>,
    /// Of Grafana: `metrics.operator.prometheusURL` and `grafana.datasources`.
    pub grafana: Option<Vec<NetworkPolicyPeer>>,
    /// Of `helm test`: `metrics.operator.prometheusURL` and `helmTest.traceURL`.
    pub helm_test: Option<Vec<NetworkPolicyPeer>>,
    /// Of vLLM deployed by this chart: where it downloads weights. Its pods always reach each
    /// other and the collectors.
    pub vllm: Option<Vec<NetworkPolicyPeer>>,
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
