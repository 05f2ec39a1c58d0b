//! What must become of spans by the times at which they arrive: written from docs/tracing.md, and
//! sharing nothing with the chart, the policy or the processor.
//!
//! Clocks of two processes never agree to the millisecond, so an arrival is an interval, and where it
//! lies across the end of a hold the model says that either may happen.

/// How much later than it says the collector may end a hold: it looks once a second, and is busy.
pub const LATE: f64 = 1.0 + 0.8;

/// Spans of one trace that came together.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    /// Seconds since some start, before they were sent.
    pub before: f64,
    /// The same, once they had been taken.
    pub after: f64,
    /// A slow request of vLLM's is among them.
    pub slow: bool,
    /// One of them has no parent.
    pub root: bool,
}

/// What becomes of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Kept,
    Lost,
    Either,
}

/// A hold of spans that are not kept so far: the earliest and the latest time at which it ends.
type Hold = Option<(f64, f64)>;

/// Mode `immediate`: a slow request is kept, with what is held of its trace and all that follows. A
/// hold begins with the first span while none is held, and ends `wait` later, or `after_root` after a
/// span without a parent.
pub fn immediate(arrivals: &[Arrival], wait: f64, after_root: f64) -> Vec<Fate> {
    let mut fates = vec![Fate::Lost; arrivals.len()];
    let (mut held, mut unsure) = (Vec::new(), Vec::new());
    let mut hold: Hold = None;
    for (i, a) in arrivals.iter().enumerate() {
        match hold {
            Some((_, latest)) if a.before > latest => {
                hold = None;
                held.clear();
                unsure.clear();
            }
            Some((earliest, latest)) if a.after >= earliest => {
                // It has ended and another begins, or it goes on.
                unsure.append(&mut held);
                hold = Some((a.before, latest.max(a.after + wait + LATE)));
            }
            _ => {}
        }
        if a.slow {
            for i in held.drain(..) {
                fates[i] = Fate::Kept;
            }
            for i in unsure.drain(..) {
                fates[i] = Fate::Either;
            }
            fates[i..].fill(Fate::Kept);
            return fates;
        }
        held.push(i);
        let (earliest, latest) = hold.unwrap_or((a.before + wait, a.after + wait + LATE));
        hold = Some(if a.root {
            let root = (a.before + after_root, a.after + after_root + LATE);
            (earliest.min(root.0), latest.min(root.1))
        } else {
            (earliest, latest)
        });
    }
    fates
}

/// Mode `whole`: everything or nothing, by what arrived up to `wait` after the first span.
pub fn whole(arrivals: &[Arrival], wait: f64) -> Fate {
    let Some(first) = arrivals.first() else {
        return Fate::Lost;
    };
    let (earliest, latest) = (first.before + wait, first.after + wait + LATE);
    if arrivals.iter().any(|a| a.slow && a.after < earliest) {
        Fate::Kept
    } else if arrivals.iter().any(|a| a.slow && a.before <= latest) {
        Fate::Either
    } else {
        Fate::Lost
    }
}
