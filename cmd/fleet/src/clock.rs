//! Virtual time: where it stands when the wall clock stands somewhere.

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970 by the wall clock.
#[must_use]
pub fn unix_now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

/// Virtual seconds as a function of the wall clock; 0 at the start.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    wall: f64,
    virtual_seconds: f64,
    speed: f64,
}

impl Clock {
    /// A clock that stands at 0 at the wall's `now` and makes `speed` virtual seconds a second.
    #[must_use]
    pub fn new(now: f64, speed: f64) -> Self {
        Self {
            wall: now,
            virtual_seconds: 0.0,
            speed,
        }
    }

    /// Virtual seconds at the wall's `now`.
    #[must_use]
    pub fn at(&self, now: f64) -> f64 {
        self.virtual_seconds + (now - self.wall).max(0.0) * self.speed
    }

    /// Virtual seconds a second.
    #[must_use]
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Goes on at another speed.
    pub fn set_speed(&mut self, now: f64, speed: f64) {
        *self = Self {
            virtual_seconds: self.at(now),
            wall: now,
            speed,
        };
    }

    /// Jumps ahead: what would have happened in `seconds` happens at once.
    pub fn skip(&mut self, seconds: f64) {
        self.virtual_seconds += seconds;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_and_skips_add_up_and_time_never_goes_back() {
        let mut clock = Clock::new(100.0, 10.0);
        assert_eq!(clock.at(101.0), 10.0);
        clock.set_speed(101.0, 1.0);
        clock.skip(60.0);
        assert_eq!((clock.at(101.0), clock.at(103.0)), (70.0, 72.0));
        assert_eq!(clock.at(50.0), 70.0);
    }
}
