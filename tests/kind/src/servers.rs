//! Simulated vLLM servers that no release of the chart deployed.

use std::time::Duration;

use anyhow::Result;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use kube::api::Api;
use serde_json::{Value, json};

use crate::room::Room;
use crate::wait::{Seen, until};

/// A Deployment `vllm` in a room of its own, its pods labelled `app=vllm`.
pub struct Servers(Room);

impl Servers {
    /// Starts so many.
    ///
    /// # Errors
    /// When they do not become ready.
    pub async fn start(room: &Room, count: u32) -> Result<Self> {
        let servers = Self(room.clone());
        servers.scale(count).await?;
        Ok(servers)
    }

    /// Changes how many there are, and waits until it is so.
    ///
    /// # Errors
    /// When it does not become so.
    pub async fn scale(&self, count: u32) -> Result<()> {
        let labels = json!({"app": "vllm"});
        let body = json!({"spec": {
            "replicas": count,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec(&self.0, 8000, &[])?},
        }});
        self.0
            .cluster
            .apply("apps", "Deployment", Some(&self.0.namespace), "vllm", body)
            .await?;
        let api: Api<Deployment> = self.0.api();
        until(
            &format!("{count} ready servers"),
            Duration::from_secs(60),
            || async {
                let status = api.get("vllm").await?.status.unwrap_or_default();
                let ready = u32::try_from(status.ready_replicas.unwrap_or_default())?;
                let all = u32::try_from(status.replicas.unwrap_or_default())?;
                Ok(if ready == count && all == count {
                    Seen::Yes(())
                } else {
                    Seen::NotYet(format!("{ready} of {all}"))
                })
            },
        )
        .await
    }
}

/// A single server with labels of somebody's choice, as LeaderWorkerSet and others make them.
///
/// # Errors
/// When the API server refuses it.
pub async fn pod(
    room: &Room,
    name: &str,
    labels: &Value,
    port: u16,
    arguments: &[String],
) -> Result<()> {
    room.create::<Pod>(json!({
        "metadata": {"name": name, "labels": labels},
        "spec": spec(room, port, arguments)?,
    }))
    .await
}

/// Has a simulated server do what it is told: `{"scenario": "stalled-engine"}`, `{"requests_per_second": 2}`.
///
/// # Errors
/// When the pod does not answer.
pub async fn tell(room: &Room, pod: &str, what: &Value) -> Result<()> {
    let url = format!(
        "/api/v1/namespaces/{}/pods/{pod}:8000/proxy/fleet/scenario",
        room.namespace
    );
    let request = http::Request::post(url)
        .header("content-type", "application/json")
        .body(serde_json::to_vec(what)?)?;
    room.cluster.client.request_text(request).await?;
    Ok(())
}

/// A pod's specification.
fn spec(room: &Room, port: u16, arguments: &[String]) -> Result<Value> {
    let fixed = [
        "--model=Qwen/Qwen3-235B-A22B-Instruct-2507".to_owned(),
        "--served-model-name=qwen3-235b".to_owned(),
        format!("--port={port}"),
    ];
    let arguments: Vec<_> = fixed.iter().chain(arguments).collect();
    Ok(json!({
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        "terminationGracePeriodSeconds": 1,
        "securityContext": {"runAsNonRoot": true, "runAsUser": 2000, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{
            "name": "vllm",
            "image": room.cluster.image("vllm")?.reference(),
            "args": arguments,
            "env": [{"name": "FLEET_REQUESTS_PER_SECOND", "value": "2"}, {"name": "FLEET_SPEED", "value": "5"}],
            "ports": [{"name": "http", "containerPort": port}],
            "readinessProbe": {"httpGet": {"path": "/health", "port": "http"}, "periodSeconds": 1},
            "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
        }],
    }))
}
