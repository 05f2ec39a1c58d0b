//! Flux: source-controller fetches the chart, helm-controller installs, tests, corrects, upgrades and uninstalls it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::core::v1::{Event, ServiceAccount};
use kind_tests::kubectl;
use kind_tests::neighbours::{Manifests, Row, available, equals, lean, left, object, write};
use kind_tests::packages;
use kind_tests::release::{NAME, Release, merge, model};
use kind_tests::room::{Room, room};
use kind_tests::wait::{Seen, until};
use kube::api::{Api, ListParams};
use serde_json::{Value, json};

/// How long a reconciliation may take: the release's test waits for scrapes.
const LIMIT: Duration = Duration::from_secs(300);

const SOURCE: [&str; 7] = [
    "config/crd/bases/source.toolkit.fluxcd.io_buckets.yaml",
    "config/crd/bases/source.toolkit.fluxcd.io_gitrepositories.yaml",
    "config/crd/bases/source.toolkit.fluxcd.io_helmcharts.yaml",
    "config/crd/bases/source.toolkit.fluxcd.io_helmrepositories.yaml",
    "config/crd/bases/source.toolkit.fluxcd.io_ocirepositories.yaml",
    "config/manager/deployment.yaml",
    "config/manager/service.yaml",
];

const HELM: [&str; 2] = [
    "config/crd/bases/helm.toolkit.fluxcd.io_helmreleases.yaml",
    "config/manager/deployment.yaml",
];

#[tokio::test]
async fn flux_installs_tests_corrects_drift_upgrades_and_uninstalls() -> Result<()> {
    room("flux", |room| async move {
        let source = "source-controller";
        let source = Manifests::of(&room, source, &SOURCE, "flux-system", &[("manager", source)])?;
        let helm = "helm-controller";
        let helm = Manifests::of(&room, helm, &HELM, "flux-system", &[("manager", helm)])?;
        // As Flux's own installation binds them: cluster-admin.
        let helm = helm.with(json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": format!("{}-reconciler", room.namespace)},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": room.namespace}],
        }));
        let result = async {
            source.apply().await?;
            helm.apply().await?;
            available(&room, &["source-controller", "helm-controller"]).await?;
            story(&room).await
        }
        .await;
        // While Flux is there: it takes its finalizers off.
        let all = "helmreleases,helmcharts,helmrepositories";
        let all = ["delete", all, "--all", "--namespace", &room.namespace];
        let _ = kubectl::run(&all, "").await;
        helm.delete().await?;
        source.delete().await?;
        result
    })
    .await
}

async fn story(room: &Room) -> Result<()> {
    let url = packages::serve(room, &["0.3.0", "0.3.1"]).await?;
    let mut values = lean(room, json!([model(room)?]))?;
    apply(room, &url, "0.3.0", &values).await?;
    released(room, "0.3.0", "Succeeded").await?;
    let release = Release::there(room, NAME);
    equals(&release, "entry:vllm_replicas:up", 1.0).await?;

    // Nothing drifts by itself: reconciled twice more, nothing is corrected and no revision is added.
    let revision = history(room).await?["version"].clone();
    for number in 1..=2 {
        reconcile(room, &format!("quiet-{number}")).await?;
    }
    ensure!(
        history(room).await?["version"] == revision,
        "an upgrade without a change"
    );
    let corrected = drifts(room).await?;
    ensure!(
        corrected.is_empty(),
        "drift that nobody made: {corrected:?}"
    );

    // What somebody changes by hand comes back.
    let workload = format!("deployment/{NAME}-qwen3-235b");
    let scale = ["scale", &workload, "--replicas=3"];
    by_hand(room, &scale).await?;
    let account = room.api::<ServiceAccount>();
    let account = account.list(&ListParams::default()).await?.items;
    let ours = |name: &String| name.starts_with(NAME);
    let account = account.into_iter().filter_map(|a| a.metadata.name);
    let account = account.into_iter().find(ours).context("no account")?;
    let account = format!("serviceaccount/{account}");
    by_hand(room, &["delete", &account]).await?;
    reconcile(room, "drift").await?;
    let path = format!("apis/apps/v1/namespaces/{}/deployments", room.namespace);
    let deployment = format!("{path}/{NAME}-qwen3-235b");
    until("one replica and the account again", LIMIT, || async {
        let replicas = object(room, &deployment).await?["spec"]["replicas"].clone();
        by_hand(room, &["get", &account]).await?;
        Ok(if replicas == 1 {
            Seen::Yes(())
        } else {
            Seen::NotYet(format!("{replicas} replicas"))
        })
    })
    .await?;
    let corrected = drifts(room).await?;
    ensure!(!corrected.is_empty(), "no event tells of the drift");

    // Another version of the chart, and an entry that nothing answers for: the test fails, and Flux says so.
    let mut broken = values.clone();
    let absent = json!({"name": "absent", "replicas": 1, "selector": {"app": "absent"}});
    broken["models"] = json!([model(room)?, absent]);
    apply(room, &url, "0.3.1", &broken).await?;
    released(room, "0.3.1", "Failed").await?;
    merge(&mut values, json!({"rules": {"window": "1m"}}));
    apply(room, &url, "0.3.1", &values).await?;
    released(room, "0.3.1", "Succeeded").await?;
    equals(&release, "entry:vllm_replicas:up", 1.0).await?;

    by_hand(room, &["delete", "helmrelease", NAME]).await?;
    let rest = left(room, NAME).await?;
    ensure!(rest.is_empty(), "left after the uninstall: {rest:?}");
    write(
        "flux",
        &[Row::new(
            &["source-controller", "helm-controller"],
            "the chart from a HelmRepository over HTTP by a HelmRelease with `test.enable` and `driftDetection`; \
             reconciled without a change, drifted (a Deployment scaled, a ServiceAccount deleted), upgraded to another \
             version of the chart, uninstalled",
            "ready once `helm test` has passed; two reconciliations correct nothing and add no revision; both drifts are \
             corrected; an upgrade with an entry that has no pod fails its test and is not ready, one without is; nothing is \
             left after the uninstall",
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
    let repository = json!({
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "HelmRepository",
        "metadata": {"name": "charts"},
        "spec": {"interval": "1m", "url": url},
    });
    let release = json!({
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": NAME},
        "spec": {
            "interval": "10m",
            "releaseName": NAME,
            "chart": {"spec": {
                "chart": "vllm-monitoring",
                "version": version,
                "sourceRef": {"kind": "HelmRepository", "name": "charts"},
            }},
            "test": {"enable": true},
            "driftDetection": {"mode": "enabled"},
            "values": values,
        },
    });
    kubectl::apply(room, &format!("{repository}\n---\n{release}\n")).await?;
    Ok(())
}

async fn read(room: &Room) -> Result<Value> {
    let path = "apis/helm.toolkit.fluxcd.io/v2/namespaces";
    object(
        room,
        &format!("{path}/{}/helmreleases/{NAME}", room.namespace),
    )
    .await
}

/// The newest release that Flux made.
async fn history(room: &Room) -> Result<Value> {
    Ok(read(room).await?["status"]["history"][0].clone())
}

/// Waits until the newest release is of that version, its test ended so, and Flux says as much.
async fn released(room: &Room, version: &str, test: &str) -> Result<()> {
    let what = format!("{version} released, its test {test}");
    until(&what, LIMIT, || async {
        let read = read(room).await?;
        let status = &read["status"];
        let newest = &status["history"][0];
        let hooks = newest["testHooks"].as_object();
        let phases: Vec<_> = hooks.into_iter().flat_map(|h| h.values()).collect();
        let tested = !phases.is_empty() && phases.iter().all(|hook| hook["phase"] == test);
        let conditions = status["conditions"].as_array().into_iter().flatten();
        let ready = (conditions.clone()).find(|c| c["type"] == "Ready");
        let ready = ready.is_some_and(|c| c["status"] == "True");
        let observed = status["observedGeneration"] == read["metadata"]["generation"];
        let wanted = test == "Succeeded";
        Ok(
            if newest["chartVersion"] == version && tested && observed && ready == wanted {
                Seen::Yes(())
            } else {
                let conditions: Vec<_> = conditions.map(|c| &c["message"]).collect();
                Seen::NotYet(format!("{newest} {conditions:?}"))
            },
        )
    })
    .await
}

/// Asks for a reconciliation and waits until it was done.
async fn reconcile(room: &Room, token: &str) -> Result<()> {
    let asked = format!("reconcile.fluxcd.io/requestedAt={token}");
    by_hand(
        room,
        &["annotate", "--overwrite", "helmrelease", NAME, &asked],
    )
    .await?;
    until(&format!("the reconciliation {token}"), LIMIT, || async {
        let status = read(room).await?["status"].clone();
        let conditions = status["conditions"].as_array().into_iter().flatten();
        let busy = conditions
            .clone()
            .any(|c| c["type"] == "Reconciling" && c["status"] == "True");
        Ok(if status["lastHandledReconcileAt"] == token && !busy {
            Seen::Yes(())
        } else {
            Seen::NotYet(status.to_string())
        })
    })
    .await
}

/// What Flux says of drift.
async fn drifts(room: &Room) -> Result<Vec<String>> {
    let events: Api<Event> = room.api();
    let events = events.list(&ListParams::default()).await?.items;
    let of_drift = |e: &Event| e.reason.as_deref().is_some_and(|r| r.contains("Drift"));
    let events = events.into_iter().filter(of_drift);
    Ok(events.filter_map(|event| event.message).collect())
}
