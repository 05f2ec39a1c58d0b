//! What an install may do, and what it keeps to itself.

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::authorization::v1::SubjectAccessReview;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use kind_tests::release::{NAME, Release, merge, values};
use kind_tests::room::{Room, room};
use kind_tests::sink::Sink;
use kube::api::{Api, ListParams, PostParams};
use serde_json::{Value, json};

/// Stands in no object but its own Secret.
const TOKEN: &str = "token-7f3a91c2e5";

#[tokio::test]
async fn accounts_may_do_what_is_needed_and_secrets_stay_in_their_secret() -> Result<()> {
    room("accounts", |room| async move {
        let sink = Sink::start(&room).await?;
        room.create::<Secret>(json!({"metadata": {"name": "far-end"}, "stringData": {"token": TOKEN}})).await?;
        let from = json!({"secretKeyRef": {"name": "far-end", "key": "token"}});
        let exporter = json!({"endpoint": sink.url(), "headers": {"authorization": "Bearer ${env:TOKEN}"}});
        let mut values = values(&room, &sink.url())?;
        merge(&mut values, json!({"tracing": {
            "collector": {"extraEnv": [{"name": "TOKEN", "valueFrom": from}], "logLevel": "debug"},
            "exporters": {"otlphttp": {"sink": exporter}},
        }}));
        let release = Release::install(&room, &values).await?;
        let (passed, said) = release.test().await?;
        ensure!(passed, "{said}");

        ensure!(!release.helm(&["get", "all", NAME]).await?.contains(TOKEN), "helm get tells the secret");
        let maps: Api<ConfigMap> = room.api();
        for map in maps.list(&ListParams::default()).await? {
            ensure!(!serde_json::to_string(&map)?.contains(TOKEN), "a ConfigMap holds the secret: {:?}", map.metadata.name);
        }
        let pods: Api<Pod> = room.api();
        let ours = ListParams::default().labels(&format!("app.kubernetes.io/instance={NAME}"));
        for pod in pods.list(&ours).await? {
            let name = pod.metadata.name.clone().context("a pod without a name")?;
            ensure!(!serde_json::to_string(&pod)?.contains(TOKEN), "the pod {name} holds the secret");
            ensure!(!room.log(&name).await?.contains(TOKEN), "the log of {name} holds the secret");
            // Prometheus alone asks the API server, for pods.
            let wants = name.contains("-prometheus-");
            ensure!(has_token(&pod) == wants, "{name}: a token where none is needed, or none where one is");
        }
        for (verb, resource, namespace, wanted) in [
            ("list", "pods", room.namespace.as_str(), true),
            ("watch", "pods", room.namespace.as_str(), true),
            ("delete", "pods", room.namespace.as_str(), false),
            ("list", "secrets", room.namespace.as_str(), false),
            ("list", "pods", "kube-system", false),
            ("list", "nodes", "", false),
        ] {
            let may = may(&room, "prometheus", verb, resource, namespace).await?;
            ensure!(may == wanted, "Prometheus may {verb} {resource} in '{namespace}': {may}");
        }
        for account in ["collector", "alertmanager"] {
            let may = may(&room, account, "list", "pods", &room.namespace).await?;
            ensure!(!may, "the account of {account} may list pods");
        }
        Ok(())
    })
    .await
}

fn has_token(pod: &Pod) -> bool {
    (pod.spec.iter().flat_map(|s| s.volumes.iter().flatten()))
        .filter_map(|v| v.projected.as_ref())
        .flat_map(|p| p.sources.iter().flatten())
        .any(|s| s.service_account_token.is_some())
}

/// Whether the account of a part of the release may do that.
pub(crate) async fn may(
    room: &Room,
    account: &str,
    verb: &str,
    resource: &str,
    namespace: &str,
) -> Result<bool> {
    let review: Value = json!({"spec": {
        "user": format!("system:serviceaccount:{}:{NAME}-{account}", room.namespace),
        "resourceAttributes": {"verb": verb, "resource": resource, "namespace": namespace},
    }});
    let reviews: Api<SubjectAccessReview> = Api::all(room.cluster.client.clone());
    let answer = reviews
        .create(&PostParams::default(), &serde_json::from_value(review)?)
        .await?;
    Ok(answer.status.context("no answer")?.allowed)
}
