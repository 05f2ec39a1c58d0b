//! The chart as packages behind HTTP in a room, as GitOps controllers fetch them.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::core::v1::{ConfigMap, Service};
use serde_json::{Map, Value, json};
use tokio::process::Command;

use crate::neighbours::available;
use crate::release::tree;
use crate::room::Room;

/// A Helm repository with the chart of this tree under each of these versions; its address. Prometheus serves
/// the files: it is an image of the cluster that has a folder for them (`--web.user-assets`).
///
/// # Errors
/// When helm fails or the server does not become ready.
pub async fn serve(room: &Room, versions: &[&str]) -> Result<String> {
    let folder = room.folder()?.join("charts");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let (chart, to) = (tree(), folder.to_string_lossy().into_owned());
    let chart = chart.to_string_lossy();
    for version in versions {
        let arguments = [
            "package",
            &chart,
            "--version",
            version,
            "--destination",
            &to,
        ];
        helm(&arguments).await?;
    }
    helm(&["repo", "index", &to]).await?;
    room.create::<ConfigMap>(json!({
        "metadata": {"name": "charts"},
        "data": {"prometheus.yml": "{}"},
        "binaryData": files(&folder)?,
    }))
    .await?;
    room.create::<Service>(json!({
        "metadata": {"name": "charts"},
        "spec": {"selector": {"app": "charts"}, "ports": [{"port": 9090}]},
    }))
    .await?;
    let spec = json!({"spec": {
        "selector": {"matchLabels": {"app": "charts"}},
        "template": {
            "metadata": {"labels": {"app": "charts"}},
            "spec": {
                "automountServiceAccountToken": false,
                "securityContext": {"runAsNonRoot": true, "fsGroup": 2000, "seccompProfile": {"type": "RuntimeDefault"}},
                "containers": [{
                    "name": "prometheus",
                    "image": room.cluster.image("prometheus")?.reference(),
                    "args": ["--config.file=/charts/prometheus.yml", "--storage.tsdb.path=/data", "--web.user-assets=/charts"],
                    "readinessProbe": {"httpGet": {"path": "/user/index.yaml", "port": 9090}, "periodSeconds": 1},
                    "volumeMounts": [{"name": "charts", "mountPath": "/charts"}, {"name": "data", "mountPath": "/data"}],
                    "securityContext": {
                        "allowPrivilegeEscalation": false,
                        "readOnlyRootFilesystem": true,
                        "capabilities": {"drop": ["ALL"]},
                    },
                }],
                "volumes": [
                    {"name": "charts", "configMap": {"name": "charts"}},
                    {"name": "data", "emptyDir": {}},
                ],
            },
        },
    }});
    let namespace = Some(&*room.namespace);
    room.cluster
        .apply("apps", "Deployment", namespace, "charts", spec)
        .await?;
    available(room, &["charts"]).await?;
    Ok(format!("http://charts.{}.svc:9090/user/", room.namespace))
}

async fn helm(arguments: &[&str]) -> Result<()> {
    let out = Command::new(harness::repo::tool("helm")?)
        .args(arguments)
        .output()
        .await
        .context("helm cannot be run")?;
    let said = String::from_utf8_lossy(&out.stderr);
    ensure!(
        out.status.success(),
        "helm {}:\n{said}",
        arguments.join(" ")
    );
    Ok(())
}

/// The files of a folder, as a ConfigMap has bytes.
fn files(folder: &Path) -> Result<Value> {
    let mut files = Map::new();
    for file in std::fs::read_dir(folder)? {
        let file = file?;
        let name = file.file_name().to_string_lossy().into_owned();
        let bytes = k8s_openapi::ByteString(std::fs::read(file.path())?);
        files.insert(name, serde_json::to_value(bytes)?);
    }
    Ok(Value::Object(files))
}
