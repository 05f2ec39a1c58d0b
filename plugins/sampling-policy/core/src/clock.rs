//! Time that never steps back.

/// Nanoseconds in a second.
pub const SECOND: u64 = 1_000_000_000;

/// Nanoseconds in a minute.
pub const MINUTE: u64 = 60 * SECOND;

/// The host's clock without its steps back: after one, time goes on from where it was.
///
/// All zero bytes are a clock that was never read.
#[derive(Debug, Clone)]
#[repr(C)]
pub struct Clock {
    /// The host's time when it was read last, unix nanoseconds.
    last: u64,
    /// How far the host's clock was set back in all, in nanoseconds.
    behind: u64,
}

impl Clock {
    /// Never read.
    pub const NEW: Self = Self { last: 0, behind: 0 };

    /// The time, in nanoseconds. `now` is the host's, in unix nanoseconds.
    #[inline]
    pub fn read(&mut self, now: u64) -> u64 {
        if now < self.last {
            self.behind = self.behind.saturating_add(self.last - now);
        }
        self.last = now;
        now.saturating_add(self.behind)
    }
}
