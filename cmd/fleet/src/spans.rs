//! Spans as vLLM sends them: `llm_request` built attribute by attribute, a start's twelve spans taken
//! from the capture with new ids, times and resources.

mod attributes;
mod environment;
mod origin;
mod parent;
mod request;

use rand::RngCore;

pub use environment::environment;
pub use origin::Origin;
pub use parent::Parent;
pub use request::request_span;

/// Lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes that are not all zero.
pub(crate) fn random_id(rng: &mut impl RngCore, bytes: usize) -> Vec<u8> {
    let mut id = vec![0; bytes];
    rng.fill_bytes(&mut id);
    id[0] |= 1;
    id
}

/// A random UUID's text.
pub fn uuid(rng: &mut impl RngCore) -> String {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex(&bytes);
    [
        &text[..8],
        &text[8..12],
        &text[12..16],
        &text[16..20],
        &text[20..],
    ]
    .join("-")
}
