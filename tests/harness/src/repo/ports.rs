//! Ports on loopback that no other test has.

use std::fs::{self, File, TryLockError};
use std::net::TcpListener;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};

/// Ports to choose from. Linux gives those from 32768 on to outgoing connections, and to whoever asks for any:
/// one of these would be taken by somebody else between this choice and the start of the server.
const OURS: Range<u16> = 10_000..30_000;

/// Ports that a process claims at once.
const BLOCK: u16 = 100;

/// Some of [`OURS`] that are this process' alone, as long as it lives: until its server listens, a port is as
/// free to another process as to this one.
struct Block {
    ports: Range<u16>,
    /// Closed, and unlocked with it, when the process ends, however it ends; what it starts does not get it.
    _lock: File,
}

impl Block {
    /// The first that no process has, from that number on.
    fn claim(from: u32) -> Result<Self> {
        let folder = std::env::temp_dir().join("vllm-monitoring-ports");
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        let count = (OURS.end - OURS.start) / BLOCK;
        for step in 0..u32::from(count) {
            let number = u16::try_from((from % u32::from(count) + step) % u32::from(count))?;
            let start = OURS.start + number * BLOCK;
            let path = folder.join(start.to_string());
            // Another user's can be read, and so locked.
            let lock = File::open(&path)
                .or_else(|_| File::create(&path))
                .with_context(|| path.display().to_string())?;
            match lock.try_lock() {
                Ok(()) => {
                    return Ok(Self {
                        ports: start..start + BLOCK,
                        _lock: lock,
                    });
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(e)) => {
                    return Err(e).with_context(|| path.display().to_string());
                }
            }
        }
        bail!(
            "no free port on loopback: other processes have locked all files of {}",
            folder.display()
        )
    }
}

/// `N` different ports on loopback that are free now, that this process was not given before, and that no other
/// process is given while this one lives.
///
/// # Errors
/// When none is free.
pub fn free_ports<const N: usize>() -> Result<[u16; N]> {
    static CLAIMED: Mutex<Vec<Block>> = Mutex::new(Vec::new());
    // A panic of another test leaves the blocks as they were.
    let mut claimed = CLAIMED.lock().unwrap_or_else(PoisonError::into_inner);
    let mut ports = [0; N];
    for port in &mut ports {
        *port = loop {
            // What an earlier process started may listen yet.
            let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
            if let Some(port) = claimed.last_mut().and_then(|block| block.ports.find(free)) {
                break port;
            }
            // Where the last process was may be connections that are not quite closed.
            claimed.push(Block::claim(std::process::id().wrapping_mul(79))?);
        };
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
    use std::collections::BTreeSet;
    use std::io::{BufRead, BufReader, Write};
    use std::process::{Child, Command, Stdio};

    use super::*;

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
    fn a_claimed_block_is_nobody_elses() {
        let one = Block::claim(7).unwrap();
        let other = Block::claim(7).unwrap();
        assert_ne!(one.ports, other.ports);
    }

    /// More than a block, for [`processes_have_no_port_in_common`].
    const MANY: usize = 150;

    #[test]
    #[ignore = "is started by processes_have_no_port_in_common, which ends it"]
    fn takes_many_ports_and_waits() {
        let ports = free_ports::<MANY>().unwrap();
        writeln!(std::io::stderr(), "{ports:?}").unwrap();
        let _ = std::io::stdin().read_line(&mut String::new());
    }

    #[test]
    fn processes_have_no_port_in_common() {
        let start = |_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "--ignored", "--nocapture"])
                .arg("repo::ports::tests::takes_many_ports_and_waits")
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let mut children: Vec<Child> = (0..8).map(start).collect();
        let mut all = BTreeSet::new();
        for child in &mut children {
            let mut line = String::new();
            let said = child.stderr.as_mut().unwrap();
            BufReader::new(said).read_line(&mut line).unwrap();
            let ports = line.trim().trim_start_matches('[').trim_end_matches(']');
            all.extend(ports.split(", ").map(|port| port.parse::<u16>().unwrap()));
        }
        for mut child in children {
            drop(child.stdin.take());
            assert!(child.wait().unwrap().success());
        }
        assert_eq!(all.len(), 8 * MANY);
    }
}
