//! How long situations last: compressed in `make test`, as the policy's reference has them in `make situations`.

use std::time::Duration;

/// Lengths of the situations, and the budget that goes with them.
pub struct Length {
    /// What the budget is counted in here.
    pub unit: Duration,
    /// Units of a KV cache that is full: before, during and after it.
    pub incident: [u32; 3],
    /// Requests a second in it, of each of two models.
    pub requests: u32,
    /// From one call of an agent to the next, of forty.
    pub call: Duration,
    /// `decisionWait` of them.
    pub wait: Duration,
    /// Seconds of a gateway's errors.
    pub storm: u64,
    /// How far the sum of adjusted counts may be from the number of errors. Of 360 kept ones one standard deviation
    /// is 5 %, of 140 it is 8 %.
    pub estimate: f64,
    /// Traces in a unit that the values below allow.
    pub budget: u32,
    /// Units of the budget that accumulate.
    pub burst: u32,
    /// Values over those of the chart.
    pub values: &'static [&'static str],
}

/// A budget of ten traces a second for some seconds. Limits are given, since learning them takes minutes; after the
/// incident it takes ten seconds until its requests count no more.
const COMPRESSED: Length = Length {
    unit: Duration::from_secs(1),
    incident: [0, 12, 15],
    requests: 60,
    call: Duration::from_millis(300),
    wait: Duration::from_secs(1),
    storm: 12,
    estimate: 0.2,
    budget: 10,
    burst: 2,
    values: &[
        "thresholds.timeToFirstToken.keepTrace=2s",
        "tracing.policy.budget.tracesPerMinute=600",
        "tracing.policy.budget.burst=2s",
        "tracing.policy.baseline.share=20%",
    ],
};

/// The chart's own policy: 120 traces a minute, learnt limits.
const FULL: Length = Length {
    unit: Duration::from_secs(60),
    incident: [6, 20, 5],
    requests: 15,
    call: Duration::from_secs(15),
    wait: Duration::from_secs(15),
    storm: 120,
    estimate: 0.1,
    budget: 120,
    burst: 1,
    values: &[],
};

/// The length of this run, by the variable `SITUATIONS`.
pub fn length() -> &'static Length {
    match std::env::var("SITUATIONS").as_deref() {
        Ok("full") => &FULL,
        Ok("") | Err(_) => &COMPRESSED,
        Ok(other) => panic!("SITUATIONS: found {other:?}; expected full, or none"),
    }
}
