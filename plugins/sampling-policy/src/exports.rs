//! The exports, and all the unsafe code of the guest.
//!
//! The guest is single-threaded and no export is called while another one runs (an instance belongs
//! to one evaluator, which calls it from one goroutine), so plain statics hold its state.

#![allow(unsafe_code)]

use core::cell::UnsafeCell;

use extism_pdk::{LogLevel, Memory};
use sampling_policy_core::answer::SIZE as ANSWER_SIZE;
use sampling_policy_core::record::ANSWER;
use sampling_policy_core::rules::Limits;
use sampling_policy_core::{ABI_VERSION, settings};

/// Size of the record buffer: about 4,600 matching spans.
const CAPACITY: usize = 256 * 1024;

/// Status of [`tsp_evaluate`]: the answer area holds a decision.
const DECIDED: i32 = 0;

/// Status of [`tsp_evaluate`]: the record is malformed.
const MALFORMED: i32 = 1;

/// A static that one export at a time may change.
#[repr(align(8))]
struct Shared<T>(UnsafeCell<T>);

// SAFETY: the module has no threads (no shared memory), see the head of this file.
unsafe impl<T> Sync for Shared<T> {}

/// Where the host writes the record; aligned to 8 as the ABI asks.
static BUFFER: Shared<[u8; CAPACITY]> = Shared(UnsafeCell::new([0; CAPACITY]));

/// The limits in force; the defaults until `configure` is called.
static LIMITS: Shared<Limits> = Shared(UnsafeCell::new(Limits::DEFAULT));

/// A copy of the limits in force.
fn limits() -> Limits {
    // SAFETY: only `configure` writes, and it is not running.
    unsafe { *LIMITS.0.get() }
}

/// The ABI version.
#[unsafe(no_mangle)]
pub extern "C" fn tsp_abi() -> i32 {
    ABI_VERSION
}

/// Address of the record buffer.
#[unsafe(no_mangle)]
pub extern "C" fn tsp_buffer() -> *mut u8 {
    BUFFER.0.get().cast()
}

/// Size of the record buffer.
#[unsafe(no_mangle)]
pub extern "C" fn tsp_capacity() -> i32 {
    CAPACITY as i32
}

/// Decides on the record of `len` bytes at the start of the buffer; see `ABI.md` for the status.
#[unsafe(no_mangle)]
pub extern "C" fn tsp_evaluate(len: u32) -> i32 {
    // SAFETY: no other reference to the buffer exists while an export runs; the host writes only
    // between calls.
    let buffer = unsafe { &mut *BUFFER.0.get() };
    let decided = buffer
        .get_mut(..len as usize)
        .is_some_and(|record| sampling_policy_core::evaluate(record, &limits()).is_ok());
    if decided { DECIDED } else { MALFORMED }
}

/// Extism's convention: 0 with an output, or 1 with an error text.
///
/// Written out instead of `#[plugin_fn]`, whose errors are printed with `anyhow`'s debug form: that
/// brings the backtrace printer along, a third of the module.
fn give(result: Result<Vec<u8>, String>) -> i32 {
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

/// What the policy wants to see and what it may answer.
#[unsafe(no_mangle)]
pub extern "C" fn describe() -> i32 {
    give(Ok(sampling_policy_core::describe().into_bytes()))
}

/// Puts a settings document in force and returns the settings as they are then, or fails and
/// changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn configure() -> i32 {
    let limits = match settings::parse(&extism_pdk::input_bytes()) {
        Ok(limits) => limits,
        Err(mistakes) => return give(Err(mistakes.to_string())),
    };
    // SAFETY: no reference to the limits exists: `limits()` copies.
    unsafe { *LIMITS.0.get() = limits };
    if let Ok(text) = Memory::from_bytes(format!("limits in force: {}", settings::to_text(&limits)))
    {
        text.log(LogLevel::Info);
    }
    give(Ok(settings::to_json(&limits).into_bytes()))
}

/// The decision of [`tsp_evaluate`] for a host without the fast path: a record in, its answer area
/// out.
#[unsafe(no_mangle)]
pub extern "C" fn evaluate() -> i32 {
    let mut record = extism_pdk::input_bytes();
    let decided = sampling_policy_core::evaluate(&mut record, &limits());
    give(
        decided
            .map_err(|malformed| malformed.to_string())
            .map(|()| {
                let answer = record.get(ANSWER..ANSWER + ANSWER_SIZE);
                answer.unwrap_or_default().to_vec()
            }),
    )
}
