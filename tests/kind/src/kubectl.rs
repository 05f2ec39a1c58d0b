//! The real kubectl, as `KUBECTL` names it: several words where it runs elsewhere.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::room::Room;

/// The words that begin every command.
#[must_use]
pub fn command() -> String {
    std::env::var("KUBECTL").unwrap_or_else(|_| "kubectl".to_owned())
}

/// `kubectl apply -f -` in the room; what it printed.
///
/// # Errors
/// When kubectl fails; its words are in the error.
pub async fn apply(room: &Room, manifests: &str) -> Result<String> {
    run(
        &["apply", "--namespace", &room.namespace, "-f", "-"],
        manifests,
    )
    .await
}

/// kubectl with that input; what it printed.
///
/// # Errors
/// When kubectl fails; its words are in the error.
pub async fn run(arguments: &[&str], input: &str) -> Result<String> {
    let command = command();
    let mut words = command.split_whitespace();
    let mut child = Command::new(words.next().context("KUBECTL is empty")?)
        .args(words)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("kubectl cannot be run")?;
    let mut stdin = child.stdin.take().context("kubectl has no input")?;
    stdin.write_all(input.as_bytes()).await?;
    drop(stdin);
    let out = child.wait_with_output().await?;
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    ensure!(
        out.status.success(),
        "kubectl {}:\n{said}",
        arguments.join(" ")
    );
    Ok(said)
}
