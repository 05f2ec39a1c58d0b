//! The last line, and what is wrong if something is.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use harness::otlp;
use serde_json::Value;

use crate::captured::QUIET_MODEL;
use crate::causes;
use crate::ledger::{Ledger, list};

/// Reasons for which the policy keeps a trace that no limit of the values makes slow.
const FURTHER: [&str; 4] = ["error", "slow_first_token", "slow_output", "baseline"];

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
    // By trace id, the reasons that its spans state.
    let mut kept_for: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (_, _, span) in kept.iter().flat_map(otlp::spans) {
        let id = span["traceId"].as_str().unwrap_or_default().to_lowercase();
        kept_for.entry(id).or_default().extend(causes::reason(span));
    }
    let lost: Vec<&String> = slow
        .keys()
        .filter(|id| !kept_for.contains_key(*id))
        .collect();
    let others = kept_for.iter().filter(|(id, _)| !slow.contains_key(*id));
    let (explained, extra): (Vec<_>, Vec<_>) =
        others.partition(|(_, reasons)| reasons.iter().any(|reason| FURTHER.contains(reason)));
    println!(
        "demo: kept {} of {} slow traces, {} of {} that began with a fast call, {} of {} others by another reason, {} without one; alerts fired: {}; plugin sha256 {plugin}",
        slow.len() - lost.len(),
        slow.len(),
        ledger
            .late
            .iter()
            .filter(|id| kept_for.contains_key(*id))
            .count(),
        ledger.late.len(),
        explained.len(),
        ledger.traces.saturating_sub(slow.len() as u64),
        extra.len(),
        list(&ledger.fired),
    );
    println!(
        "demo: kept by reason: {}; by cause: {}",
        ledger.kept_by_reason(),
        ledger.kept_by_cause()
    );
    let Some(expected) = expected else {
        return Ok(());
    };
    for id in lost.iter().take(5) {
        eprintln!("demo: lost {id}, slow by {}", slow[*id]);
    }
    for (id, reasons) in extra.iter().take(5) {
        eprintln!("demo: kept {id}, which is not slow, for {reasons:?}");
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
            "expected every slow trace, no other without a reason of its own, and the alerts {}",
            list(&expected)
        );
    }
    Ok(())
}
