//! `grafana`: one of this chart's own.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ResourceRequirements;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{DataKey, Exposed, Image, ObjectName, Pod, Storage, Text};

/// A Grafana deployed by this chart.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Grafana {
    /// Whether it is installed.
    pub enabled: Option<bool>,
    /// Its image.
    pub image: Option<Image>,
    /// The administrator's login, read at the first start; change users and passwords in Grafana
    /// afterwards.
    pub admin: Option<GrafanaAdmin>,
    /// The URL that users open, as https://grafana.example. Empty: http://localhost:3000, as with
    /// `kubectl port-forward`.
    #[serde(rename = "rootURL")]
    #[schemars(regex(pattern = "^(https?://[^/ ]+(/[^ ]*)?)?$"))]
    pub root_url: Option<String>,
    /// Deprecated, goes with 0.5.0: set metrics.operator.prometheusURL, which this one overrides for Grafana.
    #[serde(rename = "prometheusURL")]
    #[schemars(regex(pattern = "^(https?://[^/ ]+(/[^ ]*)?)?$"))]
    pub prometheus_url: Option<String>,
    /// Further data sources, in Grafana's provisioning format. They are stored in a ConfigMap:
    /// write secrets as `$NAME`, with NAME in extraEnv.
    pub datasources: Option<Vec<GrafanaDatasource>>,
    /// Settings of grafana.ini by section; they override the chart's: {auth.anonymous: {enabled:
    /// true}}. Set secrets by extraEnv.
    pub ini: Option<BTreeMap<String, BTreeMap<String, IniValue>>>,
    /// The volume of its database: users, and dashboards that they create.
    pub storage: Option<Storage>,
    /// The memory limit also sets GOMEMLIMIT (80 %).
    pub resources: Option<ResourceRequirements>,
    /// Its pod.
    #[serde(flatten)]
    pub pod: Pod,
    /// How people reach it.
    #[serde(flatten)]
    pub exposed: Exposed,
}

/// Grafana's administrator.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct GrafanaAdmin {
    /// A Secret with user and password. Empty: user `admin` with a password that the pod generates
    /// at its first start and stores in /var/lib/grafana/admin-password.
    pub existing_secret: Option<ObjectName>,
    /// The Secret's key with the user's name.
    pub user_key: Option<DataKey>,
    /// The Secret's key with the password.
    pub password_key: Option<DataKey>,
}

/// A data source of Grafana, as its provisioning describes it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct GrafanaDatasource {
    /// Its name.
    pub name: Text,
    /// The plugin's name: prometheus, tempo, jaeger, loki, …
    pub r#type: Text,
    /// The identifier that dashboards refer to; at most 40 characters.
    #[schemars(regex(pattern = "^[A-Za-z0-9_-]{1,40}$"))]
    pub uid: Option<String>,
    /// proxy: Grafana asks; direct: the browser does.
    pub access: Option<GrafanaAccess>,
    /// The organisation it is for.
    pub org_id: Option<u32>,
    /// Where it is.
    pub url: Option<String>,
    /// A database's user.
    pub user: Option<String>,
    /// A database's name.
    pub database: Option<String>,
    /// Whether it is asked with a name and a password.
    pub basic_auth: Option<bool>,
    /// That name.
    pub basic_auth_user: Option<String>,
    /// Whether cookies are sent along.
    pub with_credentials: Option<bool>,
    /// Whether panels without a data source read it.
    pub is_default: Option<bool>,
    /// Settings of the plugin.
    pub json_data: Option<serde_json::Map<String, serde_json::Value>>,
    /// Those that Grafana keeps encrypted; write `$NAME`, and NAME in extraEnv.
    pub secure_json_data: Option<BTreeMap<String, String>>,
    /// Counts changes.
    pub version: Option<u32>,
    /// Whether it can be changed in Grafana.
    pub editable: Option<bool>,
}

/// Who asks a data source.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
#[allow(missing_docs, reason = "said where it is used")]
pub enum GrafanaAccess {
    Proxy,
    Direct,
}

/// A setting of grafana.ini.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, rename = "iniValue")]
#[schemars(inline, extend("type" = ["string", "number", "boolean"], "pattern" = "^[^\n\r]*$"))]
pub enum IniValue {
    /// A switch.
    Switch(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}
