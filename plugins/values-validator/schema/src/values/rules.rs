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
    /// Names of pods, as a regular expression, that are the prefill half of a model where other pods
    /// of it are not: a request is counted once, in its decode half. Pods that give one token a
    /// request while KV blocks are fetched from others are recognised without.
    #[schemars(length(min = 1))]
    pub prefill_pods: Option<String>,
    /// Whether what only the dashboards read is recorded too: bands across pods, lengths, shares,
    /// thresholds. For dashboards that are imported by hand as well (dashboards.enabled: false); off
    /// where there is no dashboard at all.
    pub panels: Option<bool>,
    /// Where the runbook of an alert is found: `<base>/<alert>.md`
    #[schemars(regex(pattern = "^https?://"))]
    pub runbook_base_url: Option<String>,
    /// A dashboard, as annotation `dashboard_url` of every alert; empty: none. Prometheus fills in
    /// labels: `https://grafana.example/d/vllm-monitoring-fleet?var-model={{ $labels.model_name }}`
    #[schemars(regex(pattern = "^(https?://.*)?$"))]
    pub dashboard_url: Option<String>,
    /// Per alert: whether it exists, how long it must hold, its severity (critical: somebody is
    /// woken; warning: working hours; info: nobody is told), further labels and annotations, and
    /// the threshold where `thresholds` above does not hold it.
    pub alerts: Option<Alerts>,
    /// Alerts of your own, beside the chart's: name, expression, and what the chart's have too. A
    /// series of vLLM, or one that docs/queries.md lists; the validator looks its name up.
    pub additional_alerts: Option<Vec<AdditionalAlert>>,
}

/// An alert of your own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "additionalAlert")]
pub struct AdditionalAlert {
    /// Its name; none of the chart's.
    #[schemars(regex(pattern = "^[a-zA-Z_][a-zA-Z0-9_]*$"))]
    pub alert: String,
    /// When it is raised, in PromQL.
    #[schemars(length(min = 1))]
    pub expr: String,
    /// How long its condition must hold; default: not at all.
    pub r#for: Option<Duration>,
    /// Whether somebody is woken; default: warning.
    pub severity: Option<Severity>,
    /// Further labels of the alert.
    pub labels: Option<AlertLabels>,
    /// Annotations; Prometheus fills in `{{ $labels.… }}` and `{{ $value }}`.
    pub annotations: Option<AlertLabels>,
}

/// When an alert speaks, and how loud.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "alert")]
pub struct Alert {
    /// Whether the alert exists.
    pub enabled: Option<bool>,
    /// How long its condition must hold.
    pub r#for: Option<Duration>,
    /// Whether somebody is woken.
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
    /// How long its condition must hold.
    pub r#for: Option<Duration>,
    /// Further labels of the alert.
    pub labels: Option<AlertLabels>,
    /// Further annotations; Prometheus fills in `{{ $labels.… }}` and `{{ $value }}`.
    pub annotations: Option<AlertLabels>,
}

/// An alert on a part of a whole.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "ratioAlert")]
pub struct RatioAlert {
    /// The alert's settings.
    #[serde(flatten)]
    pub alert: Alert,
    /// Above which part of the whole, between 0 and 1.
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
    /// Above which number.
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
    /// Above how many requests a second.
    #[schemars(extend("minimum" = 0))]
    pub threshold: Option<f64>,
    /// Below which part of them with a span, between 0 and 1.
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
    /// Below which part of its own mean, between 0 and 1.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub threshold: Option<f64>,
    /// Over how long the mean is taken.
    pub baseline: Option<Duration>,
}

/// VllmRequestsAborted.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct AbortAlert {
    /// The alert's settings.
    #[serde(flatten)]
    pub alert: Alert,
    /// Above which part of the requests, between 0 and 1.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub threshold: Option<f64>,
    /// Over how long they are counted.
    pub window: Option<Duration>,
}

/// VllmEngineStalled.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct StalledAlert {
    /// The alert's settings.
    #[serde(flatten)]
    pub alert: Alert,
    /// How long an engine may be without a step; at least four scrape intervals.
    pub window: Option<Duration>,
}

/// VllmReplicaOutlier.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct OutlierAlert {
    /// The alert's settings.
    #[serde(flatten)]
    pub alert: Alert,
    /// Above how many times the median.
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
    /// How long a fleet that has left is missed.
    pub memory: Option<Duration>,
}

/// VllmCrashLooping.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct RestartAlert {
    /// The alert's settings.
    #[serde(flatten)]
    pub alert: Alert,
    /// Above how many restarts.
    #[schemars(extend("minimum" = 0))]
    pub threshold: Option<f64>,
    /// Within how long.
    pub window: Option<Duration>,
}

/// VllmGpuFault.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct GpuAlert {
    /// The alert's settings.
    #[serde(flatten)]
    pub alert: Alert,
    /// The XIDs that count as a fault of the hardware.
    #[schemars(length(min = 1), inner(range(min = 1)))]
    pub xids: Option<Vec<u32>>,
}
