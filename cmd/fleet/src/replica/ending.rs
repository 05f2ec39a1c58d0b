//! What a server tells of a request that ends: to its client, in a span, to the HTTP layer, in the truth.

use opentelemetry_proto::tonic::trace::v1::Span;

use super::{Piece, Replica, handler};
use crate::http_stats::Call;
use crate::model::{End, Outcome, Request};
use crate::spans::{hex, request_span};
use crate::truth::Truth;

impl Replica {
    /// Tells a waiting client.
    pub(super) fn tell(&self, client: u64, piece: Piece) {
        if let Some(client) = self.clients.get(&client) {
            // One that left is aborted by its own guard.
            let _ = client.pieces.send(piece);
        }
    }

    /// A request ended at `wall` (seconds since 1970): its span goes to `spans`.
    pub(super) fn ended(
        &mut self,
        engine: usize,
        outcome: &Outcome,
        wall: f64,
        spans: &mut Vec<Span>,
    ) -> Truth {
        let request = &outcome.request;
        let waiting = request.client.and_then(|client| self.clients.get(&client));
        let parent = waiting.and_then(|client| client.parent.clone());
        let id = match waiting {
            Some(client) => client.id.clone(),
            None => self.own_id(engine, request),
        };
        let sampled = parent.as_ref().is_none_or(|parent| parent.sampled);
        let mut ids = (None, None);
        if let Some(times) = outcome.times.filter(|_| self.tracing && sampled) {
            let end = (wall * 1e9) as u64;
            let rng = &mut self.rng;
            let span = request_span(
                rng,
                request,
                &times,
                outcome.generated,
                &id,
                parent.as_ref(),
                end,
            );
            ids = (Some(hex(&span.trace_id)), Some(hex(&span.span_id)));
            spans.push(span);
        }
        match request.client {
            Some(client) => self.ended_for_client(client, outcome.end),
            None => self.count_own(engine, outcome, wall),
        }
        Truth {
            model: self.settings.models[0].clone(),
            replica: self.settings.name.clone(),
            id,
            trace_id: ids.0,
            span_id: ids.1,
            outcome: outcome.end.as_str().to_owned(),
            at: outcome.at,
            e2e: outcome.times.map(|times| times.e2e),
            time_to_first_token: outcome.times.map(|times| times.time_to_first_token),
            decode: outcome.times.map(|times| times.decode),
            prompt_tokens: request.prompt,
            completion_tokens: outcome.generated,
            preemptions: outcome.preemptions,
        }
    }

    fn ended_for_client(&mut self, client: u64, end: End) {
        self.tell(client, Piece::Ended(end));
        if let Some(waiting) = self.clients.get_mut(&client) {
            waiting.left = waiting.left.saturating_sub(1);
            if waiting.left == 0 {
                self.clients.remove(&client);
            }
        }
    }

    /// The same for all children of a request; vLLM appends `-0` to those of completions.
    fn own_id(&self, engine: usize, request: &Request) -> String {
        let number =
            (self.settings.seed << 40) ^ (self.starts << 32) ^ ((engine as u64) << 28) ^ request.id;
        // An odd factor: different numbers stay different.
        let text = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        if request.chat {
            format!("chatcmpl-{text:016x}")
        } else {
            format!("cmpl-{text:016x}-0")
        }
    }

    /// The HTTP layer's view of own traffic.
    fn count_own(&mut self, engine: usize, outcome: &Outcome, wall: f64) {
        let request = &outcome.request;
        if request.n > 1 && outcome.end != End::Rejected {
            let key = (engine, request.id);
            let left = self.families.entry(key).or_insert(request.n);
            *left -= 1;
            if *left > 0 {
                return;
            }
            self.families.remove(&key);
        }
        // A client that gave up is counted as answered, also before its first token.
        let call = Call {
            handler: handler(request.chat),
            method: "POST",
            status: match outcome.end {
                End::Error | End::Rejected => "5xx",
                _ => "2xx",
            },
            seconds: outcome.at - request.arrival,
            request_bytes: 200 + 4 * request.prompt,
            response_bytes: 400 + 4 * outcome.generated,
        };
        self.http.count(&call, wall);
    }
}
