//! A plugin that is not the chart's.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use kind_tests::release::{Release, tree, values};
use kind_tests::room::room;
use kind_tests::sink::Sink;
use kind_tests::wait::{Seen, until};

/// No module has this hash.
const WRONG: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

#[tokio::test]
async fn a_plugin_with_another_hash_is_named_in_one_line_by_the_pod_and_by_helm_test() -> Result<()>
{
    room("hash", |room| async move {
        let sink = Sink::start(&room).await?;
        let chart = room.folder()?.join("chart");
        let _ = std::fs::remove_dir_all(&chart);
        copy(&tree(), &chart)?;
        let file = chart.join("files/sampling-policy.sha256");
        let right = std::fs::read_to_string(&file)?.trim().to_owned();
        std::fs::write(&file, WRONG)?;
        let release = Release::install_unready(&room, &chart, &values(&room, &sink.url())?).await?;
        let names = |line: &&str| line.contains(&right) && line.contains(WRONG);

        let labels = "app.kubernetes.io/component=collector";
        until(
            "the pod's status to name both hashes",
            Duration::from_secs(90),
            || async {
                let status = room.pod(labels).await?.status.context("no status")?;
                let container = status
                    .container_statuses
                    .into_iter()
                    .flatten()
                    .next()
                    .context("no container")?;
                let ended = [container.state, container.last_state]
                    .into_iter()
                    .flatten()
                    .find_map(|s| s.terminated);
                let message = ended.and_then(|t| t.message).unwrap_or_default();
                Ok(if message.lines().any(|line| names(&line)) {
                    Seen::Yes(())
                } else {
                    Seen::NotYet(message)
                })
            },
        )
        .await?;

        let (passed, said) = release.test().await?;
        ensure!(!passed, "{said}");
        let line = said
            .lines()
            .find(names)
            .with_context(|| format!("no line names both hashes:\n{said}"))?;
        ensure!(line.starts_with("FAIL: plugin: "), "{line}");
        Ok(())
    })
    .await
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
