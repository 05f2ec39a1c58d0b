//! The number that a text of the sources is found by; `build.rs` reads this file too.

/// FNV-1a, 32 bits; the build fails where two texts have one.
pub const fn of(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let mut hash = 0x811c_9dc5_u32;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    hash
}
