//! Durations as operators write them: `120s`, `2m`, `1m30s`, `1.5s`, `250ms`.

use alloc::format;
use alloc::string::String;

/// A number of some unit, in seconds.
type ToSeconds = fn(f64) -> f64;

/// Seconds per unit, the longer spelling first: `ms` is no `m` followed by an `s`.
///
/// Milliseconds are divided, not multiplied by 0.001, so that `100ms` is the same double as `0.1s`.
const UNITS: [(&str, ToSeconds); 4] = [
    ("ms", |n| n / 1000.0),
    ("s", |n| n),
    ("m", |n| n * 60.0),
    ("h", |n| n * 3600.0),
];

/// Reads a duration: one or more decimal numbers, each with its unit (ms, s, m or h), as seconds.
///
/// `None` when `text` is something else or beyond the range of a double. Zero is a duration; signs,
/// exponents and blanks are not.
#[must_use]
pub fn parse(text: &str) -> Option<f64> {
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at_checked(digits)?;
        let number = decimal(number)?;
        let (unit, tail) = UNITS
            .iter()
            .find_map(|(unit, seconds)| Some((seconds, tail.strip_prefix(unit)?)))?;
        seconds += unit(number);
        rest = tail;
    }
    (!text.is_empty() && f64::is_finite(seconds)).then_some(seconds)
}

/// Reads digits, or digits, a point and digits.
#[must_use]
pub fn decimal(text: &str) -> Option<f64> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if digits(whole) && fraction.is_none_or(digits) {
        text.parse().ok()
    } else {
        None
    }
}

/// Writes seconds so that [`parse`] gives the same double back.
#[must_use]
pub fn format(seconds: f64) -> String {
    format!("{seconds}s")
}

#[cfg(test)]
mod tests {
    use super::{format, parse};
    use proptest::prelude::{any, prop_assert_eq, proptest};

    #[test]
    fn units_add_up_to_seconds() {
        for (text, seconds) in [
            ("120s", 120.0),
            ("2m", 120.0),
            ("1m30s", 90.0),
            ("1.5s", 1.5),
            ("250ms", 0.25),
            ("100ms", 0.1),
            ("1h1m1s1ms", 3661.001),
            ("0s", 0.0),
            ("007s", 7.0),
        ] {
            assert_eq!(parse(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        let beyond_a_double = format!("{}h", "9".repeat(308));
        for text in [
            "",
            "120",
            "s",
            "-5s",
            "+5s",
            " 5s",
            "5 s",
            "5s ",
            "1e3s",
            "1_000s",
            ".5s",
            "5.s",
            "1.2.3s",
            "5d",
            "5S",
            "5µs",
            "5us",
            "2m30",
            "off",
            "NaNs",
            "infs",
            "٣s",
            &beyond_a_double,
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(bits in any::<u64>()) {
            let seconds = f64::from_bits(bits).abs();
            if seconds.is_finite() {
                prop_assert_eq!(parse(&format(seconds)), Some(seconds));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9.mshx é]{0,12}") {
            let _ = parse(&text);
        }
    }
}
