//! The exports of `ABI.md`, each a line around the core.

#![allow(unsafe_code)]

use sampling_policy_core::answer::SIZE as ANSWER_SIZE;
use sampling_policy_core::record::ANSWER;
use sampling_policy_core::{ABI_VERSION, Policy, State, settings};

use crate::guest::{Shared, give, log};

/// Size of the record buffer: about 2,100 matching spans.
const CAPACITY: usize = 256 * 1024;

/// Status of [`tsp_evaluate`]: the answer area holds a decision.
const DECIDED: i32 = 0;

/// Status of [`tsp_evaluate`]: the record is malformed.
const MALFORMED: i32 = 1;

/// Where the host writes the record; aligned to 8 as the ABI asks.
static BUFFER: Shared<[u8; CAPACITY]> = Shared::new([0; CAPACITY]);

/// The settings in force; the defaults until `configure` is called.
static POLICY: Shared<Policy> = Shared::new(Policy::DEFAULT);

/// What is learnt. All zeros, so that the module does not contain it.
static STATE: Shared<State> = Shared::new(State::EMPTY);

/// The ABI version.
#[unsafe(no_mangle)]
pub extern "C" fn tsp_abi() -> i32 {
    ABI_VERSION
}

/// Address of the record buffer.
#[unsafe(no_mangle)]
pub extern "C" fn tsp_buffer() -> *mut u8 {
    BUFFER.address().cast()
}

/// Size of the record buffer.
#[unsafe(no_mangle)]
pub extern "C" fn tsp_capacity() -> i32 {
    CAPACITY as i32
}

/// Address of the state.
#[unsafe(no_mangle)]
pub extern "C" fn tsp_state() -> *mut u8 {
    STATE.address().cast()
}

/// Size of the state.
#[unsafe(no_mangle)]
pub extern "C" fn tsp_state_size() -> i32 {
    size_of::<State>() as i32
}

/// Decides on the record of `len` bytes at the start of the buffer; see `ABI.md` for the status.
#[unsafe(no_mangle)]
pub extern "C" fn tsp_evaluate(len: u32) -> i32 {
    // SAFETY: taken once; the host writes only between calls.
    let (buffer, policy, state) = unsafe { (BUFFER.take(), POLICY.take(), STATE.take()) };
    let decided = buffer
        .get_mut(..len as usize)
        .is_some_and(|record| policy.evaluate(state, record).is_ok());
    if decided { DECIDED } else { MALFORMED }
}

/// What the policy wants to see with the settings in force, and what it may answer.
#[unsafe(no_mangle)]
pub extern "C" fn describe() -> i32 {
    // SAFETY: taken once.
    let policy = unsafe { POLICY.take() };
    give(Ok(
        sampling_policy_core::describe(policy.settings()).into_bytes()
    ))
}

/// Puts a settings document in force and returns the settings as they are then, or fails and
/// changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn configure() -> i32 {
    let settings = match settings::parse(&extism_pdk::input_bytes()) {
        Ok(settings) => settings,
        Err(mistakes) => return give(Err(mistakes.to_string())),
    };
    log(format!(
        "settings in force: {}",
        settings::to_text(&settings)
    ));
    let document = settings::to_json(&settings);
    // SAFETY: taken once.
    unsafe { *POLICY.take() = Policy::new(settings) };
    give(Ok(document.into_bytes()))
}

/// The values of the gauges.
#[unsafe(no_mangle)]
pub extern "C" fn report() -> i32 {
    // SAFETY: taken once.
    let state = unsafe { STATE.take() };
    give(Ok(sampling_policy_core::report(state).into_bytes()))
}

/// The decision of [`tsp_evaluate`] for a host without the fast path: a record in, its answer area
/// out.
#[unsafe(no_mangle)]
pub extern "C" fn evaluate() -> i32 {
    let mut record = extism_pdk::input_bytes();
    // SAFETY: taken once.
    let (policy, state) = unsafe { (POLICY.take(), STATE.take()) };
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
