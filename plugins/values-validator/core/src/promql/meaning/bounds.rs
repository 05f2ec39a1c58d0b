//! Least and most of what an expression gives.

use super::Facts;

/// `<` of `>`.
pub(super) fn mirrored(operator: &str) -> &str {
    match operator {
        ">" => "<",
        "<" => ">",
        ">=" => "<=",
        "<=" => ">=",
        other => other,
    }
}

/// Least and most of `a operator b`.
pub(super) fn interval(operator: &str, a: &Facts, b: &Facts) -> (f64, f64) {
    let all = (f64::NEG_INFINITY, f64::INFINITY);
    let (low, high) = match operator {
        "+" => (a.low + b.low, a.high + b.high),
        "-" => (a.low - b.high, a.high - b.low),
        "*" if a.low >= 0.0 && b.low >= 0.0 => (a.low * b.low, a.high * b.high),
        "/" if part_of(a, b) => (0.0, 1.0),
        "/" if part_of(b, a) => (1.0, f64::INFINITY),
        "/" if a.low >= 0.0 && b.low > 0.0 => (a.low / b.high, a.high / b.low),
        "/" if a.low >= 0.0 && b.low >= 0.0 => (0.0, f64::INFINITY),
        _ => all,
    };
    if low.is_nan() || high.is_nan() {
        return all;
    }
    (low, high)
}

/// Whether one rate counts a part of what the other counts.
pub(super) fn part_of(a: &Facts, b: &Facts) -> bool {
    let (Some(part), Some(whole)) = (&a.series, &b.series) else {
        return false;
    };
    let ends = [
        ("_hits_total", "_queries_total"),
        ("_bucket", "_count"),
        ("_accepted_tokens_total", "_draft_tokens_total"),
    ];
    a.rate
        && b.rate
        && ends.iter().any(|(x, y)| {
            part.strip_suffix(x)
                .is_some_and(|stem| whole.strip_suffix(y) == Some(stem))
        })
}
