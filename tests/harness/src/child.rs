//! Child processes that never outlive the one who started them.
//!
//! Each child has its own process group, so that its own children end with it, and a log file.
//! Dropping a [`Child`] ends the group: SIGTERM, a short grace, SIGKILL.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::interrupt;

/// Lines of a log that an error shows.
const TAIL_LINES: usize = 12;
/// Pause between two looks at a condition.
const POLL: Duration = Duration::from_millis(50);
/// Time a dropped child has to end by itself.
const GRACE: Duration = Duration::from_secs(3);

/// A running child process.
#[derive(Debug)]
pub struct Child {
    name: String,
    process: std::process::Child,
    log: PathBuf,
}

impl Child {
    /// Starts `command`; both outputs go to the file `log`, which is written anew.
    ///
    /// # Errors
    /// When the program cannot be started or the log not be written.
    pub fn start(name: &str, mut command: Command, log: &Path) -> Result<Self> {
        if let Some(dir) = log.parent() {
            fs::create_dir_all(dir).with_context(|| format!("{} cannot be made", dir.display()))?;
        }
        let out =
            File::create(log).with_context(|| format!("{} cannot be written", log.display()))?;
        let program = command.get_program().to_string_lossy().into_owned();
        let process = command
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            .process_group(0)
            .spawn()
            .with_context(|| format!("{name}: {program} cannot be started"))?;
        Ok(Self {
            name: name.to_owned(),
            process,
            log: log.to_path_buf(),
        })
    }

    /// Its process id, which is its process group's too.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// The whole log so far.
    #[must_use]
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// The log's last lines, for an error; of a Go program that panics the first ones of that, for
    /// stacks of all goroutines follow.
    #[must_use]
    pub fn tail(&self) -> String {
        let text = self.log();
        let mut lines: Vec<&str> = text.lines().collect();
        let panics = |line: &&str| {
            ["panic: ", "fatal error: ", "unexpected fault address "]
                .iter()
                .any(|start| line.starts_with(start))
        };
        if let Some(at) = lines.iter().position(panics) {
            lines.truncate(at + TAIL_LINES);
        }
        let from = lines.len().saturating_sub(TAIL_LINES);
        format!(
            "last lines of {}:\n{}",
            self.log.display(),
            lines[from..].join("\n")
        )
    }

    /// # Errors
    /// When the child has ended, with the tail of its log.
    pub fn check(&mut self) -> Result<()> {
        if let Some(status) = self.process.try_wait()? {
            bail!(
                "{} ended unexpectedly ({status}); {}",
                self.name,
                self.tail()
            );
        }
        Ok(())
    }

    /// Waits until `ready` answers true. `what` completes "was not …", as in "ready".
    ///
    /// # Errors
    /// When the child ends, the limit passes (the last answer and the log's tail are in the error),
    /// or Ctrl-C came.
    pub fn wait_until(
        &mut self,
        what: &str,
        limit: Duration,
        mut ready: impl FnMut() -> Result<bool>,
    ) -> Result<()> {
        let started = Instant::now();
        loop {
            interrupt::check()?;
            self.check()?;
            let last = ready();
            if matches!(last, Ok(true)) {
                return Ok(());
            }
            if started.elapsed() >= limit {
                let why = last.err().map(|e| format!(" ({e:#})")).unwrap_or_default();
                return Err(anyhow!(
                    "{} was not {what} within {} s{why}; {}",
                    self.name,
                    limit.as_secs(),
                    self.tail()
                ));
            }
            std::thread::sleep(POLL);
        }
    }

    /// Waits until the URL answers with a 2xx status.
    ///
    /// # Errors
    /// As [`Child::wait_until`].
    pub fn wait_http(&mut self, url: &str, limit: Duration) -> Result<()> {
        self.wait_until("ready", limit, || crate::http::get(url).map(|_| true))
    }

    /// Waits for the child's own end.
    ///
    /// # Errors
    /// When it still runs after `limit`.
    pub fn wait_end(&mut self, limit: Duration) -> Result<ExitStatus> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait()? {
                return Ok(status);
            }
            if started.elapsed() >= limit {
                bail!(
                    "{} still runs after {} s; {}",
                    self.name,
                    limit.as_secs(),
                    self.tail()
                );
            }
            std::thread::sleep(POLL);
        }
    }

    /// SIGTERM to the group, then waits for the end.
    ///
    /// # Errors
    /// When it still runs after `limit`; dropping it then kills it.
    pub fn terminate(&mut self, limit: Duration) -> Result<ExitStatus> {
        self.signal(Signal::TERM);
        self.wait_end(limit)
    }

    fn signal(&self, signal: Signal) {
        // An error means that the group is gone, which is what was wanted.
        if let Some(pid) = i32::try_from(self.process.id())
            .ok()
            .and_then(Pid::from_raw)
        {
            let _ = kill_process_group(pid, signal);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            self.signal(Signal::TERM);
            let _ = self.wait_end(GRACE);
        }
        // Also when the child ended by itself: its own children may not have.
        self.signal(Signal::KILL);
        let _ = self.process.wait();
    }
}

/// Waits until `ready` answers true, while all `children` live.
///
/// # Errors
/// When a child ends, the limit passes, or Ctrl-C came.
pub fn wait_all(
    children: &mut [&mut Child],
    what: &str,
    limit: Duration,
    mut ready: impl FnMut() -> Result<bool>,
) -> Result<()> {
    let started = Instant::now();
    loop {
        interrupt::check()?;
        for child in children.iter_mut() {
            child.check()?;
        }
        let last = ready();
        if matches!(last, Ok(true)) {
            return Ok(());
        }
        if started.elapsed() >= limit {
            let why = last.err().map(|e| format!(": {e:#}")).unwrap_or_default();
            bail!("{what}: not within {} s{why}", limit.as_secs());
        }
        std::thread::sleep(POLL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Far above what anything here takes: it only ends a test that fails.
    const LIMIT: Duration = Duration::from_secs(60);

    fn shell(script: &str, log: &Path) -> Child {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Child::start("script", command, log).unwrap()
    }

    fn alive(pid: &str) -> bool {
        // A zombie that nobody reaped yet is dead.
        fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|s| !s.contains(") Z "))
    }

    #[test]
    fn dropping_ends_the_grandchildren_too() {
        let dir = tempfile::tempdir().unwrap();
        let mut child = shell("sleep 600 & echo $!; wait", &dir.path().join("log"));
        let log = dir.path().join("log");
        child
            .wait_until("started", LIMIT, || {
                Ok(fs::read_to_string(&log)?.ends_with('\n'))
            })
            .unwrap();
        let grandchild = child.log().trim().to_owned();
        assert!(alive(&grandchild));
        drop(child);
        let started = Instant::now();
        while alive(&grandchild) {
            assert!(started.elapsed() < LIMIT, "{grandchild} still runs");
            std::thread::sleep(POLL);
        }
    }

    #[test]
    fn a_child_that_ends_early_is_reported_with_its_log() {
        let dir = tempfile::tempdir().unwrap();
        let mut child = shell("echo no such key: colour; exit 3", &dir.path().join("log"));
        let said = child
            .wait_until("ready", LIMIT, || Ok(false))
            .unwrap_err()
            .to_string();
        assert!(
            said.contains("no such key: colour") && said.contains('3'),
            "{said}"
        );
    }

    #[test]
    fn a_child_that_is_never_ready_is_reported_with_limit_and_reason() {
        let dir = tempfile::tempdir().unwrap();
        let mut child = shell("echo hello; sleep 600", &dir.path().join("log"));
        let said = child
            .wait_until("ready", Duration::from_millis(300), || bail!("refused"))
            .unwrap_err()
            .to_string();
        assert!(
            said.contains("refused") && said.contains("not ready within"),
            "{said}"
        );
    }
}
