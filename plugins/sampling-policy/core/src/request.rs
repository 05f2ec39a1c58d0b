//! What a finished request says of itself.

use crate::reasons::{DECODE, FIRST_LIMIT, SLOW_FIRST_TOKEN, SLOW_OUTPUT};

/// Longest time that is believed, in seconds. A request that the engine failed before it was
/// scheduled reports the engine's uptime.
const LONGEST: f64 = 86_400.0;

/// How much longer than the whole its parts may be, in seconds: the parts are measured by two
/// processes (up to 1.4 s apart in the captures).
const SLACK: f64 = 10.0;

/// From so many tokens on, time per output token says something.
const ENOUGH_TOKENS: f64 = 16.0;

/// The numbers of a request span: seconds and tokens, NaN where an attribute is absent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Request {
    /// `gen_ai.latency.e2e`.
    pub e2e: f64,
    /// `gen_ai.latency.time_to_first_token`.
    pub first_token: f64,
    /// `gen_ai.latency.time_in_model_decode`.
    pub decode: f64,
    /// `gen_ai.latency.time_in_queue`.
    pub queue: f64,
    /// `gen_ai.latency.time_in_model_prefill`.
    pub prefill: f64,
    /// `gen_ai.usage.prompt_tokens`.
    pub prompt_tokens: f64,
    /// `gen_ai.usage.completion_tokens`.
    pub completion_tokens: f64,
}

impl Request {
    /// Whether the times can be learnt from: those that are there are possible ones, and a token
    /// was generated.
    #[inline]
    #[must_use]
    pub fn possible(&self) -> bool {
        // NaN is an absent attribute or no number: neither contradicts.
        let possible = |seconds: f64| seconds.is_nan() || (0.0..=LONGEST).contains(&seconds);
        let exceeds = |parts: f64, whole: f64| parts > whole + SLACK;
        self.completion_tokens >= 1.0
            && possible(self.e2e)
            && possible(self.first_token)
            && possible(self.decode)
            && possible(self.queue)
            && possible(self.prefill)
            && !exceeds(self.queue + self.prefill, self.first_token)
            && !exceeds(self.first_token, self.e2e)
    }

    /// Seconds per output token after the first one, where there are enough of them.
    #[inline]
    #[must_use]
    pub fn per_output_token(&self) -> Option<f64> {
        (self.completion_tokens >= ENOUGH_TOKENS && self.decode >= 0.0)
            .then(|| self.decode / (self.completion_tokens - 1.0))
    }

    /// Where the time that a reason is about went: the number of its largest part in
    /// [`crate::reasons::CAUSES`], 0 when that is not known. Frontend (API server, tokenizer) is the
    /// time to the first token without queue and prefill, where all three are known. Where a part is
    /// not, the largest of the others is the cause only if no more than it is left.
    #[must_use]
    pub fn cause(&self, reason: u32) -> u32 {
        const E2E: u32 = FIRST_LIMIT;
        const FIRST_TOKEN: u32 = FIRST_LIMIT + 1;
        const DECODE_TIME: u32 = FIRST_LIMIT + 2;
        let part = |seconds: f64| if seconds > 0.0 { seconds } else { 0.0 };
        // Slightly below zero is a difference of clocks; NaN, or far below, is no time.
        let known = |seconds: f64| seconds > -SLACK;
        let (queue, prefill) = (part(self.queue), part(self.prefill));
        let mut all_known = known(self.queue) && known(self.prefill) && known(self.first_token);
        let frontend = match all_known {
            true => part(self.first_token - queue - prefill),
            false => 0.0,
        };
        let (whole, decode) = match reason {
            E2E => {
                all_known &= known(self.decode);
                (self.e2e, part(self.decode))
            }
            FIRST_TOKEN | SLOW_FIRST_TOKEN => (self.first_token, 0.0),
            DECODE_TIME | SLOW_OUTPUT => return DECODE,
            _ => return 0,
        };
        let (mut cause, mut largest) = (0, 0.0);
        for (number, seconds) in (1..).zip([queue, prefill, frontend, decode]) {
            if seconds > largest {
                (cause, largest) = (number, seconds);
            }
        }
        let left = whole - queue - prefill - frontend - decode;
        if !all_known && left > largest {
            return 0;
        }
        cause
    }
}
