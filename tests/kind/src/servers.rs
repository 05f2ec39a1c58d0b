//! Simulated vLLM servers that no release of the chart deployed.

use std::time::Duration;

use anyhow::Result;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use kube::api::Api;
use serde_json::{Value, json};

use crate::room::Room;
use crate::wait::{Seen, until};

/// A Deployment of them in a room of its own.
pub struct Servers {
    room: Room,
    name: String,
    labels: Value,
    arguments: Vec<String>,
    env: Vec<(String, String)>,
}

impl Servers {
    /// Starts so many, named `vllm` and labelled `app=vllm`.
    ///
    /// # Errors
    /// When they do not become ready.
    pub async fn start(room: &Room, count: u32) -> Result<Self> {
        Self::start_as(room, "vllm", json!({"app": "vllm"}), count).await
    }

    /// The same under a name and labels.
    ///
    /// # Errors
    /// When they do not become ready.
    pub async fn start_as(room: &Room, name: &str, labels: Value, count: u32) -> Result<Self> {
        let servers = Self {
            room: room.clone(),
            name: name.to_owned(),
            labels,
            arguments: Vec::new(),
            env: Vec::new(),
        };
        servers.scale(count).await?;
        Ok(servers)
    }

    /// Starts them again with more arguments and variables.
    ///
    /// # Errors
    /// When they do not become ready.
    pub async fn restart_with(
        &mut self,
        arguments: Vec<String>,
        env: &[(&str, &str)],
        count: u32,
    ) -> Result<()> {
        self.arguments = arguments;
        let env = env.iter();
        self.env = env
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        self.scale(count).await
    }

    /// Changes how many there are, and waits until it is so.
    ///
    /// # Errors
    /// When it does not become so.
    pub async fn scale(&self, count: u32) -> Result<()> {
        let mut pod = spec(&self.room, 8000, &self.arguments)?;
        if let Some(env) = pod["containers"][0]["env"].as_array_mut() {
            let more = self.env.iter();
            env.extend(more.map(|(name, value)| json!({"name": name, "value": value})));
        }
        let body = json!({"spec": {
            "replicas": count,
            "selector": {"matchLabels": self.labels},
            "template": {"metadata": {"labels": self.labels}, "spec": pod},
        }});
        let namespace = Some(&*self.room.namespace);
        self.room
            .cluster
            .apply("apps", "Deployment", namespace, &self.name, body)
            .await?;
        let api: Api<Deployment> = self.room.api();
        until(
            &format!("{count} ready servers"),
            Duration::from_secs(60),
            || async {
                let there = api.get(&self.name).await?;
                let status = there.status.unwrap_or_default();
                let ready = u32::try_from(status.ready_replicas.unwrap_or_default())?;
                let all = u32::try_from(status.replicas.unwrap_or_default())?;
                // Not those of the specification before.
                let seen = status.observed_generation == there.metadata.generation;
                let new = u32::try_from(status.updated_replicas.unwrap_or_default())?;
                Ok(if seen && ready == count && all == count && new == count {
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
