//! `prometheus.remoteWrite`: Prometheus' own keys, but for secrets, which are references.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{AlertLabels, DataKey, Duration, ObjectRef, Text};

/// A remote write target, with the keys of Prometheus' `remote_write`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "remoteWrite")]
pub struct RemoteWrite {
    /// Its URL: https://mimir.example/api/v1/push
    #[schemars(regex(pattern = "^https?://[^ ]+$"))]
    pub url: String,
    /// Its name in logs and metrics.
    pub name: Option<Text>,
    /// Timeout of a request, after which it is retried.
    pub remote_timeout: Option<Duration>,
    /// HTTP headers, such as X-Scope-OrgID; no secrets.
    pub headers: Option<BTreeMap<String, String>>,
    /// Which series are sent, and under which labels.
    pub write_relabel_configs: Option<Vec<Relabeling>>,
    /// A name and a password.
    pub basic_auth: Option<BasicAuth>,
    /// A token.
    pub authorization: Option<Authorization>,
    /// A token from an OAuth 2 server.
    pub oauth2: Option<OAuth2>,
    /// TLS: how the server is verified, and the client's certificate.
    pub tls_config: Option<ClientTls>,
    /// Through a proxy.
    pub proxy_url: Option<Text>,
    /// Whether redirects are followed.
    pub follow_redirects: Option<bool>,
    /// Whether HTTP/2 is used.
    pub enable_http2: Option<bool>,
    /// Whether exemplars are sent.
    pub send_exemplars: Option<bool>,
    /// Whether native histograms are sent.
    pub send_native_histograms: Option<bool>,
    /// prometheus.WriteRequest (the default) or io.prometheus.write.v2.Request.
    pub protobuf_message: Option<Text>,
    /// The queue of samples.
    pub queue_config: Option<RemoteQueue>,
    /// Types and help texts of metrics.
    pub metadata_config: Option<RemoteMetadata>,
}

/// A step of relabeling.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(rename = "relabeling")]
pub struct Relabeling {
    /// Labels whose values are joined.
    pub source_labels: Option<Vec<Text>>,
    /// The separator between them.
    pub separator: Option<String>,
    /// The label to write.
    pub target_label: Option<String>,
    /// The regular expression that the joined values, or labels, must match.
    pub regex: Option<String>,
    /// The modulus, for hashmod.
    #[schemars(range(min = 1))]
    pub modulus: Option<u64>,
    /// The value to write.
    pub replacement: Option<String>,
    /// The action.
    pub action: Option<RelabelAction>,
}

/// An action of relabeling.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
#[allow(missing_docs, reason = "Prometheus' own words")]
pub enum RelabelAction {
    Replace,
    Keep,
    Drop,
    KeepEqual,
    DropEqual,
    HashMod,
    LabelMap,
    LabelDrop,
    LabelKeep,
    Lowercase,
    Uppercase,
}

/// A key of a Secret in the release's namespace; Prometheus reads it as a file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename = "secretFile", rename_all = "camelCase")]
pub struct SecretFile {
    /// The Secret.
    pub secret_name: ObjectRef,
    /// Its key.
    pub secret_key: DataKey,
}

/// A name and a password.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct BasicAuth {
    /// The name.
    pub username: String,
    /// The password.
    pub password: SecretFile,
}

/// A token.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Authorization {
    /// The authorization scheme. Default: Bearer.
    pub r#type: Option<Text>,
    /// The token.
    pub credentials: SecretFile,
}

/// OAuth 2 client credentials.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct OAuth2 {
    /// The client.
    pub client_id: Text,
    /// Its secret.
    pub client_secret: SecretFile,
    /// The server that gives tokens.
    pub token_url: Text,
    /// The scopes.
    pub scopes: Option<Vec<Text>>,
    /// Further parameters.
    pub endpoint_params: Option<AlertLabels>,
}

/// TLS of a connection.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct ClientTls {
    /// The authority that signed the server's certificate.
    pub ca: Option<SecretFile>,
    /// The client's certificate.
    pub cert: Option<SecretFile>,
    /// Its key.
    pub key: Option<SecretFile>,
    /// The name in the server's certificate.
    pub server_name: Option<Text>,
    /// Do not verify the certificate.
    pub insecure_skip_verify: Option<bool>,
    /// TLS10 to TLS13.
    pub min_version: Option<Text>,
}

/// The queue of samples.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct RemoteQueue {
    /// Capacity of the queue, in samples per shard.
    #[schemars(range(min = 1))]
    pub capacity: Option<u64>,
    /// Maximum number of shards.
    #[schemars(range(min = 1))]
    pub max_shards: Option<u64>,
    /// Minimum number of shards.
    #[schemars(range(min = 1))]
    pub min_shards: Option<u64>,
    /// Maximum of samples per request.
    #[schemars(range(min = 1))]
    pub max_samples_per_send: Option<u64>,
    /// Maximum time a sample waits to be batched.
    pub batch_send_deadline: Option<Duration>,
    /// Initial backoff before a retry.
    pub min_backoff: Option<Duration>,
    /// Maximum backoff between retries.
    pub max_backoff: Option<Duration>,
    /// Whether a request that was answered with 429 is retried.
    pub retry_on_http_429: Option<bool>,
    /// Samples older than this are dropped.
    pub sample_age_limit: Option<Duration>,
}

/// Types and help texts of metrics.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct RemoteMetadata {
    /// Whether they are sent.
    pub send: Option<bool>,
    /// How often.
    pub send_interval: Option<Duration>,
    /// Maximum of metadata entries per request.
    #[schemars(range(min = 1))]
    pub max_samples_per_send: Option<u64>,
}
