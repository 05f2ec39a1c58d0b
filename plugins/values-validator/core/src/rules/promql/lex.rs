//! PromQL's tokens.

use super::Fault;

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A number: `1`, `0x1f`, `1e3`, `.5`, `Inf`, `NaN`.
    Number,
    /// A duration: `5m`, `1h30m`.
    Duration,
    /// `0s`, which is no range.
    NoTime,
    /// A text in quotes or backticks, without them and not unescaped.
    Text(String),
    /// A name, with colons where it is a metric's; keywords too.
    Name(String),
    /// An operator or bracket.
    Sign(&'static str),
}

/// Tokens with where they begin.
pub type Tokens = Vec<(usize, Token)>;

/// Longest first.
const SIGNS: [&str; 27] = [
    "==", "!=", "<=", ">=", "=~", "!~", "+", "-", "*", "/", "%", "^", "(", ")", "{", "}", "[", "]",
    ",", "=", "<", ">", "@", ":", "!", ".", "~",
];

/// Splits a text.
pub fn lex(text: &str) -> Result<Tokens, Fault> {
    let mut tokens = Tokens::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = if first.is_whitespace() {
            first.len_utf8()
        } else if first == '#' {
            rest.find('\n').unwrap_or(rest.len())
        } else if matches!(first, '"' | '\'' | '`') {
            let inside = quoted(rest, first).ok_or_else(|| Fault {
                at,
                text: "a text without its closing quote, or with an unknown escape".into(),
            })?;
            tokens.push((at, Token::Text(inside.into())));
            inside.len() + 2
        } else if first.is_ascii_digit()
            || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit()))
        {
            let (length, token) = number(rest).ok_or_else(|| fault(at, rest))?;
            tokens.push((at, token));
            length
        } else if first.is_ascii_alphabetic()
            || first == '_'
            || (first == ':'
                && rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && !inside_brackets(&tokens))
        {
            let colons = !inside_brackets(&tokens);
            let name = |c: char| c.is_ascii_alphanumeric() || c == '_' || (c == ':' && colons);
            let length = rest.find(|c| !name(c)).unwrap_or(rest.len());
            let word = &rest[..length];
            tokens.push((
                at,
                match word.to_ascii_lowercase().as_str() {
                    "inf" | "nan" => Token::Number,
                    _ => Token::Name(word.into()),
                },
            ));
            length
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
            let sign = *sign.ok_or_else(|| fault(at, rest))?;
            tokens.push((at, Token::Sign(sign)));
            sign.len()
        };
        at += length;
    }
    Ok(tokens)
}

fn fault(at: usize, rest: &str) -> Fault {
    let word: String = rest
        .chars()
        .take_while(|c| !c.is_whitespace())
        .take(20)
        .collect();
    Fault {
        at,
        text: format!("`{word}` means nothing in PromQL"),
    }
}

/// In a range colons part it from the step.
fn inside_brackets(tokens: &Tokens) -> bool {
    let sign = |wanted: &str| {
        tokens
            .iter()
            .filter(|(_, t)| matches!(t, Token::Sign(s) if *s == wanted))
            .count()
    };
    sign("[") > sign("]")
}

fn quoted(rest: &str, quote: char) -> Option<&str> {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if c == quote && !escaped {
            return Some(&rest[1..at]);
        }
        // No line ends inside, and only known escapes.
        if quote != '`' && (c == '\n' || (escaped && !"abfnrtv\\'\"xuU01234567".contains(c))) {
            return None;
        }
        escaped = c == '\\' && !escaped && quote != '`';
    }
    None
}

/// A number or duration at the start.
fn number(rest: &str) -> Option<(usize, Token)> {
    let length = rest
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_')
        .unwrap_or(rest.len());
    let mut word = &rest[..length];
    // An exponent's sign.
    let signed = word.ends_with(['e', 'E'])
        && !word.starts_with("0x")
        && rest[length..].starts_with(['+', '-']);
    if signed {
        let digits = rest[length + 1..]
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len() - length - 1);
        word = &rest[..length + 1 + digits];
    }
    let plain = word.replace('_', "");
    let hexadecimal = plain
        .strip_prefix("0x")
        .or_else(|| plain.strip_prefix("0X"));
    let number = plain.parse::<f64>().is_ok()
        || hexadecimal.is_some_and(|h| u64::from_str_radix(h, 16).is_ok());
    let duration = crate::units::seconds(word).is_some()
        || crate::units::seconds(&word.replace('y', "w")).is_some();
    let nothing = word.chars().all(|c| c == '0' || c.is_ascii_alphabetic());
    if number {
        Some((word.len(), Token::Number))
    } else if duration {
        Some((
            word.len(),
            if nothing {
                Token::NoTime
            } else {
                Token::Duration
            },
        ))
    } else {
        None
    }
}
