//! All servers of a process: one clock, one scenario, one way out for spans and truth.

mod switch;

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use opentelemetry_proto::tonic::trace::v1::ResourceSpans;
use tokio::sync::watch;

use crate::clock::{Clock, unix_now};
use crate::exporter::Exporter;
use crate::model::{Scenario, Traffic};
use crate::replica::{Replica, Settings, With};
use crate::truth::Truth;

pub use switch::Switch;

/// Lines of truth kept for `GET /fleet/truth`.
const KEPT_TRUTH: usize = 50_000;

/// Of this many replicas of a model, one is lost in [`Scenario::ReplicaLoss`].
const LOST_OF: usize = 4;

/// A lock whose holder panicked still holds whole data here: every change is one assignment.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One server and whether it listens.
#[derive(Debug)]
pub struct Member {
    /// The server.
    pub replica: Mutex<Replica>,
    /// Follows [`Replica::is_up`].
    pub up: watch::Sender<bool>,
    /// Where it listens.
    pub address: Option<std::net::SocketAddr>,
    /// Its place among the replicas of its model.
    pub index: usize,
    traffic: Traffic,
}

#[derive(Debug)]
struct State {
    clock: Clock,
    scenario: Scenario,
    /// The only model it is for; all others are steady.
    model: Option<String>,
    /// Replaces every server's own.
    traffic: Option<Traffic>,
    /// Start-ups whose spans were sent.
    start_ups: u64,
    truth: VecDeque<Truth>,
    written: u64,
    log: Option<std::fs::File>,
}

/// The servers.
#[derive(Debug)]
pub struct World {
    /// In the order they were given.
    pub members: Vec<Arc<Member>>,
    state: Mutex<State>,
    exporter: Mutex<Option<Exporter>>,
}

impl World {
    /// Starts the servers and sends their start-up spans. `log` takes the truth, a line a request.
    #[must_use]
    pub fn new(
        servers: Vec<(Settings, Option<std::net::SocketAddr>)>,
        speed: f64,
        exporter: Option<Exporter>,
        log: Option<std::fs::File>,
    ) -> Arc<Self> {
        let wall = unix_now();
        let mut members: Vec<Arc<Member>> = Vec::new();
        for (settings, address) in servers {
            let same = |m: &&Arc<Member>| lock(&m.replica).settings().models == settings.models;
            let index = members.iter().filter(same).count();
            members.push(Arc::new(Member {
                traffic: settings.traffic,
                replica: Mutex::new(Replica::new(settings, 0.0, wall)),
                up: watch::Sender::new(true),
                address,
                index,
            }));
        }
        // The warm-up took real time; virtual time begins now.
        let wall = unix_now();
        let world = Arc::new(Self {
            state: Mutex::new(State {
                clock: Clock::new(wall, speed),
                scenario: Scenario::Steady,
                model: None,
                traffic: None,
                start_ups: 0,
                truth: VecDeque::new(),
                written: 0,
                log,
            }),
            exporter: Mutex::new(exporter),
            members,
        });
        for member in &world.members {
            let spans = lock(&member.replica).start_up_spans(wall);
            world.export_start_up(spans);
        }
        world
    }

    fn export(&self, spans: Vec<ResourceSpans>) {
        if let Some(exporter) = lock(&self.exporter).as_ref() {
            spans.into_iter().for_each(|spans| exporter.send(spans));
        }
    }

    fn export_start_up(&self, spans: Vec<ResourceSpans>) {
        if !spans.is_empty() {
            lock(&self.state).start_ups += 1;
            self.export(spans);
        }
    }

    /// Virtual seconds now.
    #[must_use]
    pub fn virtual_now(&self) -> f64 {
        lock(&self.state).clock.at(unix_now())
    }

    /// Lets every server live until now.
    pub fn tick(&self) {
        let wall = unix_now();
        let (at, speed) = {
            let state = lock(&self.state);
            (state.clock.at(wall), state.clock.speed())
        };
        for member in &self.members {
            let output = lock(&member.replica).advance(at, wall, speed);
            self.export(output.spans);
            self.record(output.truth);
        }
    }

    fn record(&self, truth: Vec<Truth>) {
        if truth.is_empty() {
            return;
        }
        let mut state = lock(&self.state);
        for truth in truth {
            if let Some(log) = &mut state.log
                && let Ok(line) = serde_json::to_string(&truth)
            {
                // A full disk must not stop a server; the reader misses lines and says so.
                let _ = writeln!(log, "{line}");
            }
            state.truth.push_back(truth);
            state.written += 1;
            if state.truth.len() > KEPT_TRUTH {
                state.truth.pop_front();
            }
        }
    }

    /// The truth from number `from` on, and the number of the next one. Old ones are forgotten.
    #[must_use]
    pub fn truth(&self, from: u64) -> (Vec<Truth>, u64) {
        let state = lock(&self.state);
        let first = state.written - state.truth.len() as u64;
        let skip = from.saturating_sub(first) as usize;
        (
            state.truth.iter().skip(skip).cloned().collect(),
            state.written,
        )
    }

    /// Start-ups whose spans were handed to the exporter: a trace each.
    #[must_use]
    pub fn start_ups(&self) -> u64 {
        lock(&self.state).start_ups
    }

    /// The scenario, and virtual seconds a second.
    #[must_use]
    pub fn scenario(&self) -> (Scenario, f64) {
        let state = lock(&self.state);
        (state.scenario, state.clock.speed())
    }

    /// Changes scenario, traffic, speed; skips time.
    ///
    /// # Errors
    /// Names the field, what was found and what is expected; nothing is changed then.
    pub fn switch(&self, wanted: &Switch) -> Result<(), String> {
        let scenario = wanted.check()?;
        self.tick();
        let wall = unix_now();
        {
            let mut state = lock(&self.state);
            if let Some(speed) = wanted.speed {
                state.clock.set_speed(wall, speed);
            }
            state.scenario = scenario.unwrap_or(state.scenario);
            if let Some(model) = &wanted.model {
                state.model = Some(model.clone()).filter(|model| !model.is_empty());
            }
            if let Some(first) = self.members.first() {
                let mut traffic = state.traffic.unwrap_or(first.traffic);
                let asked = [
                    wanted.requests_per_second,
                    wanted.slow_share,
                    wanted.abort_share,
                ];
                let own = [
                    &mut traffic.requests_per_second,
                    &mut traffic.slow_share,
                    &mut traffic.abort_share,
                ];
                for (own, asked) in own.into_iter().zip(asked) {
                    *own = asked.unwrap_or(*own);
                }
                if asked.iter().any(Option::is_some) {
                    state.traffic = Some(traffic);
                }
            }
        }
        self.apply(scenario == Some(Scenario::Restart), wall);
        if let Some(seconds) = wanted.skip {
            lock(&self.state).clock.skip(seconds);
        }
        self.tick();
        Ok(())
    }

    /// Brings every server into the state that the scenario asks for.
    fn apply(&self, restart: bool, wall: f64) {
        let (asked, model, asked_traffic, at) = {
            let state = lock(&self.state);
            let model = state.model.clone();
            (state.scenario, model, state.traffic, state.clock.at(wall))
        };
        for member in &self.members {
            let mut replica = lock(&member.replica);
            let meant = model
                .as_ref()
                .is_none_or(|m| *m == replica.settings().models[0]);
            let scenario = if meant { asked } else { Scenario::Steady };
            let lost = match scenario {
                Scenario::TotalOutage => true,
                Scenario::ReplicaLoss => member.index.is_multiple_of(LOST_OF),
                _ => false,
            };
            let mut traffic = asked_traffic.filter(|_| meant).unwrap_or(member.traffic);
            if scenario == Scenario::ReplicaLoss {
                // The others take what the lost ones had.
                traffic.requests_per_second *= LOST_OF as f64 / (LOST_OF - 1) as f64;
            }
            replica.trace(scenario != Scenario::TracingOff);
            replica.switch(at, scenario.behaviour(), traffic);
            let with = match scenario {
                Scenario::SpecDecode => With::SpecDecode,
                Scenario::Lora => With::Lora,
                _ => With::Nothing,
            };
            let mut spans = Vec::new();
            if lost {
                replica.kill();
            } else if (restart && meant) || !replica.is_up() || replica.with() != with {
                spans = replica.restart(at, wall, with);
            }
            let up = replica.is_up();
            drop(replica);
            self.export_start_up(spans);
            member.up.send_replace(up);
        }
    }

    /// Sends what waits and ends; takes `limit` at most.
    pub async fn stop(&self, limit: std::time::Duration) {
        let exporter = lock(&self.exporter).take();
        if let Some(exporter) = exporter {
            exporter.stop(limit).await;
        }
    }
}
