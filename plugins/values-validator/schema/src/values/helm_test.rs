//! `helmTest`: what `helm test` runs.

use k8s_openapi::api::core::v1::ResourceRequirements;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Duration, Image, Placement};

/// The pod of `helm test`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct HelmTest {
    /// Whether the test exists; also adds a policy to the collector that counts the test's own
    /// traces.
    pub enabled: Option<bool>,
    /// Its image.
    pub image: Option<Image>,
    /// All checks together; each waits so long for what it wants to see. At least 30s, and as much
    /// more as tracing.sampling.decisionWait in mode whole, whatever is set. `helm test` itself
    /// waits 5m (--timeout).
    pub timeout: Option<Duration>,
    /// Where the Prometheus is that watches this release, as http://host:port/prefix. Empty:
    /// standalone mode asks its own; in operator mode the test asks the one that selects this
    /// release's objects (rbac.create), and names as not run what it cannot ask.
    #[serde(rename = "prometheusURL")]
    #[schemars(regex(pattern = "^(http://.+)?$"))]
    pub prometheus_url: Option<String>,
    /// What it may read.
    pub rbac: Option<HelmTestRbac>,
    /// Where a kept trace is found; {traceID} is filled in, 200 is found, 404 is not. Jaeger:
    /// http://jaeger:16686/api/traces/{traceID}. Empty: this chart's own Jaeger where it runs one,
    /// else only the collector is asked.
    #[serde(rename = "traceURL")]
    #[schemars(regex(pattern = r"^(http://.*\{traceID\}.*)?$"))]
    pub trace_url: Option<String>,
    /// What its container may use.
    pub resources: Option<ResourceRequirements>,
    /// Where it may run.
    #[serde(flatten)]
    pub placement: Placement,
}

/// What the pod of `helm test` may read.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct HelmTestRbac {
    /// In operator mode, an account that may read Prometheus objects of the cluster and the
    /// release's namespace: a label that they select by and metrics.operator.labels lacks is named.
    pub create: Option<bool>,
}
