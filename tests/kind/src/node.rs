//! The cluster's node, as whoever breaks things from outside reaches it.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, ListParams};
use tokio::process::Command;

use crate::room::Room;

/// A command on the node; what it printed. `NODE` begins it, as `docker exec -i NAME`.
///
/// # Errors
/// When `NODE` is not set (a cluster of your own) or the command fails; its words are in the error.
pub async fn run(script: &str) -> Result<String> {
    let node = std::env::var("NODE").context(
        "NODE is not set: faults need a shell on the node, which `make faults` has on kind's",
    )?;
    let mut words = node.split_whitespace();
    let out = Command::new(words.next().context("NODE is empty")?)
        .args(words)
        .args(["sh", "-c", script])
        .stdin(Stdio::null())
        .output()
        .await
        .with_context(|| format!("{node} cannot be run"))?;
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    ensure!(out.status.success(), "on the node: {script}\n{said}");
    Ok(said)
}

/// SIGKILL to a container of a pod, as the kernel does when memory is short: nothing is sent or written
/// before the end, and the kubelet starts the container again.
///
/// # Errors
/// When the pod has no such container running.
pub async fn kill(room: &Room, pod: &str, container: &str) -> Result<()> {
    let pods: Api<Pod> = room.api();
    let status = pods.get(pod).await?.status.unwrap_or_default();
    let statuses = status.container_statuses.unwrap_or_default();
    let found = statuses.into_iter().find(|s| s.name == container);
    let id = found.and_then(|s| s.container_id);
    let id = id.with_context(|| format!("{pod} has no running container {container}"))?;
    let id = id.rsplit('/').next().unwrap_or_default().to_owned();
    run(&format!("ctr -n k8s.io tasks kill --signal SIGKILL {id}"))
        .await
        .map(drop)
}

/// Names of the room's pods with these labels, in order.
///
/// # Errors
/// When the API server does not answer.
pub async fn pods(room: &Room, labels: &str) -> Result<Vec<String>> {
    let pods: Api<Pod> = room.api();
    let found = pods.list(&ListParams::default().labels(labels)).await?;
    let mut names: Vec<_> = (found.into_iter())
        .filter_map(|p| p.metadata.name)
        .collect();
    names.sort();
    Ok(names)
}

/// A pod's address.
///
/// # Errors
/// When it has none.
pub async fn address(room: &Room, pod: &str) -> Result<String> {
    let pods: Api<Pod> = room.api();
    let status = pods.get(pod).await?.status.unwrap_or_default();
    status
        .pod_ip
        .with_context(|| format!("{pod} has no address"))
}

/// Packets between two addresses that the node drops without an answer, until [`Cut::mend`].
#[derive(Debug)]
pub struct Cut(Vec<String>);

impl Cut {
    /// Cuts it, in both directions.
    ///
    /// # Errors
    /// When the node has no iptables.
    pub async fn between(one: &str, other: &str) -> Result<Self> {
        let rules = vec![
            format!("FORWARD -s {one} -d {other} -j DROP"),
            format!("FORWARD -s {other} -d {one} -j DROP"),
        ];
        for rule in &rules {
            run(&format!("iptables -I {rule}")).await?;
        }
        Ok(Self(rules))
    }

    /// Lets packets through again.
    ///
    /// # Errors
    /// When a rule is gone.
    pub async fn mend(self) -> Result<()> {
        for rule in &self.0 {
            run(&format!("iptables -D {rule}")).await?;
        }
        Ok(())
    }
}
