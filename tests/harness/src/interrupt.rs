//! Ctrl-C, SIGTERM and a closed terminal as a flag: nobody dies half-way, every wait looks at it and unwinds, and
//! unwinding ends the children.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result, bail};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From now on Ctrl-C, SIGTERM and SIGHUP only set the flag.
///
/// # Errors
/// When the handlers cannot be installed.
pub fn install() -> Result<()> {
    let flag = FLAG.get_or_init(Arc::default);
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(flag)).context("no handler for Ctrl-C")?;
    }
    Ok(())
}

/// Whether one of them came since [`install`].
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
