//! Whether two sides match, a comparison can be true, and an alert has one.

use super::partners::partners;
use super::selector::measured;
use super::tree::filters;
use super::{ALWAYS, Facts, Labels, NEVER, Reader, Topic};
use crate::promql::expr::{Expr, Kind};
use crate::sorted::Names;
use vllm_catalog::number::Shown;
use vllm_catalog::{Family, Unit};

/// Seconds from which on milliseconds were meant.
fn patience(family: &Family) -> Option<f64> {
    if family.unit != Unit::Seconds {
        return None;
    }
    let name = family.name;
    Some(if name.ends_with("time_to_first_token_seconds") {
        300.0
    } else if name.contains("_token_") {
        10.0
    } else {
        family.bounds?.finite(0).last().copied()?
    })
}

/// Which side has several series for one of the other, whose labels are some of its own.
#[cfg(feature = "full")]
fn grouped(operator: &str, a: &Facts, b: &Facts) -> Option<&'static str> {
    let of = |facts: &Facts| match &facts.labels {
        Labels::Open(names) => Some((names.clone(), true)),
        Labels::Closed(names) => Some((names.clone(), false)),
        Labels::Unknown => None,
    };
    let ((a, a_open), (b, b_open)) = (of(a)?, of(b)?);
    if matches!(operator, "and" | "or" | "unless") {
        return None;
    }
    let fewer = |less: &Names, open: bool, more: &Names| {
        !open && less.iter().next().is_some() && less.is_subset(more) && less != more
    };
    match (fewer(&b, b_open, &a), fewer(&a, a_open, &b)) {
        (true, _) => Some("group_left ()"),
        (_, true) => Some("group_right ()"),
        _ => None,
    }
}

/// A comparison with `bool` as a side of `and`, `or` or `unless`.
fn counted(expr: &Expr) -> Option<(usize, &str)> {
    let Kind::Binary {
        operator: "and" | "or" | "unless",
        left,
        right,
        ..
    } = &expr.kind
    else {
        return None;
    };
    [left, right].into_iter().find_map(|side| match &side.kind {
        Kind::Binary {
            operator,
            boolean: true,
            ..
        } => Some((side.at, *operator)),
        _ => counted(side),
    })
}

/// Whether the most is that of the requests which run at a time.
fn bounded(facts: &Facts) -> bool {
    let running = |series: &String| series.contains("num_requests_running");
    facts.high > 1.0 && facts.high.is_finite() && facts.series.as_ref().is_some_and(running)
}

/// Whether a text names that percentage.
fn says(text: &str, percent: &Shown) -> bool {
    ["%", " %", " percent"]
        .iter()
        .any(|end| text.contains(&format!("{percent}{end}")))
}

impl Reader<'_> {
    pub(super) fn matching(&mut self, at: usize, operator: &str, a: &Facts, b: &Facts) {
        let differ: Names = match (&a.labels, &b.labels) {
            (Labels::Closed(a), Labels::Closed(b)) | (Labels::Open(a), Labels::Open(b)) => {
                let (first, second) = (a.iter(), b.iter());
                (first.filter(|label| !b.contains(label)))
                    .chain(second.filter(|label| !a.contains(label)))
                    .collect()
            }
            (Labels::Closed(closed), Labels::Open(open))
            | (Labels::Open(open), Labels::Closed(closed)) => {
                if closed.contains("instance") && open.is_subset(closed) {
                    return;
                }
                let all = open.iter().chain(["instance", "job"]);
                all.filter(|label| !closed.contains(label)).collect()
            }
            _ => Names::default(),
        };
        if differ.is_empty() {
            return;
        }
        let named = differ.joined();
        #[cfg(feature = "full")]
        let before = self.doubts.len();
        let on = match (&a.labels, &b.labels) {
            (Labels::Closed(a) | Labels::Open(a), Labels::Closed(b) | Labels::Open(b)) => {
                let common: Names = a.iter().filter(|label| b.contains(label)).collect();
                common.joined()
            }
            _ => String::new(),
        };
        self.doubt(
            Topic::Matching,
            at,
            format!("`{operator}` between series of which only one side has {named}"),
            text!("the same labels on both sides, or on (…) / ignoring (…)").as_str(),
            text!("No series of one side has a partner on the other: it never gives a result.").as_str(),
            if crate::FULL {
                partners(operator, a, b)
            } else if on.is_empty() {
                // One total on a side has several partners on the other.
                let none = |facts: &Facts| facts.labels == Labels::Closed(Names::default());
                let group = match (none(a), none(b)) {
                    (true, _) => " group_right ()",
                    (_, true) => " group_left ()",
                    _ => "",
                };
                format!("put both sides together by the same labels, or write {operator} ignoring ({named}){group}")
            } else {
                format!("put both sides together by ({on}), or write {operator} on ({on})")
            },
        );
        #[cfg(feature = "full")]
        if let (Some(new), Some(doubt)) = (
            super::partners::ignoring(operator, a, b),
            self.doubts.get_mut(before),
        ) {
            let edit = super::partners::whole(&new, at, self.context.text);
            let edit = edit.unwrap_or_else(|| (at, operator.to_owned(), new));
            doubt.fix = format!("write {}, or put both sides together by ({on})", edit.2);
            doubt.edit = Some(edit);
        } else if let (Some(group), Some(doubt)) =
            (grouped(operator, a, b), self.doubts.get_mut(before))
        {
            let new = format!("{operator} on ({on}) {group}");
            doubt.fix = format!("write {new}, or put both sides together by ({on})");
            doubt.edit = Some((at, operator.to_owned(), new));
        } else if let (Labels::Closed(one), Labels::Closed(two), Some(doubt)) =
            (&a.labels, &b.labels, self.doubts.get_mut(before))
            && on.is_empty()
            && one.iter().next().is_some()
            && two.iter().next().is_some()
        {
            let (one, two) = (one.joined(), two.joined());
            let (first, other) = if two.starts_with("model") {
                (two, one)
            } else {
                (one, two)
            };
            doubt.fix = format!("put both sides together by ({first}), or both by ({other})");
        }
    }

    pub(super) fn compare(
        &mut self,
        (at, number): (usize, usize),
        operator: &str,
        facts: &Facts,
        limit: f64,
    ) {
        let (low, high) = (facts.low, facts.high);
        let family = measured(facts);
        let shown = Shown(limit);
        let never = match operator {
            ">" => limit >= high,
            ">=" => limit > high,
            "<" => limit <= low,
            "<=" => limit < low,
            "==" => limit > high || limit < low,
            _ => false,
        };
        let always = match operator {
            ">" => limit < low,
            ">=" => limit <= low,
            "<" => limit > high,
            "<=" => limit >= high,
            "!=" => limit > high || limit < low,
            _ => false,
        };
        // `>= 0` takes out what is no number, and `< Inf` what is infinite.
        if operator == ">=" && limit == 0.0 || limit.is_infinite() {
            return;
        }
        if crate::FULL && self.magnitude((at, number), operator, facts, limit) {
            return;
        }
        // A constant, or something that is only there or not: only what never fires.
        let constant = (low - high).abs() < f64::EPSILON;
        // A first token after five minutes: milliseconds were meant.
        if let Some(most) = family.and_then(patience)
            && facts.series.as_ref().is_none_or(|s| !s.ends_with("_sum"))
            && !facts.rate
            && limit >= most
            && limit < high
            && matches!(operator, ">" | ">=")
        {
            let meant = Shown(limit / 1000.0);
            let doubt = self.doubt(
                Topic::Threshold,
                at,
                format!("`{operator} {shown}` seconds"),
                format!("seconds: nobody waits {}", crate::units::duration(most)),
                text!("The alert fires when nobody waits any more.").as_str(),
                format!("write {meant}: the series is in seconds"),
            );
            if let Some(doubt) = doubt {
                doubt.edit = Some((number, String::new(), meant.to_string()));
                doubt.sure = false;
            }
            return;
        }
        // 90 % of a percentage, written as a part.
        if high == 100.0 && limit > 0.0 && limit < 1.0 && !never {
            let meant = Shown((limit * 1e6).round() / 1e4);
            // Half a percent of requests may be meant, and is no utilisation.
            if crate::FULL && facts.series.is_none() && !says(self.context.said, &meant) {
                return;
            }
            let doubt = self.doubt(
                Topic::Threshold,
                at,
                format!("`{operator} {shown}` for a percentage"),
                text!("a number between 0 and 100").as_str(),
                text!("The value goes from 0 to 100: less than one percent is nearly nothing.")
                    .as_str(),
                format!("write {meant}"),
            );
            if let Some(doubt) = doubt {
                doubt.edit = Some((number, String::new(), meant.to_string()));
                doubt.sure = false;
            }
            return;
        }
        // The seconds of all requests together.
        if facts.rate
            && facts.family.is_some_and(|f| f.unit == Unit::Seconds)
            && let Some(stem) = facts.series.as_ref().and_then(|s| s.strip_suffix("_sum"))
        {
            let doubt = self.doubt(
                Topic::Threshold,
                at,
                format!("`{operator} {shown}` for the seconds of all requests together"),
                format!("{stem}_sum divided by {stem}_count, or histogram_quantile()"),
                text!("It grows with the number of requests, however fast each one is.").as_str(),
                format!("divide by the same of {stem}_count"),
            );
            super::unsure(doubt);
            return;
        }
        if !(never || always && !constant) {
            return;
        }
        let range = if high.is_finite() {
            format!("a value between {} and {}", Shown(low), Shown(high))
        } else {
            format!("a value of at least {}", Shown(low))
        };
        let seconds = family.is_some_and(|f| f.unit == Unit::Seconds);
        let mut meant = None;
        let fix = if high <= 1.0 && (2.0..=100.0).contains(&limit) {
            meant = Some(Shown(limit / 100.0));
            format!("a ratio goes from 0 to 1: write {}", Shown(limit / 100.0))
        } else if high == 100.0 && limit > 100.0 {
            text!("a percentage goes from 0 to 100: write a number between them")
                .as_str()
                .to_owned()
        } else if never && seconds && limit / 1000.0 < high && limit > high {
            meant = Some(Shown(limit / 1000.0));
            format!("write {}: the series is in seconds", Shown(limit / 1000.0))
        } else if crate::FULL && never && bounded(facts) {
            format!(
                "write a number below {}, which is what --max-num-seqs lets run",
                Shown(high)
            )
        } else if crate::FULL && low == high && never {
            format!(
                "remove the comparison: the value is {} or there is none",
                Shown(low)
            )
        } else {
            text!("choose a number that can be crossed")
                .as_str()
                .to_owned()
        };
        let doubt = self.doubt(
            Topic::Threshold,
            at,
            format!("`{operator} {shown}` for {range}"),
            text!("a number that the value can cross").as_str(),
            if never {
                NEVER.as_str()
            } else {
                ALWAYS.as_str()
            },
            fix,
        );
        if let (Some(doubt), Some(meant)) = (doubt, meant) {
            doubt.edit = Some((number, String::new(), meant.to_string()));
        }
    }

    /// An alert fires for each series that its expression gives.
    pub(super) fn condition(&mut self, expr: &Expr) {
        let mut names = Vec::new();
        expr.metrics(&mut names);
        let ours = |name: &str| {
            !name.contains(':') || name.starts_with("vllm:") || name.contains(":vllm_")
        };
        if let Kind::Binary {
            operator,
            boolean: true,
            ..
        } = &expr.kind
        {
            self.doubt(
                Topic::Condition,
                expr.at,
                format!("`{operator} bool`, whose result is 0 or 1"),
                format!("`{operator}` without bool"),
                text!("An alert fires for every series that its expression gives, also where the value is 0.").as_str(),
                "leave bool out",
            );
        } else if crate::FULL
            && let Some((at, operator)) = counted(expr)
        {
            self.doubt(
                Topic::Condition,
                at,
                format!("`{operator} bool` as a side, whose result is 0 or 1"),
                format!("`{operator}` without bool"),
                "and, or and unless ask whether there is a series, and one of the value 0 is there.",
                "leave bool out",
            );
        } else if let Kind::Binary {
            operator,
            left,
            right,
            ..
        } = &expr.kind
            && let Kind::Selector { name, .. } = &left.kind
            && let Some(limit) = right.number()
            && name == "up"
            && (matches!(*operator, "==" | ">=") && right.number() == Some(1.0)
                || matches!(*operator, ">" | "!=") && right.number() == Some(0.0))
        {
            self.doubt(
                Topic::Condition,
                expr.at,
                format!(
                    "`up {operator} {}`, which is true while the server answers",
                    Shown(limit)
                ),
                "up == 0",
                ALWAYS.as_str(),
                "write == 0",
            );
        } else if let Kind::Binary {
            operator: "or",
            left,
            right,
            ..
        } = &expr.kind
            && let Some(side) = [left, right]
                .into_iter()
                .find(|side| matches!(&side.kind, Kind::Call { name, .. } if name == "vector"))
        {
            self.doubt(
                Topic::Condition,
                side.at,
                text!("vector() as a side of `or`").as_str(),
                text!("sides of `or` that give nothing while all is well").as_str(),
                ALWAYS.as_str(),
                "leave it out",
            );
        } else if !filters(expr) && names.iter().any(|(_, name)| ours(name)) {
            self.doubt(
                Topic::Condition,
                expr.at,
                "no comparison",
                text!("a condition, such as > 10, or absent(…)").as_str(),
                text!("An alert fires for every series that its expression gives, also where the value is 0.").as_str(),
                text!("compare it with the number from which on it is a problem").as_str(),
            );
        }
    }
}
