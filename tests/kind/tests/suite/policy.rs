//! A policy of the user's own: docs/write-a-policy.md, followed on the cluster with the template.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use harness::traffic::{LIMITS, slow_traces};
use kind_tests::reader::Reader;
use kind_tests::release::{NAME, Release, merge, values};
use kind_tests::requests::{Requests, send};
use kind_tests::room::room;
use kind_tests::sink::{Sink, attribute, number, trace};
use serde_json::{Value, json};

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
        let names = [("monitoring", &room)];
        let mut reader = Reader::new(&room, "docs/write-a-policy.md", &names, &json!({}), "helm")?;
        let elsewhere = "plugins/policy-kit/host/tests/policies.rs runs it";
        reader.leave_out("Copy the template", elsewhere)?;
        reader.leave_out("Try it on recorded spans", elsewhere)?;
        reader.set("module", &module).await?;
        let page = reader.follow("Run it in the chart").await?;
        let hash = page.said.split_whitespace().rev().nth(1);
        let hash = hash.context("no hash is printed")?;
        let shown = page.values.first().context("the page shows no values")?;
        let mut shown: Value = serde_yaml::from_str(shown)?;
        shown["tracing"]["policy"]["module"]["sha256"] = json!(hash);
        reader.finish()?;
        let sink = Sink::start(&room).await?;
        let mut values = values(&room, &sink.url())?;
        merge(&mut values, shown);
        // The image of the cluster, and a limit that the captured requests are compared with.
        let image = room.cluster.image("otelcol-vllm")?.values();
        merge(
            &mut values,
            json!({"tracing": {"collector": {"image": image}, "policy": {"settings": {"longest": "120s"}}}}),
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
