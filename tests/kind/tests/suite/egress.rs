//! Policies for the connections that the chart's pods open.

use std::time::Duration;

use anyhow::{Result, ensure};
use k8s_openapi::api::apps::v1::DaemonSet;
use kind_tests::release::{Release, merge, values};
use kind_tests::requests::requests;
use kind_tests::room::{Room, room};
use kind_tests::sink::Sink;
use kind_tests::wait::{Seen, until};
use kube::api::{Api, ListParams};
use serde_json::{Value, json};

/// The series that says how many batches wait for the sink.
const QUEUED: &str = "/api/v1/query?query=sum(otelcol_exporter_queue_size)";

#[tokio::test]
async fn with_egress_policies_traces_reach_a_backend_that_is_listed_and_no_other() -> Result<()> {
    room("egress", |room| async move {
        let sink = Sink::start(&room).await?;
        let mut closed = values(&room, &sink.url())?;
        merge(&mut closed, json!({"networkPolicies": {"egress": {"enabled": true}}}));
        let release = Release::install(&room, &closed).await?;
        // Scrapes, alerts and the spans of vLLM go on: the release's own parts need no list.
        let (passed, said) = release.test().await?;
        ensure!(passed, "{said}");
        let (_, slow) = requests(&room, 1).await?;
        if enforced(&room).await? {
            queued(&release).await?;
            ensure!(sink.got("span").await?.is_empty(), "a backend that is not listed was reached");
        } else {
            eprintln!("egress: this cluster's network enforces no NetworkPolicy; only what must pass is tried");
        }
        let mut open = closed;
        let backend = json!([{"podSelector": {"matchLabels": {"app": "sink"}}}]);
        merge(&mut open, json!({"networkPolicies": {"egress": {"collector": backend}}}));
        release.upgrade(&open).await?;
        sink.all_of(&slow).await.map(drop)
    })
    .await
}

/// Whether the cluster has a network that is known to enforce NetworkPolicies.
async fn enforced(room: &Room) -> Result<bool> {
    let api: Api<DaemonSet> = Api::namespaced(room.cluster.client.clone(), "kube-system");
    let known = ["kindnet", "calico-node", "cilium", "antrea-agent"];
    let all = api.list(&ListParams::default()).await?;
    let names = all.items.iter().filter_map(|d| d.metadata.name.as_deref());
    Ok(names.into_iter().any(|name| known.contains(&name)))
}

/// Waits until traces are queued that cannot be sent.
async fn queued(release: &Release) -> Result<()> {
    until("a queue that grows", Duration::from_secs(90), || async {
        let body: Value = serde_json::from_str(&release.get("prometheus:9090", QUEUED).await?)?;
        let value = body["data"]["result"][0]["value"][1]
            .as_str()
            .unwrap_or("0");
        Ok(if value == "0" {
            Seen::NotYet("nothing is queued".to_owned())
        } else {
            Seen::Yes(())
        })
    })
    .await
}
