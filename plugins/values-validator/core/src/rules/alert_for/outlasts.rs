//! Alerts whose `for` is as long as what they look back on: what happened once has left it before they fire.

use super::RULE;
use crate::promql::{Expr, Kind};
use crate::rules::expressions::parsed;
use crate::rules::look::duration;
use crate::{Findings, Values};

/// What the chart's alerts compare with, and the ranges of those added.
pub(super) fn check(values: &Values, findings: &mut Findings) {
    compared(values, findings);
    for (path, node, _, expr) in parsed(values) {
        let alert = path.strip_suffix(".expr").and_then(|at| values.get(at));
        let Some(waits) = alert.and_then(|alert| alert.child("for")) else {
            continue;
        };
        if let (Some(time), Some(range)) = (waits.as_seconds(), once(&expr))
            && time >= range
        {
            findings.push(
                RULE.at(path.replace(".expr", ".for"), &waits.place)
                    .found(format!(
                        "for: {}, of a range of {}",
                        duration(time),
                        duration(range)
                    ))
                    .expected("less than the range")
                    .why("What happened once has left the range before the time is over: it must happen again and again.")
                    .fix(format!(
                        "remove for, or write a range above {} in the expression",
                        duration(time)
                    ))
                    .related(node.place, "the expression"),
            );
        }
    }
}

/// `baseline` and `memory` of the chart's alerts.
fn compared(values: &Values, findings: &mut Findings) {
    for (path, _, alert) in values.map("rules.alerts") {
        for key in ["baseline", "memory"] {
            let (Some(waits), Some(back)) = (alert.child("for"), alert.child(key)) else {
                continue;
            };
            if let (Some(time), Some(long)) = (waits.as_seconds(), back.as_seconds())
                && long > 0.0
                && time >= long
            {
                findings.push(
                    RULE.at(format!("{path}.{key}"), &back.place)
                        .found(format!(
                            "{key}: {}, and for: {}",
                            duration(long),
                            duration(time)
                        ))
                        .expected("more than for")
                        .why("What it compares with has changed before the time is over: the alert never fires.")
                        .fix(format!("write a much longer {key}, such as 24h, or a shorter for"))
                        .related(waits.place, "the time that it waits"),
                );
            }
        }
    }
}

/// The range in which one event is enough: `increase(x[5m]) > 0`.
fn once(expr: &Expr) -> Option<f64> {
    let Kind::Binary {
        operator,
        left,
        right,
        ..
    } = &expr.kind
    else {
        return None;
    };
    // Both sides have to hold all the time.
    match *operator {
        "and" => return once(left).or_else(|| once(right)),
        "unless" => return once(left),
        _ => {}
    }
    let limit = right.number()?;
    let one = match *operator {
        ">" | "!=" => (0.0..1.0).contains(&limit),
        ">=" => limit > 0.0 && limit <= 1.0,
        // That number of events, and no more.
        "==" => limit > 0.0 && limit <= 3.0,
        _ => false,
    };
    one.then(|| range(left)).flatten()
}

fn range(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        Kind::Aggregate { of, .. } => range(of),
        Kind::Call { name, arguments }
            if matches!(name.as_str(), "increase" | "changes" | "resets") =>
        {
            match &arguments.first()?.kind {
                Kind::Range { seconds, .. } => Some(*seconds),
                _ => None,
            }
        }
        _ => None,
    }
}
