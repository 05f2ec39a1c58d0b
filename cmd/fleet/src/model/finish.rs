//! The end of a step: which tokens came, who is done, what was measured.

use super::engine::{Engine, Event, Plan, Sequence};
use super::request::{End, Outcome, Times};
use super::stats::{Counter, Distribution};

/// Seconds between the engine's last token and the server's observation of the end.
const OUTPUT_DELAY: f64 = 0.000_4;

impl Engine {
    /// The steps under way end: tokens come, requests end, numbers are counted.
    pub(super) fn finish_steps(&mut self) {
        let Some(plan) = self.plan.take() else {
            return;
        };
        self.now = plan.end;
        let mut tokens = 0;
        let mut decoding = 0;
        let mut ended = Vec::new();
        for index in 0..self.running.len() {
            if self.running[index].to_prefill() > 0 {
                tokens += self.prefilled(index);
            } else {
                decoding += 1;
                tokens += self.decoded(index, &plan);
            }
            if self.running[index].left() == 0 {
                ended.push(index);
            }
        }
        let ordinary = plan.steps - u64::from(plan.stalled > 0.0);
        let between = Distribution::InterToken;
        self.stats
            .observe_times(between, plan.step, ordinary * decoding);
        if plan.stalled > 0.0 {
            self.stats
                .observe_times(between, plan.step + plan.stalled, decoding);
        }
        let each = tokens as f64 / plan.steps as f64;
        self.stats
            .observe_times(Distribution::IterationTokens, each, plan.steps);
        // From the end, so that the places of the others stay.
        for index in ended.into_iter().rev() {
            let sequence = self.running.remove(index);
            self.free(&sequence);
            self.end(sequence);
        }
        self.publish_gauges();
    }

    /// A chunk of a prompt is computed; with the last one the first token comes. Gives the tokens
    /// of the step.
    fn prefilled(&mut self, index: usize) -> u64 {
        let now = self.now;
        let sequence = &mut self.running[index];
        let chunk = sequence.scheduled;
        sequence.computed += chunk;
        if sequence.to_prefill() > 0 {
            return chunk;
        }
        if let (Some((which, prefix)), None) = (sequence.request.prefix, sequence.shared) {
            let blocks = (prefix / self.config.block_size).min(sequence.blocks);
            if self.kv.publish(which, blocks) {
                sequence.blocks -= blocks;
                sequence.shared = Some((which, blocks));
            }
        }
        if sequence.first_token.is_some() {
            // Computed anew after a preemption: the next token comes with the next step.
            return chunk;
        }
        sequence.first_token = Some(now);
        sequence.last_token = now;
        sequence.generated = 1;
        let request = &sequence.request;
        let (prompt, cached, client) = (request.prompt, sequence.cached, request.client);
        let waited = now - request.arrival;
        self.stats
            .observe(Distribution::TimeToFirstToken, waited + OUTPUT_DELAY);
        self.stats.add(Counter::PromptTokens, prompt);
        self.stats.add(Counter::PromptComputed, prompt - cached);
        self.stats.add(Counter::PromptCached, cached);
        self.tell(client, 1);
        chunk + 1
    }

    /// Decode steps are done. Gives the tokens they brought.
    fn decoded(&mut self, index: usize, plan: &Plan) -> u64 {
        let draft = self.config.draft_tokens;
        let mut count = plan.steps;
        if draft > 0 {
            for _ in 0..plan.steps {
                let accepted = self.workload.accepted(draft);
                count += u64::from(accepted);
                self.stats.add(Counter::Drafts, 1);
                self.stats.add(Counter::DraftTokens, draft.into());
                self.stats.add(Counter::AcceptedTokens, accepted.into());
                for position in 0..accepted {
                    self.stats.add_accepted(position as usize, 1);
                }
            }
        }
        let now = self.now;
        let sequence = &mut self.running[index];
        count = count.min(sequence.left());
        sequence.generated += count;
        sequence.computed += count;
        sequence.last_token = now;
        let have = sequence.blocks + sequence.shared.map_or(0, |(_, blocks)| blocks);
        let wanted = self.config.blocks(sequence.computed).saturating_sub(have);
        let client = sequence.request.client;
        // Steps alike were counted so that these blocks are there.
        if self.kv.allocate(wanted) {
            self.running[index].blocks += wanted;
        }
        self.tell(client, count);
        count
    }

    fn tell(&mut self, client: Option<u64>, count: u64) {
        self.stats.add(Counter::GenerationTokens, count);
        if let Some(client) = client {
            self.events.push(Event::Tokens { client, count });
        }
    }

    /// A sequence ended: by itself, or because its client left.
    fn end(&mut self, sequence: Sequence) {
        if sequence.generated < sequence.request.output {
            self.families.remove(&sequence.request.id);
            self.end_unmeasured(sequence.request, End::Aborted, sequence.generated);
            return;
        }
        let request = sequence.request;
        let first = sequence.first_token.unwrap_or(self.now);
        let scheduled = sequence.first_scheduled.unwrap_or(first);
        let times = Times {
            e2e: self.now + OUTPUT_DELAY - request.arrival,
            time_to_first_token: first + OUTPUT_DELAY - request.arrival,
            queue: scheduled - request.arrival,
            prefill: first - scheduled,
            decode: sequence.last_token - first,
            inference: sequence.last_token - scheduled,
        };
        use Distribution as D;
        let seen = [
            (D::E2e, times.e2e),
            (D::Queue, times.queue),
            (D::Prefill, times.prefill),
            (D::Decode, times.decode),
            (D::Inference, times.inference),
            (D::PromptTokens, request.prompt as f64),
            (D::GenerationTokens, sequence.generated as f64),
            (D::MaxTokens, request.max_tokens as f64),
            (
                D::PrefillComputed,
                (request.prompt - sequence.cached) as f64,
            ),
            (D::RequestPreemptions, sequence.preemptions as f64),
            (
                D::TimePerOutputToken,
                times.decode / sequence.generated.saturating_sub(1).max(1) as f64,
            ),
        ];
        for (distribution, value) in seen {
            self.stats.observe(distribution, value);
        }
        self.stats.add(
            match request.end {
                End::Length => Counter::Length,
                End::Error => Counter::Error,
                _ => Counter::Stop,
            },
            1,
        );
        self.end_family(request.id, request.n, sequence.generated);
        self.events.push(Event::Ended(Box::new(Outcome {
            end: request.end,
            at: self.now + OUTPUT_DELAY,
            times: Some(times),
            generated: sequence.generated,
            cached: sequence.cached,
            preemptions: sequence.preemptions,
            request,
        })));
    }

    /// Two histograms observe a request once, when the last of its `n` children ends.
    fn end_family(&mut self, id: u64, n: u64, generated: u64) {
        let mut longest = generated;
        if n > 1 {
            let Some((left, most)) = self.families.get_mut(&id) else {
                return;
            };
            *left -= 1;
            *most = (*most).max(generated);
            longest = *most;
            if *left > 0 {
                return;
            }
            self.families.remove(&id);
        }
        self.stats.observe(Distribution::N, n as f64);
        self.stats
            .observe(Distribution::MaxGenerationTokens, longest as f64);
    }
}
