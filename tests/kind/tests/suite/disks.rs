//! Upgrades of the packages before this chart with every disk on: the API server takes each change, the claims stay, and
//! what was on them is found again. Grafana has no image here; tests/chart compares its immutable fields.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use kind_tests::release::{NAME, Release, merge, values};
use kind_tests::requests::requests;
use kind_tests::room::{Room, room};
use kind_tests::sink::Sink;
use kind_tests::volume::{DISKS, remove, volume};
use kind_tests::wait::{Seen, until};
use kube::api::{Api, ListParams};
use serde_json::{Value, json};

/// The packages as they were made, and their parts with a disk.
const PACKAGES: [(&str, &[&str]); 2] = [
    ("0.1.0", &["tracing", "prometheus", "alertmanager"]),
    (
        "0.2.0",
        &["tracing", "prometheus", "alertmanager", "jaeger"],
    ),
];

#[tokio::test]
async fn upgrades_of_both_packages_keep_every_disk_and_what_is_on_it() -> Result<()> {
    for (version, parts) in PACKAGES {
        let name = format!("disks-{}", version.replace('.', "-"));
        room(&name, |room| async move {
            for part in parts {
                volume(
                    &room,
                    &class(&room, part),
                    &format!("{DISKS}/{version}/{part}"),
                )
                .await?;
            }
            upgraded(&room, version, parts).await?;
            for part in parts {
                remove(&room, &class(&room, part)).await?;
            }
            Ok(())
        })
        .await?;
    }
    Ok(())
}

async fn upgraded(room: &Room, version: &str, parts: &[&str]) -> Result<()> {
    let sink = Sink::start(room).await?;
    let mut values = values(room, &sink.url())?;
    for part in parts {
        let class = class(room, part);
        let storage = json!({"persistent": true, "size": "100Mi", "storageClassName": class});
        merge(&mut values, json!({*part: {"storage": storage}}));
    }
    let jaeger = parts.contains(&"jaeger");
    if jaeger {
        merge(
            &mut values,
            json!({"jaeger": {
                "enabled": true,
                "image": room.cluster.image("jaeger")?.values(),
                "storage": {"type": "badger"},
                "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "1Gi"}},
            }}),
        );
    }
    // Without the values that it did not know yet.
    let mut known = values.clone();
    if let (Some(tracing), "0.1.0") = (known["tracing"].as_object_mut(), version) {
        tracing.remove("receiver");
        tracing.remove("policy");
    }
    let package =
        harness::repo::root().join(format!("tests/kind/previous/vllm-monitoring-{version}.tgz"));
    let release = Release::install_of(room, &package, &known).await?;
    let before = claims(room).await?;
    ensure!(before.len() == parts.len(), "claims: {before:?}");

    // Something on each of the disks that can be read again.
    let query = format!(
        "/api/v1/query?query=up%7Bvllm_monitoring%3D%22{}%2F{NAME}%22%7D",
        room.namespace
    );
    until("a sample", Duration::from_secs(60), || {
        samples(&release, &query)
    })
    .await?;
    // The next whole second: the sample may be of this one.
    let then = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() + 1;
    let kept = if jaeger {
        let (_, slow) = requests(room, 11).await?;
        let id = slow.into_iter().next().context("no slow request")?;
        found(&release, &id).await?;
        Some(id)
    } else {
        None
    };

    release.upgrade(&values).await?;
    let after = claims(room).await?;
    ensure!(
        before == after,
        "claims before: {before:?}; after: {after:?}"
    );
    let back = format!("{query}&time={then}");
    until("the sample from before", Duration::from_secs(60), || {
        samples(&release, &back)
    })
    .await?;
    if let Some(id) = kept {
        found(&release, &id).await?;
    }
    let (passed, said) = release.test().await?;
    ensure!(passed, "{said}");
    Ok(())
}

/// The class of a part's volume in this room.
fn class(room: &Room, part: &str) -> String {
    format!("{}-{part}", room.namespace)
}

/// Names, identities and volumes of the room's claims.
async fn claims(room: &Room) -> Result<BTreeMap<String, (Option<String>, Option<String>)>> {
    let api: Api<PersistentVolumeClaim> = room.api();
    let all = api.list(&ListParams::default()).await?;
    let of = |claim: PersistentVolumeClaim| {
        let volume = claim.spec.and_then(|spec| spec.volume_name);
        (
            claim.metadata.name.unwrap_or_default(),
            (claim.metadata.uid, volume),
        )
    };
    Ok(all.into_iter().map(of).collect())
}

/// Whether Prometheus answers a query with series.
async fn samples(release: &Release, query: &str) -> Result<Seen<()>> {
    let body: Value = serde_json::from_str(&release.get("prometheus:9090", query).await?)?;
    let found = body["data"]["result"]
        .as_array()
        .is_some_and(|r| !r.is_empty());
    Ok(if found {
        Seen::Yes(())
    } else {
        Seen::NotYet(body.to_string())
    })
}

/// Waits until the release's Jaeger has a trace.
async fn found(release: &Release, id: &str) -> Result<()> {
    let path = format!("/api/traces/{id}");
    until(
        &format!("the trace {id} in {NAME}-jaeger"),
        Duration::from_secs(90),
        || async {
            let body = release.get("jaeger:16686", &path).await?;
            let body: Value = serde_json::from_str(&body)?;
            Ok(if body["data"][0]["spans"][0].is_object() {
                Seen::Yes(())
            } else {
                Seen::NotYet(body.to_string())
            })
        },
    )
    .await
}
