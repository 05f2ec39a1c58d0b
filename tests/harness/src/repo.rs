//! Where things are: the repository's root, pinned tools, ports.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};

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

/// Ports to choose from. Linux gives those from 32768 on to outgoing connections, and to whoever asks for any:
/// one of these would be taken by somebody else between this choice and the start of the server.
const OURS: Range<u32> = 10_000..30_000;

/// `N` different ports on loopback that are free now, and that this process was not given before.
///
/// # Errors
/// When none is free.
pub fn free_ports<const N: usize>() -> Result<[u16; N]> {
    static TRIED: AtomicU32 = AtomicU32::new(0);
    let mut ports = [0; N];
    for port in &mut ports {
        *port = OURS
            .clone()
            .find_map(|_| {
                // Processes at the same time begin far from each other.
                let step = TRIED.fetch_add(1, Ordering::Relaxed);
                let offset = std::process::id().wrapping_mul(7919).wrapping_add(step);
                let port = u16::try_from(OURS.start + offset % (OURS.end - OURS.start)).ok()?;
                TcpListener::bind(("127.0.0.1", port)).ok()?;
                Some(port)
            })
            .context("no free port on loopback")?;
    }
    Ok(ports)
}

/// Says in one line that a wanted port is taken, before a server fails on it in many.
///
/// # Errors
/// When the port cannot be bound; names what wanted it and the variable that moves it.
pub fn expect_free(port: u16, what: &str, variable: &str) -> Result<()> {
    match TcpListener::bind(("127.0.0.1", port)) {
        Ok(_) => Ok(()),
        Err(e) => bail!(
            "port {port} for {what} is not free ({e}): stop what listens there, or choose another with {variable}=PORT"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_holds_the_workspace() {
        assert!(root().join("tools/get").is_file());
    }

    #[test]
    fn free_ports_differ_and_a_taken_one_is_said_in_one_line() {
        let [a, b] = free_ports::<2>().unwrap();
        assert_ne!(a, b);
        expect_free(a, "x", "X").unwrap();
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let said = expect_free(port, "Prometheus", "PROMETHEUS_PORT")
            .unwrap_err()
            .to_string();
        assert!(
            said.contains(&port.to_string())
                && said.contains("PROMETHEUS_PORT=")
                && !said.contains('\n'),
            "{said}"
        );
    }

    #[test]
    fn an_unknown_tool_is_named() {
        let said = tool("no-such-tool").unwrap_err().to_string();
        assert!(said.contains("no-such-tool"), "{said}");
    }
}
