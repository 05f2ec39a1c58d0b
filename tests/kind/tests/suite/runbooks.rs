//! The commands of the runbooks, as somebody types them at night.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use kind_tests::release::{NAME, Release, merge, values};
use kind_tests::room::{Room, room};
use kind_tests::sink::Sink;
use serde_json::json;
use tokio::process::Command;

/// What cannot be run here, and why.
const NOT_RUN: [(&str, &str); 11] = [
    ("nvidia-smi", "no GPU"),
    ("ps aux", "the simulated server's image holds one binary"),
    (
        "exec POD -- curl",
        "the simulated server's image holds one binary",
    ),
    ("describe pvc", "the queues of this release are in memory"),
    ("port-forward", "runs until it is stopped"),
    ("kubectl debug node/", "needs an image from a registry"),
    ("delete pod", "a remedy, not a look"),
    ("rollout restart", "a remedy, not a look"),
    ("rollout undo", "a remedy, not a look"),
    ("helm get notes", "no kubectl"),
    ("top pod", "the cluster has no metrics server"),
];

#[tokio::test]
async fn every_kubectl_command_of_the_runbooks_is_understood() -> Result<()> {
    room("runbooks", |room| async move {
        let sink = Sink::start(&room).await?;
        let mut values = values(&room, &sink.url())?;
        // Every part that a page looks at.
        let few =
            json!({"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}});
        let balancer = json!({"enabled": true, "replicas": 1, "resources": few});
        merge(
            &mut values,
            json!({"tracing": {"collector": {"replicas": 2}, "balancer": balancer}}),
        );
        Release::install(&room, &values).await?;
        let server = name(&room, "app=vllm").await?;
        let collector = format!("{NAME}-collector-0");
        let mut ran = 0;
        for command in commands()? {
            if NOT_RUN.iter().any(|(part, _)| command.contains(part)) {
                continue;
            }
            let pod = if command.contains("RELEASE_NAMESPACE") {
                &collector
            } else {
                &server
            };
            let typed = command
                .replace("RELEASE_NAMESPACE", &room.namespace)
                .replace("RELEASE-vllm-monitoring", NAME)
                .replace("NAMESPACE", &room.namespace)
                .replace("POD", pod);
            run(&typed).await.with_context(|| command.clone())?;
            ran += 1;
        }
        ensure!(ran > 15, "only {ran} commands were found");
        Ok(())
    })
    .await
}

async fn name(room: &Room, labels: &str) -> Result<String> {
    let pod = room.pod(labels).await?;
    pod.metadata.name.context("a pod without a name")
}

/// Every `kubectl …` in the pages: between backquotes, or a line of its own.
fn commands() -> Result<Vec<String>> {
    let mut commands = Vec::new();
    for page in std::fs::read_dir(harness::repo::root().join("docs/runbooks"))? {
        for line in std::fs::read_to_string(page?.path())?.lines() {
            let quoted = line.split('`').skip(1).step_by(2);
            commands.extend(
                quoted
                    .chain([line.trim()])
                    .filter(|c| c.starts_with("kubectl "))
                    .map(str::to_owned),
            );
        }
    }
    Ok(commands)
}

/// Runs one line in a shell. What `grep` finds is the case's matter: kubectl itself must succeed, or
/// say that the container it was asked about has never ended before.
async fn run(line: &str) -> Result<()> {
    let kubectl = kind_tests::kubectl::command();
    let script =
        format!("kubectl() {{ {kubectl} \"$@\"; }}\n{line} >/dev/null\nexit ${{PIPESTATUS[0]}}");
    let out = Command::new("bash")
        .args(["-c", &script])
        .stdin(Stdio::null())
        .output()
        .await?;
    let said = String::from_utf8_lossy(&out.stderr);
    let never_ended = line.contains("--previous") && said.contains("previous terminated container");
    ensure!(out.status.success() || never_ended, "{line}\n{said}");
    Ok(())
}
