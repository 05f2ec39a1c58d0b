//! A namespace of one case: made before it, its state written down when the case fails, gone after.

use std::fmt::Write as _;
use std::future::Future;
use std::io::Write as _;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use futures::FutureExt as _;
use k8s_openapi::api::core::v1::{Event, Namespace, Pod};
use kube::api::{Api, DeleteParams, ListParams, LogParams, PostParams};
use serde_json::json;

use crate::cluster::Cluster;
use crate::wait::{Seen, until};

/// A namespace that enforces Pod Security `restricted`.
#[derive(Clone)]
pub struct Room {
    /// The cluster that it is in.
    pub cluster: Cluster,
    /// Its name.
    pub namespace: String,
}

/// Runs a case in a room of its own. `KEEP=1` leaves the room of a failed case as it is.
///
/// # Errors
/// The case's own; the state of the room is then in target/kind/NAMESPACE/state.txt.
pub async fn room<F>(name: &str, case: impl FnOnce(Room) -> F) -> Result<()>
where
    F: Future<Output = Result<()>>,
{
    let cluster = Cluster::connect().await?;
    let room = Room {
        cluster,
        namespace: format!("vllm-monitoring-test-{name}"),
    };
    room.vanish().await?; // left by an interrupted run
    let namespaces: Api<Namespace> = Api::all(room.cluster.client.clone());
    let namespace = serde_json::from_value(json!({"metadata": {
        "name": room.namespace,
        "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
    }}))?;
    namespaces
        .create(&PostParams::default(), &namespace)
        .await?;
    let started = Instant::now();
    let result = AssertUnwindSafe(case(room.clone())).catch_unwind().await;
    let failed = !matches!(result, Ok(Ok(())));
    // Past the test harness, which holds back what a case prints: where the suite's time goes.
    let verdict = if failed { "FAILED" } else { "passed" };
    let seconds = started.elapsed().as_secs();
    let _ = writeln!(std::io::stderr(), "kind: {name} {verdict} in {seconds} s");
    if failed {
        match room.write_down().await {
            Ok(file) => eprintln!("the state of {} is in {}", room.namespace, file.display()),
            Err(error) => eprintln!("the state of {} cannot be read: {error:#}", room.namespace),
        }
    }
    if !failed || std::env::var_os("KEEP").is_none() {
        // Its pods end while the next case begins.
        room.begin_to_vanish().await?;
    }
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

impl Room {
    /// Objects of one kind in the room.
    #[must_use]
    pub fn api<K>(&self) -> Api<K>
    where
        K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.cluster.client.clone(), &self.namespace)
    }

    /// Creates one object from its JSON.
    ///
    /// # Errors
    /// When the API server refuses it.
    pub async fn create<K>(&self, object: serde_json::Value) -> Result<()>
    where
        K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope>
            + serde::de::DeserializeOwned
            + serde::Serialize
            + Clone
            + std::fmt::Debug,
        K::DynamicType: Default,
    {
        let object: K = serde_json::from_value(object)?;
        self.api().create(&PostParams::default(), &object).await?;
        Ok(())
    }

    /// The log of a pod so far.
    ///
    /// # Errors
    /// When the pod has none.
    pub async fn log(&self, pod: &str) -> Result<String> {
        let pods: Api<Pod> = self.api();
        Ok(pods.logs(pod, &LogParams::default()).await?)
    }

    /// Files of this case.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn folder(&self) -> Result<PathBuf> {
        let folder = harness::repo::root()
            .join("target/kind")
            .join(&self.namespace);
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Has the namespace deleted: whether there is one.
    async fn begin_to_vanish(&self) -> Result<bool> {
        let namespaces: Api<Namespace> = Api::all(self.cluster.client.clone());
        let there = namespaces.get_opt(&self.namespace).await?.is_some();
        if there {
            namespaces
                .delete(&self.namespace, &DeleteParams::default())
                .await?;
        }
        Ok(there)
    }

    async fn vanish(&self) -> Result<()> {
        if !self.begin_to_vanish().await? {
            return Ok(());
        }
        let namespaces: Api<Namespace> = Api::all(self.cluster.client.clone());
        let what = format!("the end of the namespace {}", self.namespace);
        until(&what, Duration::from_secs(120), || async {
            Ok(match namespaces.get_opt(&self.namespace).await? {
                None => Seen::Yes(()),
                Some(n) => Seen::NotYet(format!("{:?}", n.status)),
            })
        })
        .await
    }

    /// Pods, events and logs, for who reads a failure.
    async fn write_down(&self) -> Result<PathBuf> {
        let mut text = String::new();
        let pods: Api<Pod> = self.api();
        for pod in pods.list(&ListParams::default()).await? {
            let name = pod.metadata.name.unwrap_or_default();
            let status = serde_json::to_string_pretty(&pod.status)?;
            writeln!(text, "=== pod {name}\n{status}")?;
            for container in pod.spec.into_iter().flat_map(|s| s.containers) {
                for previous in [true, false] {
                    let which = LogParams {
                        container: Some(container.name.clone()),
                        previous,
                        tail_lines: Some(200),
                        ..LogParams::default()
                    };
                    if let Ok(log) = pods.logs(&name, &which).await {
                        writeln!(
                            text,
                            "--- log of {name}/{} (previous: {previous})\n{log}",
                            container.name
                        )?;
                    }
                }
            }
        }
        let events: Api<Event> = self.api();
        for event in events.list(&ListParams::default()).await? {
            writeln!(
                text,
                "event {}: {} {}",
                event.involved_object.name.unwrap_or_default(),
                event.reason.unwrap_or_default(),
                event.message.unwrap_or_default()
            )?;
        }
        let file = self.folder()?.join("state.txt");
        std::fs::write(&file, text)?;
        Ok(file)
    }

    /// The only pod with that label.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub async fn pod(&self, labels: &str) -> Result<Pod> {
        let pods: Api<Pod> = self.api();
        let mut found = pods
            .list(&ListParams::default().labels(labels))
            .await?
            .items;
        found.retain(|p| p.metadata.deletion_timestamp.is_none());
        if found.len() > 1 {
            bail!("{} pods with {labels}", found.len());
        }
        found.pop().with_context(|| format!("no pod with {labels}"))
    }

    /// Ends the only pod with that label, as a rollout does, and waits for the one after it.
    ///
    /// # Errors
    /// When none becomes ready after it.
    pub async fn replace(&self, labels: &str) -> Result<()> {
        let before = self.pod(labels).await?.metadata;
        let pods: Api<Pod> = self.api();
        let name = before.name.context("a pod without a name")?;
        pods.delete(&name, &DeleteParams::default()).await?;
        until(
            &format!("the pod after {name}"),
            Duration::from_secs(120),
            || async {
                let pod = self.pod(labels).await?;
                let conditions = pod.status.and_then(|s| s.conditions).unwrap_or_default();
                let ready = (conditions.iter()).any(|c| c.type_ == "Ready" && c.status == "True");
                Ok(if ready && pod.metadata.uid != before.uid {
                    Seen::Yes(())
                } else {
                    Seen::NotYet(format!("{conditions:?}"))
                })
            },
        )
        .await
    }
}
