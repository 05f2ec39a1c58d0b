//! `dashboards`: for Grafana's sidecar.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Annotations, Labels};

/// Dashboards as ConfigMaps.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Dashboards {
    /// Whether they are installed.
    pub enabled: Option<bool>,
    /// The labels by which the sidecar selects.
    pub labels: Option<Labels>,
    /// The folder in Grafana, as the sidecar's annotation `grafana_folder`; empty: none.
    pub folder: Option<String>,
    /// Further annotations.
    pub annotations: Option<Annotations>,
    /// The kind of data source for the table of kept traces.
    pub traces: Option<DashboardTraces>,
    /// Show the drop-down *Cluster*, for series of several.
    pub multi_cluster: Option<bool>,
}

/// A trace store that Grafana knows.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum DashboardTraces {
    /// where the bundled Grafana has a data source for them.
    Auto,
    /// no table.
    None,
    /// Grafana Tempo.
    Tempo,
    /// Jaeger.
    Jaeger,
}
