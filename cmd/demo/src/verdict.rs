//! The last line, and what is wrong if something is.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use harness::otlp;
use serde_json::Value;

use crate::ledger::{Ledger, list};
use crate::source::QUIET_MODEL;

/// Holds what was kept against what had to be; `expected` are the alerts, `None` judges nothing.
///
/// # Errors
/// When something was lost, kept wrongly, or the alerts are others; the details are on standard error.
pub fn verdict(
    ledger: &Ledger,
    kept: &[Value],
    plugin: &str,
    expected: Option<&[&str]>,
) -> Result<()> {
    let slow = &ledger.slow;
    let kept: BTreeSet<String> = kept
        .iter()
        .flat_map(otlp::spans)
        .map(|(_, _, span)| span["traceId"].as_str().unwrap_or_default().to_lowercase())
        .collect();
    let lost: Vec<&String> = slow.keys().filter(|id| !kept.contains(*id)).collect();
    let extra: Vec<&String> = kept.iter().filter(|id| !slow.contains_key(*id)).collect();
    println!(
        "demo: kept {} of {} slow traces, {} of {} that began with a fast call, {} of {} others; alerts fired: {}; plugin sha256 {plugin}",
        slow.len() - lost.len(),
        slow.len(),
        ledger.late.intersection(&kept).count(),
        ledger.late.len(),
        extra.len(),
        ledger.traces.saturating_sub(slow.len() as u64),
        list(&ledger.fired),
    );
    let Some(expected) = expected else {
        return Ok(());
    };
    for id in lost.iter().take(5) {
        eprintln!("demo: lost {id}, slow by {}", slow[*id]);
    }
    for id in extra.iter().take(5) {
        eprintln!("demo: kept {id}, which is not slow");
    }
    if !ledger.false_alarms.is_empty() {
        bail!(
            "{QUIET_MODEL} is healthy, and these alerts fired for it: {}",
            list(&ledger.false_alarms)
        );
    }
    let expected: BTreeSet<String> = expected.iter().map(|name| (*name).to_owned()).collect();
    if !lost.is_empty() || !extra.is_empty() || ledger.fired != expected {
        bail!(
            "expected every slow trace, no other, and the alerts {}",
            list(&expected)
        );
    }
    Ok(())
}
