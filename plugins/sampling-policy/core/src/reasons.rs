//! Why a trace is kept: the reasons in the order in which they are looked for.

use crate::budget::Class;

/// A reason to keep a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// Its name in metrics, on the kept span and in the answer.
    pub name: &'static str,
    /// Its place in the budget.
    pub class: Class,
}

const fn reason(name: &'static str, class: Class) -> Reason {
    Reason { name, class }
}

/// The reasons; a trace is kept for the first one that any of its spans gives. In an answer they
/// count from 1.
pub const REASONS: [Reason; 7] = [
    reason("error", Class::Error),
    reason("e2e_latency", Class::Limit),
    reason("time_to_first_token", Class::Limit),
    reason("decode_time", Class::Limit),
    reason("slow_first_token", Class::Slowest),
    reason("slow_output", Class::Slowest),
    reason("baseline", Class::Baseline),
];

/// Number of the reason of a failed call.
pub const ERROR: u32 = 1;
/// Number of the first of the limits, which stand in the order of [`crate::rules::RULES`].
pub const FIRST_LIMIT: u32 = 2;
/// Number of the reason of a first token that is among the slowest of its model and prompt class.
pub const SLOW_FIRST_TOKEN: u32 = 5;
/// Number of the reason of output that is among the slowest of its model.
pub const SLOW_OUTPUT: u32 = 6;
/// Number of the reason of a trace for comparison.
pub const BASELINE: u32 = 7;

/// Where the time went: the largest part. In an answer they count from 1.
pub const CAUSES: [&str; 4] = ["queue", "prefill", "frontend", "decode"];

/// Number of the cause that lies in generating.
pub const DECODE: u32 = 4;
