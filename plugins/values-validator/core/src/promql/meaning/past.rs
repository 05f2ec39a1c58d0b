//! Samples that are no longer kept: an offset or a range beyond the retention of this chart's Prometheus. And samples
//! that are not there yet.

use super::{Context, Doubt, Topic};
use crate::promql::expr::{Expr, Kind};

/// Adds what reads further back than samples are kept.
pub(super) fn add(doubts: &mut Vec<Doubt>, expr: &Expr, context: Context<'_>) {
    if context.alert {
        future(doubts, expr, context.text);
    }
    if let Some(kept) = context.kept {
        below(doubts, expr, kept, context.text);
    }
}

/// `offset -1d`, which reads a day ahead.
fn future(doubts: &mut Vec<Doubt>, expr: &Expr, text: &str) {
    if let Kind::Moved { back, .. } = &expr.kind
        && *back < 0.0
    {
        let far = duration(-back);
        doubts.push(Doubt {
            topic: Topic::Window,
            at: offset(expr, text).unwrap_or(expr.at),
            found: format!("offset -{far}, which is {far} after the evaluation"),
            expected: format!("offset {far}, which is {far} before it"),
            why: "There are no samples of that time yet: this side gives nothing, and the alert never fires.",
            fix: format!("write offset {far}"),
            edit: None,
            sure: false,
        });
    }
    for part in expr.parts() {
        future(doubts, part, text);
    }
}

fn below(doubts: &mut Vec<Doubt>, expr: &Expr, (kept, chosen): (f64, bool), text: &str) {
    let (of, own, at) = match &expr.kind {
        Kind::Moved { of, back, .. } => {
            let at = offset(expr, text).unwrap_or(expr.at);
            (of, *back, at)
        }
        Kind::Range { of, seconds, .. } => (of, *seconds, expr.at),
        _ => {
            for part in expr.parts() {
                below(doubts, part, (kept, chosen), text);
            }
            return;
        }
    };
    let moved = matches!(expr.kind, Kind::Moved { .. });
    // A mean of what is there may be meant where nobody chose how long that is.
    if own <= kept || !moved && !chosen {
        below(doubts, of, (kept, chosen), text);
        return;
    }
    let (what, why) = if moved {
        (
            format!("offset {}", duration(own)),
            "Samples of that time are deleted: this side gives nothing, and the alert never fires.",
        )
    } else {
        (
            format!("[{}]", duration(own)),
            "Older samples are deleted: it covers only the time that is kept.",
        )
    };
    let (kept, days) = (duration(kept), (own / 86_400.0).floor() + 1.0);
    doubts.push(Doubt {
        topic: Topic::Window,
        at,
        found: format!("{what}, with prometheus.retention: {kept}"),
        expected: format!("a time of at most {kept}, for which samples are kept"),
        why,
        fix: format!("set prometheus.retention: {days}d or more, or look back less than {kept}"),
        edit: None,
        sure: false,
    });
}

/// In days, where it is days.
fn duration(seconds: f64) -> String {
    let days = seconds / 86_400.0;
    if days.fract() == 0.0 {
        format!("{days}d")
    } else {
        crate::units::duration(seconds)
    }
}

/// Where the word offset stands behind a selector.
fn offset(expr: &Expr, text: &str) -> Option<usize> {
    Some(expr.at + text.get(expr.at..)?.find("offset")?)
}
