//! How people reach a part: its Service, an Ingress, an HTTPRoute of the Gateway API.

use k8s_openapi::api::networking::v1::IngressTLS;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Annotations, Labels, ObjectName, Text};

/// How people reach a part of this chart.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Exposed {
    /// Its Service.
    pub service: Option<Service>,
    /// An Ingress for it. It asks for no login unless the part or the ingress controller does.
    pub ingress: Option<Ingress>,
    /// An HTTPRoute of the Gateway API for it.
    pub http_route: Option<HttpRoute>,
}

/// A Service.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "service", rename_all = "camelCase")]
pub struct Service {
    /// How it is reached.
    pub r#type: Option<ServiceType>,
    /// With NodePort or LoadBalancer, the port of the nodes. Absent: Kubernetes chooses.
    #[schemars(range(min = 1, max = 65535))]
    pub node_port: Option<u16>,
    /// With LoadBalancer, its class.
    pub load_balancer_class: Option<Text>,
    /// With LoadBalancer, the addresses that may connect, as 10.0.0.0/8.
    pub load_balancer_source_ranges: Option<Vec<Text>>,
    /// With NodePort or LoadBalancer, `Local` keeps the callers' addresses.
    pub external_traffic_policy: Option<TrafficPolicy>,
    /// In a cluster with IPv4 and IPv6, whether it has addresses of both. Absent: SingleStack.
    pub ip_family_policy: Option<IpFamilyPolicy>,
    /// The families of its addresses, the first one first. Absent: the cluster chooses.
    pub ip_families: Option<Vec<IpFamily>>,
    /// Further labels.
    pub labels: Option<Labels>,
    /// Annotations.
    pub annotations: Option<Annotations>,
}

/// How traffic from outside is routed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
#[allow(missing_docs, reason = "Kubernetes' own words")]
pub enum TrafficPolicy {
    Cluster,
    Local,
}

/// Whether a Service has addresses of both families.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
#[allow(missing_docs, reason = "Kubernetes' own words")]
pub enum IpFamilyPolicy {
    SingleStack,
    PreferDualStack,
    RequireDualStack,
}

/// A family of addresses.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
#[allow(missing_docs, reason = "Kubernetes' own words")]
pub enum IpFamily {
    IPv4,
    IPv6,
}

/// How a Service is reached.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
#[allow(missing_docs, reason = "Kubernetes' own words")]
pub enum ServiceType {
    ClusterIP,
    NodePort,
    LoadBalancer,
}

/// An Ingress.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "ingress", rename_all = "camelCase")]
pub struct Ingress {
    /// Whether there is one.
    pub enabled: Option<bool>,
    /// Its IngressClass. Empty: the cluster's default class.
    pub ingress_class_name: Option<ObjectName>,
    /// Its host names. Empty: any.
    pub hosts: Option<Vec<Host>>,
    /// Its path.
    #[schemars(regex(pattern = "^/"))]
    pub path: Option<String>,
    /// How the path is compared.
    pub path_type: Option<PathType>,
    /// Certificates, as in an Ingress.
    pub tls: Option<Vec<IngressTLS>>,
    /// Further labels.
    pub labels: Option<Labels>,
    /// Annotations.
    pub annotations: Option<Annotations>,
}

/// How an Ingress compares paths.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
#[allow(missing_docs, reason = "Kubernetes' own words")]
pub enum PathType {
    Prefix,
    Exact,
    ImplementationSpecific,
}

/// A host name, without scheme and port, perhaps with the prefix `*.`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "host")]
#[schemars(extend("maxLength" = 253, "pattern" = r"^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"))]
pub struct Host(pub String);

/// An HTTPRoute.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "httpRoute", rename_all = "camelCase")]
pub struct HttpRoute {
    /// Whether there is one. Needs gateway.networking.k8s.io/v1.
    pub enabled: Option<bool>,
    /// The Gateways that it belongs to.
    pub parent_refs: Option<Vec<ParentRef>>,
    /// Its host names. Empty: those of the Gateway.
    pub hostnames: Option<Vec<Host>>,
    /// The beginning of its paths.
    #[schemars(regex(pattern = "^/"))]
    pub path: Option<String>,
    /// Further labels.
    pub labels: Option<Labels>,
    /// Annotations.
    pub annotations: Option<Annotations>,
}

/// A Gateway that a route belongs to.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "parentRef", rename_all = "camelCase")]
pub struct ParentRef {
    /// Its API group. Default: gateway.networking.k8s.io.
    pub group: Option<String>,
    /// Its kind. Default: Gateway.
    pub kind: Option<Text>,
    /// Its name.
    pub name: Text,
    /// Its namespace. Default: the release's.
    pub namespace: Option<Text>,
    /// The name of its listener. Default: all.
    pub section_name: Option<Text>,
    /// The port of its listener. Default: all.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
}
