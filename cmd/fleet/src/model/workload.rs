//! The requests that come by themselves.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::behaviour::Behaviour;
use super::config::Config;
use super::request::{End, Request};

/// Prompt beginnings that clients share, the first ones more often.
const PREFIXES: usize = 8;

/// What comes by itself, before a scenario changes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Traffic {
    /// Requests a virtual second and engine; 0 for none.
    pub requests_per_second: f64,
    /// Share of requests whose answer takes 140 to 300 s.
    pub slow_share: f64,
    /// Share of clients that go away before the end.
    pub abort_share: f64,
}

impl Default for Traffic {
    fn default() -> Self {
        Self {
            requests_per_second: 1.0,
            slow_share: 0.01,
            abort_share: 0.02,
        }
    }
}

/// Draws requests, one after the other.
#[derive(Debug, Clone)]
pub(super) struct Workload {
    rng: ChaCha8Rng,
    pub(super) traffic: Traffic,
    next: f64,
    next_id: u64,
}

impl Workload {
    pub(super) fn new(seed: u64, traffic: Traffic, from: f64) -> Self {
        let mut new = Self {
            rng: ChaCha8Rng::seed_from_u64(seed),
            traffic,
            next: f64::INFINITY,
            next_id: 0,
        };
        new.schedule(from, 1.0);
        new
    }

    /// Virtual second of the next arrival.
    pub(super) fn next_arrival(&self) -> f64 {
        self.next
    }

    pub(super) fn fresh_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Draws the next arrival from `from` on: a Poisson process.
    pub(super) fn schedule(&mut self, from: f64, load: f64) {
        let rate = self.traffic.requests_per_second * load;
        self.next = if rate > 0.0 {
            from - (1.0 - self.rng.random::<f64>()).ln() / rate
        } else {
            f64::INFINITY
        };
    }

    /// The request of the arrival that is due, and the next arrival after it.
    pub(super) fn draw(&mut self, config: &Config, behaviour: &Behaviour) -> Request {
        let arrival = self.next;
        self.schedule(arrival, behaviour.load);
        let room = config.room();
        let prompt =
            (self.log_normal(450.0, 0.9) * behaviour.prompt).clamp(8.0, room as f64 * 0.75) as u64;
        let prefix = self.rng.random_bool(0.6).then(|| {
            let which = (self.rng.random::<f64>().powi(2) * PREFIXES as f64) as usize;
            (which, 128 * (1 + which as u64))
        });
        let mut output = self.log_normal(220.0, 0.7) * behaviour.output;
        if self.rng.random_bool(self.traffic.slow_share) {
            let seconds = self.rng.random_range(140.0..300.0);
            output = output.max(seconds / config.nominal_token());
        }
        let output = output.clamp(1.0, (room - prompt) as f64) as u64;
        let at_limit = self.rng.random_bool(0.3);
        let fails = self.rng.random_bool(behaviour.error_share);
        let leaves = self.rng.random_bool(self.traffic.abort_share);
        let part = self.rng.random::<f64>();
        Request {
            id: self.fresh_id(),
            arrival,
            prompt,
            output: if fails {
                1 + (output as f64 * part) as u64
            } else {
                output
            },
            end: match (fails, at_limit) {
                (true, _) => End::Error,
                (false, true) => End::Length,
                (false, false) => End::Stop,
            },
            leaves_after: leaves.then_some((output as f64 * part) as u64),
            max_tokens: if at_limit {
                output
            } else {
                (output * 2).min(room - prompt)
            },
            temperature: if self.rng.random_bool(0.4) { 0.0 } else { 0.7 },
            top_p: if self.rng.random_bool(0.5) { 1.0 } else { 0.95 },
            n: if self.rng.random_bool(0.02) { 2 } else { 1 },
            prefix: prefix.filter(|(_, tokens)| config.prefix_caching && *tokens < prompt),
            chat: self.rng.random_bool(0.7),
            client: None,
        }
    }

    /// `median` times e to a normal number of deviation `sigma` (Box and Muller).
    fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        let radius = (-2.0 * (1.0 - self.rng.random::<f64>()).ln()).sqrt();
        let angle = std::f64::consts::TAU * self.rng.random::<f64>();
        median * (sigma * radius * angle.cos()).exp()
    }

    /// Tokens of a draft that are accepted: each with 0.7, the first refused ends it.
    pub(super) fn accepted(&mut self, draft: u32) -> u32 {
        (0..draft).take_while(|_| self.rng.random_bool(0.7)).count() as u32
    }

    /// What a step's length differs by: ± 10 %.
    pub(super) fn jitter(&mut self) -> f64 {
        self.rng.random_range(0.9..1.1)
    }
}
