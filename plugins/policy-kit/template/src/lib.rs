//! A sampling policy to copy: keeps a trace when one of its requests took longer than a limit.

use policy_kit::{Answer, Description, Group, Policy, Settings, Trace};

/// The policy with its settings.
pub struct Template {
    /// In seconds.
    longest: f64,
}

/// The slot of the request's latency: the first one, since it is all that is asked for.
const LATENCY: usize = 0;

/// The reason of an answer, by its place in the description, counted from 1.
const SLOW: u32 = 1;

impl Policy for Template {
    const SLOTS: usize = 1;
    const DEFAULT: Self = Self { longest: 60.0 };

    fn configure(settings: &mut Settings) -> Self {
        Self {
            longest: settings.duration("longest", "60s"),
        }
    }

    fn describe(&self) -> Description<'_> {
        Description {
            name: "policy-template",
            version: env!("CARGO_PKG_VERSION"),
            groups: vec![Group {
                names: vec!["llm_request"],
                ..Group::default()
            }],
            numbers: vec!["gen_ai.latency.e2e"],
            reasons: vec!["slow"],
            ..Description::default()
        }
    }

    fn decide(&self, trace: &Trace<'_>) -> Answer {
        for (number, span) in (1..).zip(trace.spans()) {
            let seconds = span.number(LATENCY); // NaN where it is absent, which exceeds nothing
            if seconds > self.longest {
                return Answer::keep(SLOW)
                    .about(number)
                    .for_value(seconds, self.longest);
            }
        }
        Answer::NOT_SAMPLED
    }
}

policy_kit::export!(Template);
