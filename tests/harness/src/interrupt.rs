//! Ctrl-C and SIGTERM as a flag: nobody dies half-way, every wait looks at it and unwinds, and
//! unwinding ends the children.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result, bail};

static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From now on Ctrl-C and SIGTERM only set the flag.
///
/// # Errors
/// When the handlers cannot be installed.
pub fn install() -> Result<()> {
    let flag = FLAG.get_or_init(Arc::default);
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(flag)).context("no handler for Ctrl-C")?;
    }
    Ok(())
}

/// Whether Ctrl-C or SIGTERM came since [`install`].
#[must_use]
pub fn requested() -> bool {
    FLAG.get().is_some_and(|f| f.load(Ordering::SeqCst))
}

/// # Errors
/// When an interrupt was requested.
pub fn check() -> Result<()> {
    if requested() {
        bail!("interrupted");
    }
    Ok(())
}
