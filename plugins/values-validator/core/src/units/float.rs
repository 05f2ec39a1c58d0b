//! Numbers.

use vllm_catalog::number::times;

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
