//! `rules`: recording rules and alerts.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Alerts, Duration, Severity};

/// Recording rules and alerts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Rules {
    /// Whether they are installed.
    pub enabled: Option<bool>,
    /// The window of rates. At least four scrape intervals, so that a lost scrape leaves no gap.
    pub window: Option<Duration>,
    /// How often rules are evaluated.
    pub interval: Option<Duration>,
    /// Names of the prefill pods of a model with separate prefill and decode, as a regular
    /// expression: a request is counted once, at its decode pod. Pods that generate one token per
    /// request while KV blocks are fetched from others are detected without it, and a pod that
    /// generates whole answers is none.
    #[schemars(length(min = 1))]
    pub prefill_pods: Option<String>,
    /// Record the series that only dashboards read: bands across pods, lengths, shares, thresholds.
    /// Dashboards that are imported by hand need them too.
    pub panels: Option<bool>,
    /// Base URL of the runbooks: `<base>/<alert>.md`
    #[schemars(regex(pattern = r"^https?://[^\s{}]+$"))]
    pub runbook_base_url: Option<String>,
    /// One `dashboard_url` for all alerts, in place of `dashboardBaseUrl`; a template of Prometheus.
    #[schemars(regex(pattern = "^(https?://.*)?$"))]
    pub dashboard_url: Option<String>,
    /// Base URL of Grafana: each alert's annotation `dashboard_url` opens its dashboard, model and
    /// pod there. Empty: `grafana.rootURL`, else no link.
    #[schemars(regex(pattern = r"^(https?://[^\s{}?#]+)?$"))]
    pub dashboard_base_url: Option<String>,
    /// Settings of each alert: `enabled`; `for`; `severity` (critical pages, warning is for working
    /// hours, info is not notified); extra `labels` and `annotations`; and `threshold` unless it is
    /// set under `thresholds`.
    pub alerts: Option<Alerts>,
    /// The same rules as files for an engine that reads a store of one or several clusters:
    /// docs/scale.md. With `enabled: false` they are evaluated there alone.
    pub export: Option<Export>,
    /// Your own alerts: name, expression, and the settings of the chart's alerts. Expressions may
    /// use vLLM's series and those in docs/queries.md; the validator checks the names.
    pub additional_alerts: Option<Vec<AdditionalAlert>>,
}

/// The same rules as files for an engine that reads a store of one or several clusters.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Export {
    /// For prometheus, thanos, vmalert, mimir: a ConfigMap `<fullname>-rules-<engine>` each, with
    /// the key `<engine>-rules.yaml`.
    #[schemars(extend("uniqueItems" = true))]
    pub engines: Option<Vec<RuleEngine>>,
    /// ConfigMap; or, for `helm template --show-only templates/rules/export.yaml` alone, file: the
    /// file itself, of the one engine.
    pub format: Option<ExportFormat>,
    /// The clusters that write into the store, by their label `cluster`: VllmFleetDown also fires
    /// for one of which no series arrive.
    #[schemars(inner(length(min = 1)), extend("uniqueItems" = true))]
    pub clusters: Option<Vec<String>>,
}

/// What evaluates exported rules.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum RuleEngine {
    /// Prometheus.
    Prometheus,
    /// Thanos Ruler.
    Thanos,
    /// vmalert.
    Vmalert,
    /// Grafana Mimir and Cortex.
    Mimir,
}

/// How exported rules are rendered.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum ExportFormat {
    /// An object of Kubernetes.
    ConfigMap,
    /// The file alone.
    #[serde(rename = "file")]
    File,
}

/// An alert of your own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "additionalAlert")]
pub struct AdditionalAlert {
    /// Its name; different from the chart's alerts.
    #[schemars(regex(pattern = "^[a-zA-Z_][a-zA-Z0-9_]*$"))]
    pub alert: String,
    /// Its expression, in PromQL.
    #[schemars(length(min = 1))]
    pub expr: String,
    /// How long its expression must be true before it fires. Default: 0s.
    pub r#for: Option<Duration>,
    /// Its severity. Default: warning.
    pub severity: Option<Severity>,
    /// Further labels of the alert.
    pub labels: Option<AlertLabels>,
    /// Annotations; Prometheus fills in `{{ $labels.… }}` and `{{ $value }}`.
    pub annotations: Option<AlertLabels>,
}

/// Settings of an alert.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "alert")]
pub struct Alert {
    /// Whether the alert exists.
    pub enabled: Option<bool>,
    /// How long its expression must be true before it fires.
    pub r#for: Option<Duration>,
    /// Its severity.
    pub severity: Option<Severity>,
    /// Further labels of the alert.
    pub labels: Option<AlertLabels>,
    /// Further annotations; Prometheus fills in `{{ $labels.… }}` and `{{ $value }}`.
    pub annotations: Option<AlertLabels>,
}

/// Labels or annotations as Prometheus names them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "alertLabels")]
#[schemars(extend("propertyNames" = {"pattern": "^[a-zA-Z_][a-zA-Z0-9_]*$"}))]
pub struct AlertLabels(pub BTreeMap<String, String>);

/// An alert whose severity is its window's, in `slos.windows`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "objectiveAlert")]
pub struct ObjectiveAlert {
    /// Whether the alert exists.
    pub enabled: Option<bool>,
    /// How long its expression must be true before it fires.
    pub r#for: Option<Duration>,
    /// Further labels of the alert.
    pub labels: Option<AlertLabels>,
    /// Further annotations; Prometheus fills in `{{ $labels.… }}` and `{{ $value }}`.
    pub annotations: Option<AlertLabels>,
}

/// An alert on a ratio.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "ratioAlert")]
pub struct RatioAlert {
    /// The alert's settings.
    #[serde(flatten)]
    pub alert: Alert,
    /// The alert fires above this ratio, 0 to 1.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub threshold: Option<f64>,
}

/// An alert on a number.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "aboveAlert")]
pub struct AboveAlert {
    /// The alert's settings.
    #[serde(flatten)]
    pub alert: Alert,
    /// The alert fires above this number.
    #[schemars(extend("minimum" = 0))]
    pub threshold: Option<f64>,
}

/// VllmTracingSilent.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct SilentAlert {
    /// The alert's settings.
    #[serde(flatten)]
    pub alert: Alert,
    /// Evaluated above this many requests per second.
    #[schemars(extend("minimum" = 0))]
    pub threshold: Option<f64>,
    /// Fires below this ratio of requests with a span, 0 to 1.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub share: Option<f64>,
}

/// VllmPrefixCacheCollapse.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct CacheAlert {
    /// The alert's settings.
    #[serde(flatten)]
    pub alert: Alert,
    /// Fires below this fraction of its own mean, 0 to 1.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub threshold: Option<f64>,
    /// The window of the mean.
    pub baseline: Option<Duration>,
}

/// VllmRequestsAborted and AlertmanagerFailedToSendAlerts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct AbortAlert {
    /// The alert's settings.
    #[serde(flatten)]
    pub alert: Alert,
    /// Fires above this ratio, 0 to 1.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub threshold: Option<f64>,
    /// The window in which they are counted.
    pub window: Option<Duration>,
}

/// VllmEngineStalled.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct StalledAlert {
    /// The alert's settings.
    #[serde(flatten)]
    pub alert: Alert,
    /// Fires for an engine without a step for this long; at least four scrape intervals.
    pub window: Option<Duration>,
}

/// VllmReplicaOutlier.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct OutlierAlert {
    /// The alert's settings.
    #[serde(flatten)]
    pub alert: Alert,
    /// Fires above this multiple of the median.
    #[schemars(extend("exclusiveMinimum" = 1))]
    pub threshold: Option<f64>,
}

/// VllmFleetDown.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct FleetAlert {
    /// The alert's settings.
    #[serde(flatten)]
    pub alert: Alert,
    /// How long a fleet without targets is expected to come back.
    pub memory: Option<Duration>,
}

/// VllmCrashLooping.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct RestartAlert {
    /// The alert's settings.
    #[serde(flatten)]
    pub alert: Alert,
    /// Fires above this number of restarts.
    #[schemars(extend("minimum" = 0))]
    pub threshold: Option<f64>,
    /// The window in which restarts are counted.
    pub window: Option<Duration>,
}

/// VllmGpuFault.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct GpuAlert {
    /// The alert's settings.
    #[serde(flatten)]
    pub alert: Alert,
    /// The XIDs that count as a hardware fault.
    #[schemars(length(min = 1), inner(range(min = 1)))]
    pub xids: Option<Vec<u32>>,
}
