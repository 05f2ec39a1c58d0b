//! Waiting for a condition, never for a time.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Between two looks at a condition.
const PACE: Duration = Duration::from_millis(500);

/// Looks until `look` gives something. An error of a look counts as "not yet": a server that is
/// still starting refuses connections.
///
/// # Errors
/// When `limit` is over; says what was waited for and what the last look saw.
pub async fn until<T, F>(what: &str, limit: Duration, mut look: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<Seen<T>>>,
{
    let started = Instant::now();
    loop {
        let saw = match look().await {
            Ok(Seen::Yes(value)) => return Ok(value),
            Ok(Seen::NotYet(saw)) => saw,
            Err(error) => format!("{error:#}"),
        };
        if started.elapsed() > limit {
            bail!(
                "waited {} s in vain for {what}; last seen: {saw}",
                limit.as_secs()
            );
        }
        tokio::time::sleep(PACE).await;
    }
}

/// What one look at a condition saw.
pub enum Seen<T> {
    /// It holds.
    Yes(T),
    /// It does not hold yet; what there is instead, for the error.
    NotYet(String),
}
