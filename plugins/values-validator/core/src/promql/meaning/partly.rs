//! A comparison that is always true, and only a part of the condition: it takes nothing away.

use super::{ALWAYS, Doubt};
use crate::promql::expr::{Expr, Kind};

/// Says so of each, in place of that the alert fires all the time. `whole`: what is true there fires it.
pub(super) fn mend(doubts: &mut [Doubt], expr: &Expr, whole: bool) {
    let below = match &expr.kind {
        Kind::Binary { operator: "or", .. } => whole,
        _ => false,
    };
    if !whole {
        for doubt in doubts
            .iter_mut()
            .filter(|doubt| doubt.at == expr.at && doubt.why == ALWAYS.as_str())
        {
            doubt.why = "It is always true: this part of the condition takes nothing away.";
            doubt.sure = false;
            if doubt.fix == "choose a number that can be crossed" {
                doubt.fix = "remove it, or choose a number that can be crossed".to_owned();
            }
        }
    }
    for part in expr.parts() {
        mend(doubts, part, below);
    }
}
