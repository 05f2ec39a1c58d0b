//! Durations.

use super::float;

/// Seconds of a duration as the chart's values have it: years (`y`) to milliseconds, `1h`, `1m30s`, `250ms`.
#[must_use]
pub fn seconds(text: &str) -> Option<f64> {
    // In the order in which Prometheus wants them, each once.
    const UNITS: [(&str, f64); 7] = [
        ("y", 31_536_000.0),
        ("w", 604_800.0),
        ("d", 86400.0),
        ("h", 3600.0),
        ("m", 60.0),
        ("s", 1.0),
        ("ms", 0.001),
    ];
    let mut rest = text;
    let mut sum = 0.0;
    let mut units = &UNITS[..];
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number = float(&rest[..digits])?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| c.is_ascii_digit());
        let (word, behind) = rest.split_at(letters.unwrap_or(rest.len()));
        let at = units.iter().position(|(unit, _)| *unit == word)?;
        sum += number * units[at].1;
        units = &units[at + 1..];
        rest = behind;
    }
    Some(sum)
}

/// What a duration in words means, as Prometheus writes it: `5 minutes` is `5m`, `30sec` is `30s`.
#[must_use]
pub fn meant(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    // ISO 8601: PT15S, PT1H30M.
    if let Some(rest) = text
        .strip_prefix("pt")
        .filter(|rest| seconds(rest).is_some())
    {
        return Some(rest.to_owned());
    }
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, word) = text.split_at(digits);
    if number.is_empty() {
        return None;
    }
    let unit = match word.trim() {
        "ms" | "msec" | "msecs" | "millis" | "millisecond" | "milliseconds" => "ms",
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        "w" | "week" | "weeks" => "w",
        "mo" | "mon" | "month" | "months" => {
            let days = number.parse::<u32>().ok()?.checked_mul(30)?;
            return Some(format!("{days}d"));
        }
        "y" | "yr" | "yrs" | "year" | "years" => "y",
        _ => return None,
    };
    let duration = format!("{number}{unit}");
    (duration != text).then_some(duration)
}

/// A duration with a fraction in whole parts: `1.5h` is `1h30m`, `2.5s` is `2s500ms`.
#[must_use]
pub fn whole(text: &str) -> Option<String> {
    let text = text.trim().replace(',', ".");
    let unit = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit);
    let part = float(number).filter(|_| number.contains('.'))?;
    let one = seconds(&format!("1{unit}"))?;
    (part >= 0.0 && part * one < 1e9).then(|| duration(part * one))
}

/// A number of seconds as the values have durations: `90` is `1m30s`, `0.5` is `500ms`.
pub fn duration(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates; durations of values fit"
    )]
    let ms = (seconds * 1000.0).round() as u64;
    let mut text = String::new();
    for (unit, size) in [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)] {
        let count = match unit {
            "h" => ms / size,
            "m" => ms % 3_600_000 / size,
            "s" => ms % 60_000 / size,
            _ => ms % 1000,
        };
        if count > 0 {
            text.push_str(&format!("{count}{unit}"));
        }
    }
    if text.is_empty() { "0s".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_seconds_and_anything_else_is_none() {
        for (text, expected) in [
            ("30s", Some(30.0)),
            ("1m30s", Some(90.0)),
            ("1h", Some(3600.0)),
            ("15d", Some(1_296_000.0)),
            ("0s", Some(0.0)),
            ("", None),
            ("30", None),
            ("30 s", None),
            ("s", None),
            ("-1s", None),
            ("1.5m", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
        assert!((seconds("250ms").unwrap() - 0.25).abs() < 1e-12);
    }
}
