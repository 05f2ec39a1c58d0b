//! CPU times as the kernel counts them.

use std::fs;

use anyhow::{Context, Result};

// Fields of `/proc/*/stat`, counted from 0 behind the program's name: user and system time.

/// Of the process itself.
pub const OWN: [usize; 2] = [11, 12];
/// Of its children that have ended.
pub const CHILDREN: [usize; 2] = [13, 14];

/// CPU time of the children that have ended, in seconds.
///
/// # Errors
/// As [`used`].
pub fn waited_for() -> Result<f64> {
    used("/proc/self/stat", CHILDREN)
}

/// CPU time in a `/proc/*/stat`, in seconds.
///
/// # Errors
/// When it cannot be read.
pub fn used(path: &str, fields: [usize; 2]) -> Result<f64> {
    let text = fs::read_to_string(path).context(path.to_owned())?;
    // The name may hold blanks and brackets.
    let (_, rest) = text.rsplit_once(") ").context("no program name")?;
    let values: Vec<&str> = rest.split_whitespace().collect();
    let mut ticks = 0;
    for field in fields {
        let value = values.get(field).context("too few fields")?;
        ticks += value
            .parse::<u64>()
            .with_context(|| format!("{path}: found {value}"))?;
    }
    Ok(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}
