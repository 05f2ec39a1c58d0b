//! Numbers in the fewest digits that give them back, as the standard library writes them. Of its own: the standard
//! library's writer takes 17 kB of a WebAssembly module, for speed that nobody needs here.

use std::cmp::Ordering;
use std::fmt;

/// Writes a number as the standard library does, without an exponent: `0.1`, `120`, `-2.5`.
///
/// ```
/// assert_eq!(vllm_catalog::number::Shown(0.1).to_string(), "0.1");
/// ```
#[derive(Clone, Copy)]
pub struct Shown(pub f64);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&written(self.0, 1))
    }
}

/// All digits of a whole number: `18446744073709551616` where [`Shown`] ends with zeros.
#[must_use]
pub fn exact(whole: f64) -> String {
    written(whole, 0)
}

fn written(number: f64, within: u32) -> String {
    let sign = if number.is_sign_negative() && !number.is_nan() {
        "-"
    } else {
        ""
    };
    if number.is_nan() {
        return "NaN".into();
    }
    if number.is_infinite() {
        return format!("{sign}inf");
    }
    let (digits, point) = of_double(number, within);
    format!("{sign}{}", placed(&digits, point))
}

/// The fewest digits of a finite number, and where the point stands: behind so many of them (before them: 0 or less).
#[must_use]
pub fn digits(number: f64) -> (String, i32) {
    of_double(number, 1)
}

fn of_double(number: f64, within: u32) -> (String, i32) {
    let bits = number.to_bits();
    let (exponent, part) = ((bits >> 52 & 0x7ff) as i32, bits & ((1 << 52) - 1));
    fewest(part, 1 << 52, (exponent, -1075), within)
}

/// The same of a finite `f32`, which needs fewer.
#[must_use]
pub fn digits_single(number: f32) -> (String, i32) {
    let bits = number.to_bits();
    let (exponent, part) = ((bits >> 23 & 0xff) as i32, bits & ((1 << 23) - 1));
    fewest(part.into(), 1 << 23, (exponent, -150), 1)
}

/// Digits with the point at its place.
#[must_use]
pub fn placed(digits: &str, point: i32) -> String {
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let (before, after) = digits.split_at(digits.len().min(usize::try_from(point).unwrap_or(0)));
    let after = format!("{}{after}", zeros(-point));
    let fill = i32::try_from(digits.len()).map_or(0, |length| point - length);
    let before = format!("{before}{}", zeros(fill));
    match (before.as_str(), after.trim_end_matches('0')) {
        ("", after) => format!("0.{after}"),
        (before, "") => before.to_owned(),
        (before, after) => format!("{before}.{after}"),
    }
}

/// By Steele and White, "How to print floating-point numbers accurately" (1990): digits until what is left is within half of the
/// way to the next number (`within` 1), or none (0). The first bit of a normal number is not in `part`.
fn fewest(part: u64, first: u64, (exponent, least): (i32, i32), within: u32) -> (String, i32) {
    let (number, two) = if exponent == 0 {
        (part, least + 1)
    } else {
        (part | first, exponent + least)
    };
    if number == 0 {
        return ("0".to_owned(), 1);
    }
    let even = number % 2 == 0 || within == 0;
    // The number is `rest / one`, and half of the way to its neighbours `up / one` and `down / one`.
    let mut rest = Vec::new();
    for byte in number.to_be_bytes() {
        times(&mut rest, 256, byte.into());
    }
    let (mut one, mut up, mut down) = (vec![2], Vec::new(), Vec::new());
    times(&mut rest, 2, 0);
    times(&mut up, 1, within);
    times(&mut down, 1, within);
    for _ in 0..two {
        times(&mut rest, 2, 0);
        times(&mut up, 2, 0);
        times(&mut down, 2, 0);
    }
    for _ in two..0 {
        times(&mut one, 2, 0);
    }
    // Below a power of two the neighbour is half as far.
    if part == 0 && exponent > 1 {
        times(&mut rest, 2, 0);
        times(&mut one, 2, 0);
        times(&mut up, 2, 0);
    }
    let above = |rest: &[u32], up: &[u32], one: &[u32]| match compare(&sum(rest, up), one) {
        Ordering::Equal => even,
        order => order == Ordering::Greater,
    };
    let mut point = 0;
    while above(&rest, &up, &one) {
        times(&mut one, 10, 0);
        point += 1;
    }
    loop {
        let (mut more, mut wider) = (rest.clone(), up.clone());
        times(&mut more, 10, 0);
        times(&mut wider, 10, 0);
        if above(&more, &wider, &one) {
            break;
        }
        (rest, up) = (more, wider);
        times(&mut down, 10, 0);
        point -= 1;
    }
    let mut digits = String::new();
    loop {
        for number in [&mut rest, &mut up, &mut down] {
            times(number, 10, 0);
        }
        let mut digit = b'0';
        while compare(&rest, &one) != Ordering::Less {
            subtract(&mut rest, &one);
            digit += 1;
        }
        let low = match compare(&rest, &down) {
            Ordering::Equal => even,
            order => order == Ordering::Less,
        };
        let high = above(&rest, &up, &one);
        if low || high {
            let half = compare(&sum(&rest, &rest), &one) != Ordering::Less;
            digit += u8::from(high && (!low || half));
        }
        digits.push(digit.into());
        if low || high {
            return (digits, point);
        }
    }
}

/// A large number, its lowest word first, times a small one, and one more added.
pub fn times(words: &mut Vec<u32>, by: u32, plus: u32) {
    let mut carry = u64::from(plus);
    for word in words.iter_mut() {
        let all = u64::from(*word) * u64::from(by) + carry;
        *word = all as u32;
        carry = all >> 32;
    }
    if carry > 0 {
        words.push(carry as u32);
    }
}

fn sum(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut carry = 0;
    let mut words = Vec::new();
    for at in 0..a.len().max(b.len()) + 1 {
        let word = |of: &[u32]| u64::from(of.get(at).copied().unwrap_or(0));
        let all = word(a) + word(b) + carry;
        words.push(all as u32);
        carry = all >> 32;
    }
    trim(&mut words);
    words
}

/// `b` is not the larger one.
fn subtract(a: &mut Vec<u32>, b: &[u32]) {
    let mut borrow = false;
    for (at, word) in a.iter_mut().enumerate() {
        let (less, one) = word.overflowing_sub(b.get(at).copied().unwrap_or(0));
        let (less, two) = less.overflowing_sub(borrow.into());
        *word = less;
        borrow = one || two;
    }
    trim(a);
}

fn trim(words: &mut Vec<u32>) {
    while words.last() == Some(&0) {
        words.pop();
    }
}

fn compare(a: &[u32], b: &[u32]) -> Ordering {
    a.len()
        .cmp(&b.len())
        .then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_standard_library_writes_them() {
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut numbers = vec![0.0, -0.0, 0.1, 1.0, 1e21, 1e23, 9e15, 5e-324, f64::MAX];
        numbers.extend([f64::MIN_POSITIVE, f64::NAN, f64::INFINITY, -f64::INFINITY]);
        for at in 0..300 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            numbers.extend([f64::from_bits(seed), (seed >> 40) as f64 / 1000.0]);
            numbers.push(2_f64.powi(at % 2000 - 1000));
        }
        for number in numbers {
            assert_eq!(Shown(number).to_string(), number.to_string());
            if number.is_finite() {
                let single = number as f32;
                if single.is_finite() && single > 0.0 {
                    let (digits, point) = digits_single(single);
                    assert_eq!(placed(&digits, point), single.to_string());
                }
                assert_eq!(exact(number.trunc()), format!("{:.0}", number.trunc()));
            }
        }
    }
}
