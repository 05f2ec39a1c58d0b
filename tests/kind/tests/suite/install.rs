//! Installing, `helm test`, uninstalling.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::core::v1::Secret;
use kind_tests::kubectl;
use kind_tests::release::{NAME, Release, merge, values};
use kind_tests::room::room;
use kind_tests::sink::Sink;
use kind_tests::wait::{Seen, until};
use kube::api::{Api, DynamicObject, ListParams};
use kube::discovery::{Discovery, Scope, verbs};
use serde::Deserialize as _;
use serde_json::json;

#[tokio::test]
async fn a_policy_that_keeps_nothing_fails_helm_test_in_words() -> Result<()> {
    room("keeps-nothing", |room| async move {
        let sink = Sink::start(&room).await?;
        let mut values = values(&room, &sink.url())?;
        let off = json!({"keepTrace": "off"});
        merge(
            &mut values,
            json!({"thresholds": {"e2eLatency": off, "timeToFirstToken": off, "decodeTime": off}}),
        );
        let release = Release::install(&room, &values).await?;
        let (passed, said) = release.test().await?;
        ensure!(
            !passed,
            "helm test passes although no trace can be kept:\n{said}"
        );
        for word in ["slow", "kept", "keepTrace"] {
            ensure!(
                said.contains(word),
                "helm test does not say '{word}':\n{said}"
            );
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_uninstall_leaves_nothing() -> Result<()> {
    room("uninstall", |room| async move {
        let sink = Sink::start(&room).await?;
        let release = Release::install(&room, &values(&room, &sink.url())?).await?;
        let before = of_the_release(&room.cluster.client, &room.namespace).await?;
        ensure!(before.len() > 10, "only {before:?} belong to the release");
        release.test().await?;
        // Helm leaves the pods of hooks; docs/helm-test.md names this command.
        let test = "app.kubernetes.io/component=test";
        let pod = ["delete", "pod", "--namespace", &room.namespace, "-l", test];
        kubectl::run(&pod, "").await?;
        release.uninstall().await?;
        let left = "nothing of the release to be left";
        until(left, Duration::from_secs(60), || async {
            let left = of_the_release(&room.cluster.client, &room.namespace).await?;
            Ok(if left.is_empty() {
                Seen::Yes(())
            } else {
                Seen::NotYet(format!("{left:?}"))
            })
        })
        .await
    })
    .await
}

/// Every object of the cluster, of whatever kind, that carries the release's label and lies in its
/// namespace or names it.
async fn of_the_release(client: &kube::Client, namespace: &str) -> Result<Vec<String>> {
    let discovery = Discovery::new(client.clone()).run().await?;
    let wanted = ListParams::default().labels(&format!("app.kubernetes.io/instance={NAME}"));
    let mut found = Vec::new();
    for (kind, capabilities) in discovery.groups().flat_map(|g| g.recommended_resources()) {
        if !capabilities.supports_operation(verbs::LIST) || kind.kind == "Event" {
            continue;
        }
        let api: Api<DynamicObject> = match capabilities.scope {
            Scope::Namespaced => Api::namespaced_with(client.clone(), namespace, &kind),
            Scope::Cluster => Api::all_with(client.clone(), &kind),
        };
        for object in api.list(&wanted).await.with_context(|| kind.kind.clone())? {
            let name = object.metadata.name.unwrap_or_default();
            if capabilities.scope == Scope::Namespaced || name.contains(namespace) {
                found.push(format!("{}/{name}", kind.kind));
            }
        }
    }
    Ok(found)
}

/// `kubectl apply` writes each object into an annotation of at most 256 KiB, and etcd takes 1.5 MiB:
/// the chart's own bounds leave room for a user's values.
#[tokio::test]
async fn every_object_fits_kubectl_apply_and_the_release_fits_its_secret() -> Result<()> {
    room("sizes", |room| async move {
        let sink = Sink::start(&room).await?;
        let release = Release::install(&room, &values(&room, &sink.url())?).await?;
        let mut sizes = BTreeMap::new();
        for document in serde_yaml::Deserializer::from_str(&release.manifest().await?) {
            let object = serde_json::Value::deserialize(document)?;
            if let Some(name) = object["metadata"]["name"].as_str() {
                let kind = object["kind"].as_str().unwrap_or_default();
                sizes.insert(format!("{kind}/{name}"), serde_json::to_vec(&object)?.len());
            }
        }
        ensure!(sizes.len() > 10, "only {sizes:?} in the manifest");
        for (name, size) in sizes {
            ensure!(size <= 240 << 10, "{name} has {size} bytes serialised");
        }
        let secrets: Api<Secret> = room.api();
        let stored = secrets
            .list(&ListParams::default().labels("owner=helm"))
            .await?;
        let size: usize = stored
            .iter()
            .flat_map(|s| s.data.iter().flatten())
            .map(|(_, value)| value.0.len())
            .max()
            .context("helm stored no release")?;
        ensure!(size <= 700 << 10, "the release's Secret holds {size} bytes");
        Ok(())
    })
    .await
}
