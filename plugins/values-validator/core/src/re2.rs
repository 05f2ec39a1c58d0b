//! Regular expressions as RE2 reads them: Prometheus, Alertmanager and the collector are written in Go.
//! RE2 knows no lookaround, no back references and no possessive repetition.

use regex_lite::Regex;

/// What a library for Rust's dialect cannot judge of RE2's: classes by name, quoting, one byte.
const UNKNOWN: [&str; 4] = [r"\p", r"\P", r"\Q", r"\C"];

/// The pattern for whole texts, where the library knows it.
#[must_use]
pub fn whole(pattern: &str) -> Option<Regex> {
    Regex::new(&format!("^(?s:{pattern})$")).ok()
}

/// Why RE2 refuses a pattern, as far as that is sure.
#[must_use]
pub fn refused(pattern: &str) -> Option<String> {
    if UNKNOWN.iter().any(|escape| pattern.contains(escape)) {
        return None;
    }
    if let Err(error) = Regex::new(pattern) {
        return Some(error.to_string());
    }
    repeated_twice(pattern).then(|| "a repetition of a repetition".to_owned())
}

/// A refused pattern with its bracket closed, or with `.*` for a shell's `*`, where RE2 takes that.
#[must_use]
pub fn fixed(pattern: &str) -> Option<String> {
    if !crate::FULL {
        return None;
    }
    let starred = pattern.replace(".*", "*").replace('*', ".*");
    [
        format!("{pattern})"),
        format!("{pattern}]"),
        pattern.trim_end_matches([')', ']']).to_owned(),
        pattern.trim_start_matches(')').to_owned(),
        pattern.replace("**", "*").replace("++", "+"),
        starred,
    ]
    .into_iter()
    .find(|new| new != pattern && !new.is_empty() && refused(new).is_none())
}

/// Whether a repetition follows another, as in `a**` or `a++`, which Rust's dialect allows. One `?`
/// behind a repetition makes it lazy.
fn repeated_twice(pattern: &str) -> bool {
    let (mut class, mut repetitions) = (false, 0);
    let mut text = pattern.chars();
    let mut lazy = false;
    while let Some(c) = text.next() {
        let mark = match c {
            '\\' => {
                text.next();
                false
            }
            '[' if !class => {
                class = true;
                // A bracket that comes first is one of the class.
                let mut rest = text.as_str();
                rest = rest.strip_prefix('^').unwrap_or(rest);
                text = rest.strip_prefix(']').unwrap_or(rest).chars();
                false
            }
            ']' => {
                class = false;
                false
            }
            '(' if !class && text.as_str().starts_with('?') => {
                text.next();
                false
            }
            '*' | '+' | '?' => !class,
            _ => false,
        };
        if !mark {
            (repetitions, lazy) = (0, false);
            continue;
        }
        if repetitions > 0 && (c != '?' || lazy) {
            return true;
        }
        lazy = repetitions > 0;
        repetitions += 1;
    }
    false
}
