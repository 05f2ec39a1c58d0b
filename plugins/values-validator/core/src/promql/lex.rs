//! PromQL's tokens.

use super::Fault;

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A number: `1`, `0x1f`, `1e3`, `.5`, `Inf`, `NaN`.
    Number(f64),
    /// A duration in seconds: `5m`, `1h30m`.
    Duration(f64),
    /// A text in quotes or backticks, without them and unescaped.
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
            let plain = if first == '`' {
                inside.to_owned()
            } else {
                unescaped(inside)
            };
            tokens.push((at, Token::Text(plain)));
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
                    "inf" => Token::Number(f64::INFINITY),
                    "nan" => Token::Number(f64::NAN),
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
    let number = match hexadecimal {
        #[expect(clippy::cast_precision_loss, reason = "as Prometheus reads it")]
        Some(digits) => u64::from_str_radix(digits, 16).ok().map(|n| n as f64),
        None => crate::units::float(&plain),
    };
    let token = match number {
        Some(number) => Token::Number(number),
        None => Token::Duration(crate::units::seconds(word)?),
    };
    Some((word.len(), token))
}

/// A text without its escapes, as Go reads it.
fn unescaped(inside: &str) -> String {
    let mut out = String::new();
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let Some(escape) = chars.next() else { break };
        let mut code = |digits: usize, radix| {
            let text: String = chars.by_ref().take(digits).collect();
            u32::from_str_radix(&text, radix)
                .ok()
                .and_then(char::from_u32)
        };
        match escape {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'a' => out.push('\u{7}'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'v' => out.push('\u{b}'),
            'x' => out.extend(code(2, 16)),
            'u' => out.extend(code(4, 16)),
            'U' => out.extend(code(8, 16)),
            other => out.push(other),
        }
    }
    out
}
