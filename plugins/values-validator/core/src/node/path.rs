//! Paths of values.

use std::fmt::Write as _;

/// The path of a key below a path: `a.b`, or `a["b/c"]` where a dot would mislead.
#[must_use]
pub fn join(path: &str, key: &str) -> String {
    let mut joined = String::with_capacity(path.len() + key.len() + 1);
    joined.push_str(path);
    push(&mut joined, key);
    joined
}

/// The path of an item of a list: `models[0]`. A rule that looks at a hundred models makes a hundred, and
/// what formats any number takes ten times as long.
#[must_use]
pub fn item(path: &str, index: usize) -> String {
    let mut item = String::with_capacity(path.len() + 5);
    item.push_str(path);
    push_index(&mut item, index);
    item
}

/// The same within one text, which a walk shortens again.
pub fn push_index(path: &mut String, index: usize) {
    path.push('[');
    push_number(path, index);
    path.push(']');
}

fn push_number(path: &mut String, number: usize) {
    if number > 9 {
        push_number(path, number / 10);
    }
    path.push(char::from(b'0' + (number % 10) as u8));
}

/// The same of a key, within one text, which a walk shortens again.
pub fn push(path: &mut String, key: &str) {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    let letter = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    if key.is_empty() || !(key.bytes().all(plain) || key.chars().all(letter)) {
        let _ = write!(path, "[{key:?}]");
    } else {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key);
    }
}
