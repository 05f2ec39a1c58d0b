//! What a scalar means: YAML 1.1 as go-yaml 2 has it, with its octals, underscores and booleans, and
//! its numbers after a trip through JSON.

use crate::node::Value;
use vllm_catalog::number::{digits_single, placed};

/// 2⁶³, the first number above every i64.
const ABOVE: f64 = 9_223_372_036_854_775_808.0;

/// A number as helm keeps it: a double, so that `1e3` is 1000 and `1.10` is 1.1.
#[must_use]
#[allow(clippy::cast_possible_truncation)] // in range
pub fn number(double: f64) -> Value {
    if double.fract() == 0.0 && (-ABOVE..ABOVE).contains(&double) {
        Value::Int(double as i64)
    } else {
        Value::Float(double)
    }
}

/// What a plain scalar means. Integers keep all digits here: what JSON does to them is the caller's.
#[must_use]
pub fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Value::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Value::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Value::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Value::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let found = match text.as_bytes()[0] {
        b'.' => underscored(text).and_then(|plain| float(&plain)),
        b'+' | b'-' | b'0'..=b'9' => {
            let plain = text.replace('_', "");
            integer(&plain).or_else(|| float(&plain))
        }
        _ => None,
    };
    found.unwrap_or_else(|| Value::Text(text.to_owned()))
}

/// As Go's ParseInt and ParseUint do with base 0: `0x`, `0o`, `0b`, and a leading 0 for octal.
#[allow(clippy::cast_precision_loss)] // as JSON does
fn integer(text: &str) -> Option<Value> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    // Rust takes a second sign here.
    if digits.is_empty() || digits.starts_with(['+', '-']) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    let wide = i128::from(magnitude) * sign;
    if let Ok(int) = i64::try_from(wide) {
        return Some(Value::Int(int));
    }
    // Unsigned, and so without a sign.
    (text.len() == text.trim_start_matches(['+', '-']).len())
        .then_some(Value::Float(magnitude as f64))
}

/// Go's ParseFloat takes an underscore between two digits.
fn underscored(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_digit)
    };
    let between =
        |(at, b): (usize, &u8)| *b != b'_' || (digit(at.checked_sub(1)) && digit(Some(at + 1)));
    bytes
        .iter()
        .enumerate()
        .all(between)
        .then(|| text.replace('_', ""))
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn float(text: &str) -> Option<Value> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let well_formed = match mantissa.split_once('.') {
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    };
    let exponent = exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)));
    if !(well_formed && exponent) {
        return None;
    }
    let double = crate::units::float(text)?;
    double.is_finite().then(|| number(double))
}

/// A float as a key: what Go's FormatFloat(x, 'g', -1, 32) makes of it.
#[must_use]
#[allow(clippy::cast_possible_truncation)] // as Go does
pub fn float_key(double: f64) -> String {
    let single = double as f32;
    if single.is_nan() {
        return ".nan".into();
    }
    if single.is_infinite() {
        return if single > 0.0 { ".inf" } else { "-.inf" }.into();
    }
    let minus = if single.is_sign_negative() { "-" } else { "" };
    let (shortest, point) = digits_single(single);
    let exponent = point - 1;
    let digits = shortest.len() as i32;
    // The shortest form turns to exponents at 21 digits in Go's %v, but at 6, or as many as there
    // are digits, here.
    let most = if digits > 6 && digits > exponent {
        digits
    } else {
        6
    };
    if (-4..most).contains(&exponent) {
        return format!("{minus}{}", placed(&shortest, point));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!(
        "{minus}{}e{sign}{:02}",
        placed(&shortest, 1),
        exponent.abs()
    )
}
