//! Durations and quantities, as Prometheus and Kubernetes write them.

use vllm_catalog::number::times;

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
    float(number).filter(|n| n.is_finite()).map(|n| n * factor)
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

/// A number as `f64::from_str` reads it, rounded as exactly. Of its own: the standard library's reader brings 16 kB of
/// code and tables into a WebAssembly module, for speed that nobody needs here.
#[must_use]
pub fn float(text: &str) -> Option<f64> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    for (word, value) in [
        ("inf", f64::INFINITY),
        ("infinity", f64::INFINITY),
        ("nan", f64::NAN),
    ] {
        if rest.eq_ignore_ascii_case(word) {
            return Some(sign * value);
        }
    }
    let (digits, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let bare = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if bare.is_empty() || !bare.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let size: i64 = bare.parse().unwrap_or(100_000).min(100_000);
    let mut ten = if exponent.starts_with('-') {
        -size
    } else {
        size
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.len() + part.len() == 0 || whole.len() + part.len() > 4096 {
        return None;
    }
    // All digits as one large number, its lowest word first.
    let mut words: Vec<u32> = Vec::new();
    for digit in whole.chars().chain(part.chars()) {
        times(&mut words, 10, digit.to_digit(10)?);
    }
    ten -= part.len() as i64;
    if words.is_empty() || ten + (whole.len() + part.len()) as i64 <= -400 {
        return Some(sign * 0.0);
    }
    if ten > 400 {
        return Some(sign * f64::INFINITY);
    }
    let (mut two, mut rest) = (0_i64, false);
    if ten < 0 {
        let zeros = (-ten) as usize / 8 + 3;
        words.splice(0..0, std::iter::repeat_n(0, zeros));
        two = -32 * zeros as i64;
        for _ in ten..0 {
            let mut left = 0_u64;
            for word in words.iter_mut().rev() {
                let all = left << 32 | u64::from(*word);
                *word = (all / 10) as u32;
                left = all % 10;
            }
            rest |= left > 0;
        }
        while words.last() == Some(&0) {
            words.pop();
        }
    }
    for _ in 0..ten {
        times(&mut words, 10, 0);
    }
    let length = 32 * words.len() as i64 - i64::from(words.last()?.leading_zeros());
    let bit = |at: i64| {
        at >= 0
            && words
                .get(at as usize / 32)
                .is_some_and(|w| w >> (at % 32) & 1 == 1)
    };
    // Fewer bits below the smallest normal number.
    let kept = (length + two + 1074).min(53);
    if kept < 0 {
        return Some(sign * 0.0);
    }
    let dropped = length - kept;
    let mut number = 0_u64;
    for at in (dropped..length).rev() {
        number = number << 1 | u64::from(bit(at));
    }
    rest |= (0..dropped - 1).any(bit);
    if bit(dropped - 1) && (rest || number & 1 == 1) {
        number += 1;
    }
    let mut value = number as f64;
    let mut power = two + dropped;
    while power != 0 {
        let step = power.clamp(-1000, 1000);
        value *= f64::from_bits(((1023 + step) as u64) << 52);
        power -= step;
    }
    Some(sign * value)
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

    #[test]
    fn numbers_are_read_as_the_standard_library_reads_them() {
        for text in [
            "",
            "-",
            "1",
            "-0",
            ".5",
            "5.",
            "1e5",
            "1E-5",
            "e5",
            "1e+",
            "inf",
            "-Infinity",
            "NaN",
            "1_0",
            " 1",
            "0.1",
            "14.4",
            "1.7976931348623157e308",
            "1.7976931348623159e308",
            "4.9e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "2.2250738585072011e-308",
            "1e400",
            "1e-400",
            "9007199254740993",
            "1e999999999999",
            "123456789012345678901234567890",
            "0.30000000000000004",
            "1e23",
            "8.5e-5",
            "0x1",
            "1..2",
        ] {
            let bits = |number: Option<f64>| number.filter(|n| !n.is_nan()).map(f64::to_bits);
            assert_eq!(bits(float(text)), bits(text.parse().ok()), "{text}");
        }
    }
}
