//! The actions of a Go template, as tokens.

use anyhow::{Result, bail};

/// A word of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A string, unquoted.
    Text(String),
    /// A number.
    Number(usize),
    /// A name, or one of `:=`, `=`, `|`, `,`.
    Word(String),
    /// `$` or `$name`.
    Variable(String),
    /// `.name`; `.` alone is an empty one. `true` where it follows the token before without a space.
    Field(String, bool),
    Open,
    Close,
}

/// Every action of a template with the line it begins at; comments are dropped.
pub fn actions(text: &str) -> Result<Vec<(Vec<Token>, usize)>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let line = text[..text.len() - rest.len() + start]
            .lines()
            .count()
            .max(1);
        let inner = &rest[start + 2..];
        let begin = inner.trim_start_matches('-').trim_start();
        if begin.starts_with("/*") {
            let Some(end) = inner
                .find("*/")
                .and_then(|c| Some(c + inner[c..].find("}}")?))
            else {
                bail!("line {line}: a comment does not end");
            };
            rest = &inner[end + 2..];
            continue;
        }
        let (tokens, used) = tokens(inner).map_err(|e| e.context(format!("line {line}")))?;
        out.push((tokens, line));
        rest = &inner[used..];
    }
    Ok(out)
}

/// The tokens up to `}}`, and the bytes that they and it take.
fn tokens(text: &str) -> Result<(Vec<Token>, usize)> {
    let mut out = Vec::new();
    let mut at = usize::from(text.starts_with("- "));
    let mut glued = false;
    while at < text.len() {
        let rest = &text[at..];
        if let Some(end) = ["}}", "-}}"].iter().find(|end| rest.starts_with(**end)) {
            return Ok((out, at + end.len()));
        }
        let first = rest.chars().next().unwrap_or(' ');
        let name = |from: usize| {
            let len = rest[from..].find(|c: char| !c.is_alphanumeric() && c != '_');
            &rest[from..from + len.unwrap_or(rest.len() - from)]
        };
        let (token, length) = match first {
            c if c.is_whitespace() => {
                at += c.len_utf8();
                glued = false;
                continue;
            }
            '"' | '`' => quoted(rest, first)?,
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '|' | ',' | '=' => (Token::Word(first.to_string()), 1),
            ':' => (Token::Word(":=".to_owned()), 2),
            '.' => (Token::Field(name(1).to_owned(), glued), 1 + name(1).len()),
            '$' => (Token::Variable(name(1).to_owned()), 1 + name(1).len()),
            c if c.is_ascii_digit() || c == '-' => {
                let len = rest[1..].find(|c: char| !c.is_ascii_digit() && c != '.');
                let len = 1 + len.unwrap_or(rest.len() - 1);
                (Token::Number(rest[..len].parse().unwrap_or_default()), len)
            }
            c if c.is_alphabetic() => (Token::Word(name(0).to_owned()), name(0).len()),
            c => bail!("unexpected {c:?}"),
        };
        out.push(token);
        at += length;
        glued = true;
    }
    bail!("an action does not end")
}

fn quoted(text: &str, quote: char) -> Result<(Token, usize)> {
    let mut out = String::new();
    let mut escaped = false;
    for (i, c) in text.char_indices().skip(1) {
        if escaped {
            out.push(c);
            escaped = false;
        } else if c == '\\' && quote == '"' {
            escaped = true;
        } else if c == quote {
            return Ok((Token::Text(out), i + 1));
        } else {
            out.push(c);
        }
    }
    bail!("a string does not end")
}
