//! `dashboards`: for Grafana's sidecar.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Annotations, Labels};

/// Dashboards as ConfigMaps.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Dashboards {
    /// Whether they are installed.
    pub enabled: Option<bool>,
    /// What the sidecar selects by.
    pub labels: Option<Labels>,
    /// For the sidecar, for example the folder.
    pub annotations: Option<Annotations>,
}
