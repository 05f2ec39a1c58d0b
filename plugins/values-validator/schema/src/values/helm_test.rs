//! `helmTest`: what `helm test` runs.

use k8s_openapi::api::core::v1::ResourceRequirements;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Duration, OwnImage, Pod};

/// The pod of `helm test`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct HelmTest {
    /// Whether the test exists; also adds a policy to the collector that counts the test's own
    /// traces.
    pub enabled: Option<bool>,
    /// The image install-check of this project (`make images` builds it). Empty: Prometheus' image
    /// runs the checks that a shell can do.
    pub image: Option<OwnImage>,
    /// Timeout of all checks together. At least 30s; in mode whole tracing.sampling.decisionWait is
    /// added. `helm test` itself waits 5m (--timeout).
    pub timeout: Option<Duration>,
    /// Deprecated, goes with 0.5.0: set metrics.operator.prometheusURL, which this one overrides for
    /// `helm test`. With neither, in operator mode, the test asks the Prometheus that selects this
    /// release's objects (rbac.create), and reports checks that cannot query it as not run.
    #[serde(rename = "prometheusURL")]
    #[schemars(regex(pattern = "^(http://.+)?$"))]
    pub prometheus_url: Option<String>,
    /// Its access to the Kubernetes API.
    pub rbac: Option<HelmTestRbac>,
    /// URL at which a kept trace is looked up; {traceID} is replaced; 200 means found, 404 not
    /// found. Jaeger: http://jaeger:16686/api/traces/{traceID}. Empty: this chart's Jaeger if it is
    /// enabled, else only the collector is checked.
    #[serde(rename = "traceURL")]
    #[schemars(regex(pattern = r"^(http://.*\{traceID\}.*)?$"))]
    pub trace_url: Option<String>,
    /// Resources of its container.
    pub resources: Option<ResourceRequirements>,
    /// Its pod.
    #[serde(flatten)]
    pub pod: Pod,
}

/// Access of the pod of `helm test` to the Kubernetes API.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct HelmTestRbac {
    /// In operator mode, create a service account that may read Prometheus objects of the cluster
    /// and the release's namespace, so that the test names labels that are missing in
    /// metrics.operator.labels.
    pub create: Option<bool>,
}
