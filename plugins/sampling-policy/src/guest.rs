//! What any guest of the ABI needs: statics that exports may change, the record buffer, and the way
//! an Extism function answers. Nothing here knows this policy.

#![allow(unsafe_code)]

use core::cell::UnsafeCell;

use extism_pdk::{LogLevel, Memory};

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
