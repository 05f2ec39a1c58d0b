//! Durations and quantities, as Prometheus and Kubernetes write them.

/// Seconds of a duration as the chart's values have it: years (`y`) to milliseconds, `1h`, `1m30s`, `250ms`.
#[must_use]
pub fn seconds(text: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 7] = [
        ("d", 86400.0),
        ("h", 3600.0),
        ("ms", 0.001),
        ("m", 60.0),
        ("s", 1.0),
        ("w", 604_800.0),
        ("y", 31_536_000.0),
    ];
    let mut rest = text;
    let mut sum = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let (unit, seconds) = UNITS.iter().find(|(unit, _)| rest.starts_with(unit))?;
        sum += number * seconds;
        rest = &rest[unit.len()..];
    }
    Some(sum)
}

/// A Kubernetes quantity in its base unit: `2Gi` in bytes, `200m` in cores. Signs and exponents
/// (`1e3`) too, as the API server reads it.
#[must_use]
pub fn quantity(text: &str) -> Option<f64> {
    const SUFFIXES: [(&str, f64); 15] = [
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("Pi", 1_125_899_906_842_624.0),
        ("Ei", 1_152_921_504_606_846_976.0),
        ("n", 1e-9),
        ("u", 1e-6),
        ("m", 1e-3),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("P", 1e15),
        ("E", 1e18),
    ];
    let (number, factor) = SUFFIXES
        .iter()
        .find_map(|(suffix, factor)| Some((text.strip_suffix(suffix)?, *factor)))
        .unwrap_or((text, 1.0));
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-');
    let exponent = factor.to_bits() == 1f64.to_bits();
    let known = |c: char| plain(c) || (exponent && matches!(c, 'e' | 'E'));
    if !number.starts_with(plain) || !number.chars().all(known) {
        return None;
    }
    number
        .parse::<f64>()
        .ok()
        .filter(|n| n.is_finite())
        .map(|n| n * factor)
}

/// What a duration in words means, as Prometheus writes it: `5 minutes` is `5m`, `30sec` is `30s`.
#[must_use]
pub fn meant(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
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
    let part: f64 = number.parse().ok().filter(|_| number.contains('.'))?;
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

    #[test]
    fn quantities_are_numbers_and_anything_else_is_none() {
        for (text, expected) in [
            ("2Gi", Some(2_147_483_648.0)),
            ("200m", Some(0.2)),
            ("1", Some(1.0)),
            ("0.5", Some(0.5)),
            ("1e3", Some(1000.0)),
            ("3E", Some(3e18)),
            ("10GB", None),
            ("10 Gi", None),
            ("", None),
            ("Gi", None),
            ("1gi", None),
            ("NaN", None),
            ("infinity", None),
        ] {
            assert_eq!(quantity(text), expected, "{text}");
        }
    }
}
