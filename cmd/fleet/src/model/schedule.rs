//! The beginning of a step: who gets tokens, who is preempted.
//!
//! The order is vLLM's: running sequences first, in the order of their admission; where the KV cache
//! is full the last admitted is preempted and computed anew later; then waiting ones, first come
//! first served, as long as tokens, places and blocks last.

use super::engine::{Engine, Plan, Sequence};
use super::stats::Counter;

/// Steps taken at once at most, where nothing can happen between them.
const MOST_STEPS: u64 = 64;

/// The same while a client outside waits for tokens, or drafts are drawn.
const FEW_STEPS: u64 = 4;

impl Engine {
    /// Schedules, and begins as many steps as will be alike.
    pub(super) fn begin_steps(&mut self) {
        let mut budget = self.config.max_num_batched_tokens;
        let preempted = self.schedule_running(&mut budget);
        if !preempted {
            self.admit(&mut budget);
        }
        let prefilled: u64 = self
            .running
            .iter()
            .filter(|s| s.to_prefill() > 0)
            .map(|s| s.scheduled)
            .sum();
        let decoding = self.running.iter().filter(|s| s.to_prefill() == 0).count();
        let step = self.behaviour.step
            * self.workload.jitter()
            * (self.config.step_base
                + decoding as f64 * self.config.step_per_sequence
                + prefilled as f64 * self.config.step_per_prefill_token);
        let steps = if prefilled == 0 && !preempted {
            self.steps_alike(step)
        } else {
            1
        };
        for sequence in &mut self.running {
            if sequence.to_prefill() == 0 {
                sequence.scheduled = steps;
            }
        }
        self.publish_gauges();
        self.plan = Some(Plan {
            end: self.now + steps as f64 * step,
            steps,
            step,
            stalled: 0.0,
        });
    }

    /// How many decode steps pass until something else can happen.
    fn steps_alike(&self, step: f64) -> u64 {
        let few =
            self.config.draft_tokens > 0 || self.running.iter().any(|s| s.request.client.is_some());
        let until_end = self.running.iter().map(Sequence::left).min().unwrap_or(1);
        let until_arrival = (self.workload.next_arrival() - self.now) / step;
        let most = if few { FEW_STEPS } else { MOST_STEPS };
        let mut steps = most
            .min(until_end)
            .min(until_arrival.clamp(1.0, 1e6).ceil() as u64)
            .max(1);
        while steps > 1 && self.blocks_wanted(steps) > self.kv.free() {
            steps /= 2;
        }
        steps
    }

    /// Blocks that all running sequences take together in `steps` decode steps.
    fn blocks_wanted(&self, steps: u64) -> u64 {
        let wanted = |s: &Sequence| {
            let have = s.blocks + s.shared.map_or(0, |(_, blocks)| blocks);
            self.config
                .blocks(s.computed + steps * (1 + u64::from(self.config.draft_tokens)))
                .saturating_sub(have)
        };
        self.running.iter().map(wanted).sum()
    }

    /// Gives every running sequence its next token or chunk; preempts from the end where blocks
    /// lack. Gives whether any was preempted.
    fn schedule_running(&mut self, budget: &mut u64) -> bool {
        let mut preempted = false;
        let mut index = 0;
        while index < self.running.len() {
            let per_step = 1 + u64::from(self.config.draft_tokens);
            let sequence = &self.running[index];
            let tokens = match sequence.to_prefill() {
                0 => per_step,
                chunk => chunk.min(*budget),
            };
            let have = sequence.blocks + sequence.shared.map_or(0, |(_, blocks)| blocks);
            let wanted = self
                .config
                .blocks(sequence.computed + tokens)
                .saturating_sub(have);
            if self.kv.allocate(wanted) {
                let sequence = &mut self.running[index];
                sequence.blocks += wanted;
                sequence.scheduled = tokens;
                *budget = budget.saturating_sub(tokens);
                index += 1;
                continue;
            }
            preempted = true;
            self.preempt_last();
        }
        preempted
    }

    fn preempt_last(&mut self) {
        let Some(mut sequence) = self.running.pop() else {
            return;
        };
        self.free(&sequence);
        self.stats.add(Counter::Preemptions, 1);
        sequence.preemptions += 1;
        sequence.blocks = 0;
        sequence.shared = None;
        sequence.computed = 0;
        sequence.scheduled = 0;
        self.waiting.push_front(sequence);
    }

    /// Admits waiting sequences.
    fn admit(&mut self, budget: &mut u64) {
        while self.running.len() < self.config.max_num_seqs && *budget > 0 {
            let Some(mut sequence) = self.waiting.pop_front() else {
                return;
            };
            if let Some((which, _)) = sequence.request.prefix {
                let blocks = self.kv.share(which);
                if blocks > 0 {
                    sequence.shared = Some((which, blocks));
                    sequence.computed = blocks * self.config.block_size;
                }
            }
            let chunk = sequence.to_prefill().min(*budget);
            let have = sequence.shared.map_or(0, |(_, blocks)| blocks);
            let wanted = self
                .config
                .blocks(sequence.computed + chunk)
                .saturating_sub(have);
            if !self.kv.allocate(wanted) {
                if let Some((which, _)) = sequence.shared.take() {
                    self.kv.unshare(which);
                }
                sequence.computed = 0;
                self.waiting.push_front(sequence);
                return;
            }
            sequence.blocks = wanted;
            sequence.scheduled = chunk;
            *budget -= chunk;
            if sequence.first_scheduled.is_none() {
                sequence.first_scheduled = Some(self.now);
                sequence.cached = sequence.computed;
                let prompt = sequence.request.prompt;
                self.stats.add(Counter::PrefixQueries, prompt);
                self.stats.add(Counter::PrefixHits, sequence.cached);
            }
            self.running.push(sequence);
        }
    }
}
