//! Argo CD from its core manifests: application controller and repository server.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use kind_tests::kubectl;
use kind_tests::neighbours::{Manifests, Row, available, equals, lean, left, object, write};
use kind_tests::packages;
use kind_tests::release::{NAME, Release, merge, model};
use kind_tests::room::{Room, room};
use kind_tests::wait::{Seen, until};
use serde_json::{Value, json};

/// How long a sync may take: Prometheus and the simulated server start.
const LIMIT: Duration = Duration::from_secs(300);

/// Of the core installation, what is not needed here.
const WITHOUT: [&str; 3] = [
    "argocd-applicationset-controller",
    "argocd-applicationset-controller-network-policy",
    "argocd-redis-network-policy",
];

const IMAGES: [(&str, &str); 3] = [
    ("argocd-application-controller", "argocd"),
    ("argocd-repo-server", "argocd"),
    ("redis", "argocd"),
];

#[tokio::test]
async fn argo_cd_syncs_without_a_difference_corrects_drift_upgrades_and_prunes() -> Result<()> {
    room("argocd", |room| async move {
        let file = ["manifests/core-install.yaml"];
        let argo = Manifests::of(&room, "argocd", &file, "argocd", &IMAGES)?.without(&WITHOUT);
        let argo = argo.changed(ours);
        let password = |key: &str| {
            json!({
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "argocd-redis", "namespace": room.namespace},
                "stringData": {key: "a password of this case"},
            })
        };
        let argo = argo.with(password("auth"));
        let result = async {
            argo.apply().await?;
            available(&room, &["argocd-redis", "argocd-repo-server"]).await?;
            story(&room).await
        }
        .await;
        // While Argo CD is there: it takes its finalizer off.
        let all = ["delete", "applications", "--all", "--namespace"];
        let all = [&all[..], &[&room.namespace]].concat();
        let _ = kubectl::run(&all, "").await;
        argo.delete().await?;
        result
    })
    .await
}

/// Without containers that copy files of an image that ours has not, and with our command in place of Redis.
fn ours(object: &mut Value) {
    // The API server, which is not part of the core installation here, makes one.
    if object["kind"] == "Secret" && object["metadata"]["name"] == "argocd-secret" {
        object["stringData"] = json!({"server.secretkey": "a key of this case"});
    }
    let Some(pod) = object.pointer_mut("/spec/template/spec") else {
        return;
    };
    if let Some(pod) = pod.as_object_mut() {
        pod.remove("initContainers");
    }
    for container in pod["containers"].as_array_mut().into_iter().flatten() {
        if container["name"] == "redis" {
            container["args"] = json!(["redis", ":6379"]);
        }
        // It has no gpg, which verifies commits of git.
        if let Some(variables) = container["env"].as_array_mut() {
            variables.push(json!({"name": "ARGOCD_GPG_ENABLED", "value": "false"}));
        }
    }
}

async fn story(room: &Room) -> Result<()> {
    let url = packages::serve(room, &["0.3.0", "0.3.1"]).await?;
    let mut values = lean(room, json!([model(room)?]))?;
    apply(room, &url, "0.3.0", &values).await?;
    synced(room, "0.3.0").await?;
    let release = Release::there(room, NAME);
    equals(&release, "entry:vllm_replicas:up", 1.0).await?;

    // Nothing differs by itself, and no hook was run: the chart's only one is `helm test`.
    let syncs = read(room).await?["status"]["history"].clone();
    for number in 1..=2 {
        refresh(room).await?;
        let status = read(room).await?["status"].clone();
        ensure!(
            status["sync"]["status"] == "Synced" && status["history"] == syncs,
            "look {number}: {status}"
        );
    }
    let results = read(room).await?;
    let results = results["status"]["operationState"]["syncResult"]["resources"].clone();
    let results = results.as_array().context("no results")?.clone();
    let hooks = results
        .iter()
        .filter(|r| !r["hookPhase"].is_null() && !r["hookType"].is_null());
    let hooks: BTreeSet<String> = hooks.map(|r| r["name"].to_string()).collect();
    ensure!(hooks.is_empty(), "hooks were run: {hooks:?}");
    let count = results.len();

    // What somebody changes by hand comes back.
    let workload = format!("deployment/{NAME}-qwen3-235b");
    by_hand(room, &["scale", &workload, "--replicas=3"]).await?;
    let service = format!("service/{NAME}-prometheus");
    by_hand(room, &["delete", &service]).await?;
    let path = format!("apis/apps/v1/namespaces/{}/deployments", room.namespace);
    let deployment = format!("{path}/{NAME}-qwen3-235b");
    until("one replica and the Service again", LIMIT, || async {
        let replicas = object(room, &deployment).await?["spec"]["replicas"].clone();
        by_hand(room, &["get", &service]).await?;
        Ok(if replicas == 1 {
            Seen::Yes(())
        } else {
            Seen::NotYet(format!("{replicas} replicas"))
        })
    })
    .await?;
    synced(room, "0.3.0").await?;

    // Another version of the chart that renders fewer objects: these are pruned.
    let before: BTreeSet<String> = left(room, NAME).await?.into_iter().collect();
    merge(
        &mut values,
        json!({"rules": {"window": "1m"}, "dashboards": {"enabled": false}}),
    );
    apply(room, &url, "0.3.1", &values).await?;
    synced(room, "0.3.1").await?;
    let after: BTreeSet<String> = left(room, NAME).await?.into_iter().collect();
    let pruned = before.difference(&after).count();
    ensure!(pruned > 0, "nothing was pruned of {before:?}");
    equals(&release, "entry:vllm_replicas:up", 1.0).await?;

    by_hand(room, &["delete", "application", NAME]).await?;
    let rest = left(room, NAME).await?;
    ensure!(rest.is_empty(), "left after the uninstall: {rest:?}");
    write(
        "argocd",
        &[Row::new(
            &["argocd", "helm3"],
            "the chart from a Helm repository over HTTP by an Application with `selfHeal`, `prune` and `ServerSideApply=true`, \
             rendered by Helm 3 (application controller and repository server, an in-memory server in place of Redis); \
             refreshed without a change, drifted (a Deployment scaled, a Service deleted), upgraded to another version of the \
             chart, deleted",
            format!(
                "Synced and Healthy with {count} objects; two hard refreshes find no difference and sync nothing; the hook \
                 `helm test` is not run; both drifts are corrected; {pruned} objects that are no longer rendered are pruned; \
                 nothing is left after the Application is deleted"
            ),
        )],
    )
}

/// kubectl in the room.
async fn by_hand(room: &Room, arguments: &[&str]) -> Result<String> {
    let mut all = vec!["--namespace", &room.namespace];
    all.extend(arguments);
    kubectl::run(&all, "").await
}

async fn apply(room: &Room, url: &str, version: &str, values: &Value) -> Result<()> {
    let project = json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "default"},
        "spec": {
            "sourceRepos": ["*"],
            "destinations": [{"namespace": "*", "server": "*"}],
            "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
        },
    });
    let application = json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": NAME, "finalizers": ["resources-finalizer.argocd.argoproj.io"]},
        "spec": {
            "project": "default",
            "source": {
                "repoURL": url,
                "chart": "vllm-monitoring",
                "targetRevision": version,
                "helm": {"releaseName": NAME, "valuesObject": values},
            },
            "destination": {"server": "https://kubernetes.default.svc", "namespace": room.namespace},
            "syncPolicy": {
                "automated": {"prune": true, "selfHeal": true},
                "syncOptions": ["ServerSideApply=true"],
            },
        },
    });
    kubectl::apply(room, &format!("{project}\n---\n{application}\n")).await?;
    Ok(())
}

async fn read(room: &Room) -> Result<Value> {
    let path = "apis/argoproj.io/v1alpha1/namespaces";
    object(
        room,
        &format!("{path}/{}/applications/{NAME}", room.namespace),
    )
    .await
}

/// Waits until that version is synced, nothing differs and all is healthy.
async fn synced(room: &Room, version: &str) -> Result<()> {
    until(&format!("{version} synced and healthy"), LIMIT, || async {
        let status = read(room).await?["status"].clone();
        let synced = status["sync"]["status"] == "Synced" && status["sync"]["revision"] == version;
        let healthy = status["health"]["status"] == "Healthy";
        let done = status["operationState"]["phase"] == "Succeeded";
        Ok(if synced && healthy && done {
            Seen::Yes(())
        } else {
            let resources = status["resources"].as_array().into_iter().flatten();
            let waits = resources.filter(|r| r["status"] != "Synced");
            let waits: Vec<_> = waits.map(ToString::to_string).collect();
            let (health, operation) = (&status["health"], &status["operationState"]["message"]);
            Seen::NotYet(format!(
                "{waits:?} {health} {operation} {}",
                status["conditions"]
            ))
        })
    })
    .await
}

/// Has everything rendered and compared again, and waits until it was.
async fn refresh(room: &Room) -> Result<()> {
    let before = read(room).await?["status"]["reconciledAt"].clone();
    let hard = "argocd.argoproj.io/refresh=hard";
    // reconciledAt is of whole seconds.
    tokio::time::sleep(Duration::from_secs(2)).await;
    by_hand(
        room,
        &["annotate", "--overwrite", "application", NAME, hard],
    )
    .await?;
    until("the refresh", LIMIT, || async {
        let read = read(room).await?;
        let asked = read["metadata"]["annotations"]["argocd.argoproj.io/refresh"].is_string();
        Ok(if read["status"]["reconciledAt"] != before && !asked {
            Seen::Yes(())
        } else {
            Seen::NotYet(format!("asked: {asked}"))
        })
    })
    .await
}
