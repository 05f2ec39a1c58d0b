//! Where things are: the repository's root, pinned tools, ports.

mod ports;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};
pub use ports::{expect_free, free_ports};

/// The repository's root: two folders above this crate.
#[must_use]
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Path of a pinned external tool; `tools/get` builds it where it is missing and shows progress. It
/// is asked once a process for each tool.
///
/// # Errors
/// When `tools/get` fails: its own words stand on standard error, the tool's name is in the error.
pub fn tool(name: &str) -> Result<PathBuf> {
    static FOUND: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    // A panic of another test leaves the map as it was.
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(path) = found.get(name) {
        return Ok(path.clone());
    }
    let path = get(name)?;
    found.insert(name.to_owned(), path.clone());
    Ok(path)
}

fn get(name: &str) -> Result<PathBuf> {
    let get = root().join("tools/get");
    let out = Command::new(&get)
        .arg(name)
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("{} cannot be run", get.display()))?;
    let path = PathBuf::from(String::from_utf8_lossy(&out.stdout).trim());
    if !out.status.success() || !path.is_file() {
        bail!(
            "tool '{name}' is missing: `tools/get {name}` ended with {}",
            out.status
        );
    }
    Ok(path)
}

/// A pinned tool of Go that ends in moments, as helm, promtool and kubeconform do. Its garbage is
/// collected less often than by default: `helm template` takes a fifth less CPU time.
///
/// # Errors
/// As [`tool`].
pub fn command(name: &str) -> Result<Command> {
    let mut command = Command::new(tool(name)?);
    command.env("GOGC", "400");
    Ok(command)
}

/// Path of our collector distribution.
///
/// # Errors
/// When it has not been built yet; says how to build it.
pub fn collector() -> Result<PathBuf> {
    let path = root().join("target/collector/otelcol-vllm");
    if path.is_file() {
        return Ok(path);
    }
    bail!("{} is missing: run collector/build first", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_holds_the_workspace() {
        assert!(root().join("tools/get").is_file());
    }

    #[test]
    fn an_unknown_tool_is_named() {
        let said = tool("no-such-tool").unwrap_err().to_string();
        assert!(said.contains("no-such-tool"), "{said}");
    }
}
