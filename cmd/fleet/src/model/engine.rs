//! The engine's life: arrivals, queue, steps one after the other.

use std::collections::{BTreeMap, VecDeque};

use super::behaviour::Behaviour;
use super::config::Config;
use super::kv::KvCache;
use super::request::{End, Outcome, Request};
use super::stats::{Counter, Stats};
use super::workload::{Traffic, Workload};

/// Seconds a client waits for its first token before it gives up.
const PATIENCE: f64 = 300.0;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// New tokens for a waiting client.
    Tokens {
        /// Who waits ([`Request::client`]).
        client: u64,
        /// How many.
        count: u64,
    },
    /// A request ended.
    Ended(Box<Outcome>),
}

/// A request in the engine.
#[derive(Debug, Clone)]
pub(super) struct Sequence {
    pub(super) request: Request,
    /// Tokens whose keys and values are in the cache.
    pub(super) computed: u64,
    pub(super) generated: u64,
    /// Blocks of its own.
    pub(super) blocks: u64,
    /// The shared prefix it uses: which, and its blocks.
    pub(super) shared: Option<(usize, u64)>,
    /// Tokens that the step under way adds.
    pub(super) scheduled: u64,
    pub(super) first_scheduled: Option<f64>,
    pub(super) first_token: Option<f64>,
    pub(super) last_token: f64,
    pub(super) cached: u64,
    pub(super) preemptions: u64,
}

impl Sequence {
    fn new(request: Request) -> Self {
        Self {
            request,
            computed: 0,
            generated: 0,
            blocks: 0,
            shared: None,
            scheduled: 0,
            first_scheduled: None,
            first_token: None,
            last_token: 0.0,
            cached: 0,
            preemptions: 0,
        }
    }

    /// Tokens it has: prompt, and answer so far.
    pub(super) fn tokens(&self) -> u64 {
        self.request.prompt + self.generated
    }

    /// Tokens to compute before it decodes.
    pub(super) fn to_prefill(&self) -> u64 {
        let known = self.tokens().saturating_sub(u64::from(self.generated > 0));
        known.saturating_sub(self.computed)
    }

    /// Tokens of the answer until it ends or its client leaves.
    pub(super) fn left(&self) -> u64 {
        let until = self.request.leaves_after.unwrap_or(u64::MAX);
        self.request
            .output
            .min(until.max(1))
            .saturating_sub(self.generated)
    }
}

/// Steps that were begun: all alike, one after the other.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) end: f64,
    pub(super) steps: u64,
    pub(super) step: f64,
    /// Seconds that a stall has added to one of them.
    pub(super) stalled: f64,
}

/// One vLLM engine.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(super) config: Config,
    pub(super) stats: Stats,
    pub(super) behaviour: Behaviour,
    pub(super) now: f64,
    pub(super) waiting: VecDeque<Sequence>,
    pub(super) running: Vec<Sequence>,
    pub(super) kv: KvCache,
    pub(super) plan: Option<Plan>,
    pub(super) workload: Workload,
    pub(super) events: Vec<Event>,
    /// Children still to end, and the longest answer so far, of requests with n > 1.
    pub(super) families: BTreeMap<u64, (u64, u64)>,
    stalled_since: Option<f64>,
}

impl Engine {
    /// An idle engine at virtual second `start`.
    #[must_use]
    pub fn new(config: Config, traffic: Traffic, seed: u64, start: f64) -> Self {
        Self {
            stats: Stats::new(config.max_model_len),
            behaviour: Behaviour::default(),
            now: start,
            waiting: VecDeque::new(),
            running: Vec::new(),
            kv: KvCache::new(config.num_gpu_blocks),
            plan: None,
            workload: Workload::new(seed, traffic, start),
            events: Vec::new(),
            families: BTreeMap::new(),
            stalled_since: None,
            config,
        }
    }

    /// Its sizes and speeds.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Its numbers as its last step left them.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Numbers of the requests that run, in its order.
    pub fn running(&self) -> impl Iterator<Item = u64> {
        self.running.iter().map(|sequence| sequence.request.id)
    }

    /// Numbers of the requests that wait, in its order.
    pub fn waiting(&self) -> impl Iterator<Item = u64> {
        self.waiting.iter().map(|sequence| sequence.request.id)
    }

    /// Takes what happened since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Changes how it behaves, and what comes, from virtual second `at` on (≥ the last `advance`).
    pub fn switch(&mut self, at: f64, behaviour: Behaviour, traffic: Traffic) {
        match (self.stalled_since, behaviour.stalled) {
            (None, true) => self.stalled_since = Some(at),
            (Some(since), false) => {
                self.stalled_since = None;
                if let Some(plan) = &mut self.plan {
                    plan.end += at - since;
                    plan.stalled += at - since;
                }
                self.now = self.now.max(at);
            }
            _ => {}
        }
        if behaviour.emptied && !self.behaviour.emptied {
            self.empty();
        }
        self.workload.traffic = traffic;
        self.workload.schedule(at, behaviour.load);
        self.behaviour = behaviour;
    }

    /// The clients of all requests in hand have left, and the engine has said so.
    fn empty(&mut self) {
        for sequence in std::mem::take(&mut self.running) {
            self.free(&sequence);
        }
        self.waiting.clear();
        self.families.clear();
        self.plan = None;
        self.publish_gauges();
    }

    /// A client's request; false where the queue is full.
    pub fn submit(&mut self, mut request: Request) -> bool {
        request.id = self.workload.fresh_id();
        self.enqueue(request)
    }

    /// A client goes away.
    pub fn abort(&mut self, client: u64) {
        self.waiting.retain(|s| s.request.client != Some(client));
        let mut gone = Vec::new();
        self.running.retain(|s| {
            let leaves = s.request.client == Some(client);
            if leaves {
                gone.push(s.clone());
            }
            !leaves
        });
        for sequence in &gone {
            self.free(sequence);
        }
        if self.running.is_empty() {
            self.plan = None;
        }
        self.publish_gauges();
    }

    /// Lives until virtual second `to`. Steps that end later stay under way.
    pub fn advance(&mut self, to: f64) {
        loop {
            if self.stalled_since.is_some() {
                self.take_arrivals(to);
                // Those with a first token wait on.
                self.give_up(to);
                return;
            }
            match &self.plan {
                Some(plan) if plan.end <= to => self.finish_steps(),
                Some(_) => return,
                None => {
                    self.take_arrivals(self.now);
                    self.give_up(self.now);
                    if self.waiting.is_empty() && self.running.is_empty() {
                        let next = self.workload.next_arrival();
                        if next > to {
                            self.now = self.now.max(to);
                            return;
                        }
                        self.now = self.now.max(next);
                    } else {
                        self.begin_steps();
                    }
                }
            }
        }
    }

    fn take_arrivals(&mut self, until: f64) {
        while self.workload.next_arrival() <= until {
            let request = self.workload.draw(&self.config, &self.behaviour);
            let full = |ceiling| {
                let coming: u64 = self.waiting.iter().map(|s| s.request.prompt).sum();
                let coming = self.config.blocks(coming) as f64 / self.kv.total() as f64;
                self.kv.usage() + coming > ceiling
            };
            if !self.behaviour.kv_ceiling.is_some_and(full) {
                self.enqueue(request);
            }
        }
    }

    fn enqueue(&mut self, request: Request) -> bool {
        self.stats.touched = true;
        let limit = self.behaviour.max_queued.unwrap_or(usize::MAX);
        if self.waiting.len() >= limit {
            self.stats.add(Counter::Rejected, 1);
            self.end_unmeasured(request, End::Rejected, 0);
            return false;
        }
        if request.n > 1 {
            self.families.insert(request.id, (request.n, 0));
        }
        for _ in 0..request.n {
            self.waiting.push_back(Sequence::new(request.clone()));
        }
        true
    }

    /// Clients that waited too long for their first token leave; nothing tells of them.
    fn give_up(&mut self, now: f64) {
        while let Some(first) = self.waiting.front() {
            let waits_for = now - first.request.arrival;
            if first.first_scheduled.is_some()
                || first.request.client.is_some()
                || waits_for < PATIENCE
            {
                return;
            }
            if let Some(sequence) = self.waiting.pop_front() {
                self.families.remove(&sequence.request.id);
                let at = sequence.request.arrival + PATIENCE;
                self.end_unmeasured_at(at.max(self.now), sequence.request, End::Aborted, 0);
            }
        }
    }

    /// The end of a request of which the server measures nothing.
    pub(super) fn end_unmeasured(&mut self, request: Request, end: End, generated: u64) {
        self.end_unmeasured_at(self.now.max(request.arrival), request, end, generated);
    }

    fn end_unmeasured_at(&mut self, at: f64, request: Request, end: End, generated: u64) {
        self.events.push(Event::Ended(Box::new(Outcome {
            at,
            request,
            end,
            times: None,
            generated,
            cached: 0,
            preemptions: 0,
        })));
    }

    /// Gives a sequence's blocks back.
    pub(super) fn free(&mut self, sequence: &Sequence) {
        self.kv.release(sequence.blocks);
        if let Some((which, _)) = sequence.shared {
            self.kv.unshare(which);
        }
    }

    pub(super) fn publish_gauges(&mut self) {
        self.stats.running = self.running.len();
        self.stats.waiting = self.waiting.len();
        self.stats.kv_usage = self.kv.usage();
    }
}
