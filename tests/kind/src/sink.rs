//! The far end in the room: what its log says was delivered.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use k8s_openapi::api::core::v1::{Pod, Service};
use serde_json::{Value, json};

use crate::room::Room;
use crate::wait::{Seen, until};

/// A pod `sink` and a Service, port 8080: `/v1/traces` takes OTLP, `/alerts` a webhook.
pub struct Sink(Room);

impl Sink {
    /// Starts it and waits until it answers.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn start(room: &Room) -> Result<Self> {
        let sink = Self::away(room).await?;
        sink.arrive().await?;
        Ok(sink)
    }

    /// Its Service alone: connections are refused, as in an outage.
    ///
    /// # Errors
    /// When the API server refuses it.
    pub async fn away(room: &Room) -> Result<Self> {
        room.create::<Service>(json!({
            "metadata": {"name": service()},
            "spec": {"selector": {"app": "sink"}, "ports": [{"port": 8080}]},
        }))
        .await?;
        Ok(Self(room.clone()))
    }

    /// The end of an outage.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn arrive(&self) -> Result<()> {
        self.0.create::<Pod>(json!({
            "metadata": {"name": "sink", "labels": {"app": "sink"}},
            "spec": {
                "automountServiceAccountToken": false,
                "terminationGracePeriodSeconds": 1,
                "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
                "containers": [{
                    "name": "sink",
                    "image": self.0.cluster.image("sink")?.reference(),
                    "readinessProbe": {"httpGet": {"path": "/health", "port": 8080}, "periodSeconds": 1},
                    "securityContext": {
                        "allowPrivilegeEscalation": false,
                        "readOnlyRootFilesystem": true,
                        "capabilities": {"drop": ["ALL"]},
                    },
                }],
            },
        }))
        .await?;
        let what = format!("services/{}:8080", service());
        until("the sink's answer", Duration::from_secs(60), || async {
            self.0
                .cluster
                .get(&self.0.namespace, &what, "/health")
                .await?;
            Ok(Seen::Yes(()))
        })
        .await
    }

    /// Where the collector sends to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}.{}.svc:8080", service(), self.0.namespace)
    }

    /// Waits until all of these traces (lower-case hex) were delivered; every span so far.
    ///
    /// # Errors
    /// When one is missing for two minutes.
    pub async fn all_of(&self, traces: &BTreeSet<String>) -> Result<Vec<Value>> {
        until(
            "every slow request at the far end",
            // After an outage the collector tries again every half minute.
            Duration::from_secs(120),
            || async {
                let spans = self.got("span").await?;
                let ids: BTreeSet<_> = spans.iter().filter_map(trace).collect();
                let there = traces.intersection(&ids).count();
                Ok(if there == traces.len() {
                    Seen::Yes(spans)
                } else {
                    Seen::NotYet(format!("{there} of {}", traces.len()))
                })
            },
        )
        .await
    }

    /// How exports are answered from now on: this status, after so many milliseconds. Anything but 200 takes
    /// nothing.
    ///
    /// # Errors
    /// When the sink does not answer.
    pub async fn behave(&self, status: u16, milliseconds: u64) -> Result<()> {
        let url = format!(
            "/api/v1/namespaces/{}/pods/sink:8080/proxy/behaviour",
            self.0.namespace
        );
        let body = json!({"status": status, "milliseconds": milliseconds});
        let request = http::Request::post(url)
            .header("content-type", "application/json")
            .body(serde_json::to_vec(&body)?)?;
        self.0.cluster.client.request_text(request).await?;
        Ok(())
    }

    /// Every line of its log: `{"span": …}` or `{"alert": …}`, with `at`.
    ///
    /// # Errors
    /// When the log cannot be read, or a line is not the sink's.
    pub async fn lines(&self) -> Result<Vec<Value>> {
        let log = self.0.log("sink").await?;
        log.lines().map(|l| Ok(serde_json::from_str(l)?)).collect()
    }

    /// Everything of one kind (`span`, its `resource`, `alert`) that was delivered so far.
    ///
    /// # Errors
    /// When the log cannot be read, or a line is not the sink's.
    pub async fn got(&self, kind: &str) -> Result<Vec<Value>> {
        let mut got = Vec::new();
        for mut line in self.lines().await? {
            if line.get(kind).is_some() {
                got.push(line[kind].take());
            }
        }
        Ok(got)
    }
}

/// The Service's name, another one in each run: the cluster's DNS may remember the address of the run
/// before for half a minute, and beyond the cluster anything may answer there.
fn service() -> String {
    format!("sink-{}", std::process::id())
}

/// A span's trace id, in lower case.
#[must_use]
pub fn trace(span: &Value) -> Option<String> {
    Some(span["traceId"].as_str()?.to_lowercase())
}

/// A span's attribute as a number, whether it came as a double or an integer.
#[must_use]
pub fn number(span: &Value, key: &str) -> Option<f64> {
    let value = attribute(span, key)?;
    value["doubleValue"]
        .as_f64()
        .or_else(|| value["intValue"].as_str()?.parse().ok())
}

/// An attribute of a span or a resource, as OTLP/JSON writes a value.
#[must_use]
pub fn attribute<'a>(span: &'a Value, key: &str) -> Option<&'a Value> {
    span["attributes"]
        .as_array()?
        .iter()
        .find(|a| a["key"] == key)
        .map(|a| &a["value"])
}
