//! A policy of the user's own, as docs/write-a-policy.md puts it into the chart.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use harness::traffic::{LIMITS, slow_traces};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::ConfigMap;
use kind_tests::release::{NAME, Release, merge, values};
use kind_tests::requests::{Requests, send};
use kind_tests::room::room;
use kind_tests::sink::{Sink, attribute, number, trace};
use serde_json::json;

/// The first word that a command prints.
fn said(command: &mut Command) -> Result<String> {
    let out = command.output()?;
    ensure!(
        out.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    let text = String::from_utf8(out.stdout)?;
    let word = text.split_whitespace().next();
    Ok(word.context("nothing was printed")?.to_owned())
}

#[tokio::test]
async fn a_policy_of_ones_own_decides_and_helm_test_passes() -> Result<()> {
    room("policy", |room| async move {
        let module = said(
            Command::new(harness::repo::root().join("plugins/wasm"))
                .args(["policy-template", "wasm", "wasm32-unknown-unknown"])
                .arg("-Clink-arg=-zstack-size=65536"),
        )?;
        let sha256 = said(Command::new("sha256sum").arg(&module))?;
        room.create::<ConfigMap>(json!({
            "metadata": {"name": "my-policy"},
            "binaryData": {"policy.wasm": ByteString(std::fs::read(&module)?)},
        }))
        .await?;
        let sink = Sink::start(&room).await?;
        let mut values = values(&room, &sink.url())?;
        merge(
            &mut values,
            json!({"tracing": {"policy": {
                "module": {"configMap": "my-policy", "sha256": sha256},
                "settings": {"longest": "120s"},
            }}}),
        );
        let release = Release::install(&room, &values).await?;

        // The chart's own policy would also keep slow first tokens and slow decoding.
        let requests = Requests::new(3)?;
        let longest = &LIMITS[..1];
        let exports = requests.all.iter().map(|(_, export)| export);
        let kept: BTreeSet<String> = slow_traces(exports, longest).into_keys().collect();
        ensure!(!kept.is_empty() && kept.len() < requests.slow.len());
        for (_, export) in &requests.all {
            send(&room, &format!("services/{NAME}-collector"), export).await?;
        }
        let spans = sink.all_of(&kept).await?;
        let sent = requests.ids();
        for span in spans
            .iter()
            .filter(|s| trace(s).is_some_and(|id| sent.contains(&id)))
        {
            ensure!(
                trace(span).is_some_and(|id| kept.contains(&id)),
                "kept, but below the policy's limit: {span}"
            );
            let reason = attribute(span, "vllm.sampling.reason").map(|v| &v["stringValue"]);
            ensure!(reason == Some(&json!("slow")), "{span}");
            ensure!(number(span, "vllm.sampling.limit") == Some(120.0), "{span}");
        }
        let (passed, said) = release.test().await?;
        ensure!(passed, "{said}");
        Ok(())
    })
    .await
}
