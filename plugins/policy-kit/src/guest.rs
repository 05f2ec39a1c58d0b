//! The exports of `ABI.md` around a [`Guest`](crate::Guest): statics that exports may change, the record
//! buffer, and the way an Extism function answers.

#![allow(unsafe_code)]

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::UnsafeCell;

use extism_pdk::{LogLevel, Memory};

use crate::Guest;
use crate::answer::SIZE as ANSWER_SIZE;
use crate::record::ANSWER;

/// Size of the record buffer: about 2,100 matching spans.
pub const CAPACITY: usize = 256 * 1024;

/// Status of `tsp_evaluate`: the answer area holds a decision.
const DECIDED: i32 = 0;

/// Status of `tsp_evaluate`: the record is malformed.
const MALFORMED: i32 = 1;

/// A static that one export at a time may change.
///
/// The guest is single-threaded and no export is called while another one runs (an instance belongs
/// to one evaluator, which calls it from one goroutine).
#[repr(align(8))]
pub struct Shared<T>(UnsafeCell<T>);

// SAFETY: the module has no threads (no shared memory), see above.
unsafe impl<T> Sync for Shared<T> {}

impl<T> Shared<T> {
    /// Of this value.
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// Where it lies.
    pub const fn address(&self) -> *mut T {
        self.0.get()
    }

    /// The value, for the length of an export.
    ///
    /// # Safety
    ///
    /// An export takes it once.
    #[allow(
        clippy::mut_from_ref,
        reason = "the head of the type says why it is sound"
    )]
    pub unsafe fn take(&self) -> &mut T {
        // SAFETY: exports do not overlap, and each takes a value once.
        unsafe { &mut *self.0.get() }
    }
}

/// Extism's convention: 0 with an output, or 1 with an error text.
///
/// Written out instead of `#[plugin_fn]`, whose errors are printed with `anyhow`'s debug form: that
/// brings the backtrace printer along, a third of the module.
pub fn give(result: Result<Vec<u8>, String>) -> i32 {
    match result.map(Memory::from_bytes) {
        Ok(Ok(output)) => {
            output.set_output();
            0
        }
        Ok(Err(_)) => 1, // the host has no memory left, not even for a text
        Err(text) => {
            if let Ok(text) = Memory::from_bytes(text) {
                // SAFETY: the handle is the one the host has just given out.
                unsafe { extism_pdk::extism::error_set(text.offset()) };
            }
            1
        }
    }
}

/// Writes a line into the host's log.
pub fn log(text: String) {
    if let Ok(text) = Memory::from_bytes(text) {
        text.log(LogLevel::Info);
    }
}

/// `tsp_evaluate`.
#[inline]
pub fn tsp_evaluate<G: Guest>(
    buffer: &Shared<[u8; CAPACITY]>,
    policy: &Shared<G>,
    state: &Shared<G::State>,
    len: u32,
) -> i32 {
    // SAFETY: taken once; the host writes only between calls.
    let (buffer, policy, state) = unsafe { (buffer.take(), policy.take(), state.take()) };
    let decided = buffer
        .get_mut(..len as usize)
        .is_some_and(|record| policy.evaluate(state, record).is_ok());
    if decided { DECIDED } else { MALFORMED }
}

/// `describe`.
pub fn describe<G: Guest>(policy: &Shared<G>) -> i32 {
    // SAFETY: taken once.
    let policy = unsafe { policy.take() };
    give(Ok(policy.describe().into_bytes()))
}

/// `configure`: puts settings in force and gives them as they are then, or fails and changes nothing.
pub fn configure<G: Guest>(policy: &Shared<G>) -> i32 {
    let (configured, in_force) = match G::configure(&extism_pdk::input_bytes()) {
        Ok(configured) => configured,
        Err(mistakes) => return give(Err(mistakes)),
    };
    log(format!("settings in force: {in_force}"));
    // SAFETY: taken once.
    unsafe { *policy.take() = configured };
    give(Ok(in_force.into_bytes()))
}

/// `report`.
pub fn report<G: Guest>(state: &Shared<G::State>) -> i32 {
    // SAFETY: taken once.
    let state = unsafe { state.take() };
    give(Ok(G::report(state).into_bytes()))
}

/// `evaluate`: the decision for a host without the fast path, a record in, its answer area out.
pub fn evaluate<G: Guest>(policy: &Shared<G>, state: &Shared<G::State>) -> i32 {
    let mut record = extism_pdk::input_bytes();
    // SAFETY: taken once.
    let (policy, state) = unsafe { (policy.take(), state.take()) };
    let decided = policy.evaluate(state, &mut record);
    give(
        decided
            .map_err(|malformed| malformed.to_string())
            .map(|()| {
                let answer = record.get(ANSWER..ANSWER + ANSWER_SIZE);
                answer.unwrap_or_default().to_vec()
            }),
    )
}
