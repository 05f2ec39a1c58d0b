//! Gives a WebAssembly module a budget, so that no call of it can run for ever.
//!
//! [`meter`] adds one exported global, [`FUEL`], and takes one unit of it each time a loop starts
//! over or is entered and, unless [`Options::loops_only`] is set, each time a function is entered,
//! and one for every 64 bytes that a bulk memory instruction is to write. What would bring the
//! global below zero traps instead. A host sets it before a call and has an upper bound of the work
//! that the call can do: no timer, no second thread, the same bound on every machine.
//!
//! The module keeps its meaning: no index moves, the new global is the last one, and the names, the
//! producers and every export stay. What is not measured is what cannot repeat itself: straight
//! code, and what the host does when it is called, to grow the memory for one.

mod bulk;
mod refusal;
mod rewrite;
mod survey;

pub use refusal::Refusal;

/// Name of the exported global: mutable, `i64`, what is left of the budget; below zero after the
/// trap that it caused.
pub const FUEL: &str = "tsp_fuel";

/// The budget until the host sets one, in units: start functions run before any host can. Less than a
/// second of an empty loop.
pub const START_FUEL: u64 = 1_000_000_000;

/// What to meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Neither function entries nor bulk memory instructions. Nothing bounds a recursion then but the
    /// host's stack, and a branching one fits any stack: only for code that you know.
    pub loops_only: bool,
    /// The budget until the host sets one, in units; at most `i64::MAX`.
    pub start_fuel: u64,
}

impl Default for Options {
    /// Everything, for code that nobody has read.
    fn default() -> Self {
        Self {
            loops_only: false,
            start_fuel: START_FUEL,
        }
    }
}

/// A metered module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metered {
    /// Its bytes, a valid module.
    pub wasm: Vec<u8>,
    /// Loops that take a unit each time round.
    pub loops: u32,
    /// Functions that take a unit at each entry; 0 when only loops were asked for.
    pub functions: u32,
    /// Bulk memory instructions that take units by the length they are given; likewise.
    pub bulk: u32,
}

/// Meters a module.
///
/// The same bytes and options give the same module. Debug sections are dropped: they hold places in
/// the code, which moves.
///
/// # Errors
///
/// [`Refusal`]: what was found, and how to mend it.
pub fn meter(wasm: &[u8], options: &Options) -> Result<Metered, Refusal> {
    let survey = survey::survey(wasm)?;
    if options.loops_only
        && let Some(function) = survey.tail_call
    {
        return Err(Refusal::TailCall { function });
    }
    let metered = rewrite::rewrite(wasm, &survey, options)?;
    survey::validate(&metered.wasm).map_err(|error| Refusal::Unfit(error.to_string()))?;
    Ok(metered)
}
