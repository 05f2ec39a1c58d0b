//! The one-shot run: a script of scenarios, each played until its alerts have fired or resolved.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use fleet::model::Scenario;

use crate::ledger::{Ledger, list};

/// How long a step may take: it takes under 40 s on an idle machine.
const LIMIT: Duration = Duration::from_secs(180);

/// When a step is over.
#[derive(Debug, Clone, Copy)]
enum Until {
    /// So many slow requests were seen.
    Slow(usize),
    /// This alert fires.
    Firing(&'static str),
    /// It fires no more.
    Resolved(&'static str),
    /// All of these have fired.
    Fired(&'static [&'static str]),
}

const FLEET: &[(Scenario, Until)] = &[
    (Scenario::Steady, Until::Slow(10)),
    (Scenario::ReplicaLoss, Until::Firing("VllmReplicaDown")),
    (Scenario::Steady, Until::Resolved("VllmReplicaDown")),
    (Scenario::PreemptionStorm, Until::Fired(FLEET_ALERTS)),
];

/// Alerts that the script must raise, and no other.
pub const FLEET_ALERTS: &[&str] = &[
    "VllmE2ELatencyHigh",
    "VllmKVCacheNearlyFull",
    "VllmPreemptionSpike",
    "VllmQueueTooLong",
    "VllmReplicaDown",
    "VllmSlowRequestsPresent",
    "VllmTimeToFirstTokenHigh",
    "VllmWaitingForCapacity",
];

/// Alerts that the replayed capture must raise, and no other.
pub const REPLAY_ALERTS: &[&str] = &[
    "VllmPreemptionSpike",
    "VllmQueueTooLong",
    "VllmReplicaDown",
    "VllmTimeToFirstTokenHigh",
];

/// Traces sent in a replay.
const REPLAY_TRACES: u64 = 3000;

/// Where the script stands.
#[derive(Debug)]
pub struct Script {
    step: usize,
    since: Instant,
    replay: bool,
}

impl Script {
    /// The script of the fleet, or of a replay.
    #[must_use]
    pub fn new(replay: bool) -> Self {
        Self {
            step: 0,
            since: Instant::now(),
            replay,
        }
    }

    /// Looks whether the step is over: the scenario to switch to, or that all is done.
    ///
    /// # Errors
    /// When a step takes too long; says what it waited for.
    pub fn next(&mut self, ledger: &Ledger, with_fleet_spans: bool) -> Result<Next> {
        let late = self.since.elapsed() >= LIMIT;
        if self.replay {
            let fired = REPLAY_ALERTS
                .iter()
                .all(|name| ledger.fired.contains(*name));
            let over = late || fired && ledger.traces >= REPLAY_TRACES;
            return Ok(if over { Next::Done } else { Next::Wait });
        }
        let Some((scenario, until)) = FLEET.get(self.step) else {
            return Ok(Next::Done);
        };
        let over = match until {
            Until::Slow(count) => !with_fleet_spans || ledger.slow.len() >= *count,
            Until::Firing(name) => ledger.firing.contains(*name),
            Until::Resolved(name) => !ledger.firing.contains(*name),
            Until::Fired(names) => names.iter().all(|name| ledger.fired.contains(*name)),
        };
        if over {
            self.step += 1;
            self.since = Instant::now();
            return Ok(FLEET
                .get(self.step)
                .map_or(Next::Done, |(next, _)| Next::Play(*next)));
        }
        if late {
            bail!(
                "{} went on for {} s without {until:?}; slow traces {}, alerts firing {}, pending {}",
                scenario.as_str(),
                LIMIT.as_secs(),
                ledger.slow.len(),
                list(&ledger.firing),
                list(&ledger.pending)
            );
        }
        Ok(Next::Wait)
    }
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing yet.
    Wait,
    /// This scenario.
    Play(Scenario),
    /// The verdict.
    Done,
}
