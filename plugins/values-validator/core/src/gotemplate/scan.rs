//! The words of an action between `{{` and `}}`.

use super::Fault;

/// Where `}}` stands, outside of quotes.
pub(super) fn action_end(text: &str, from: usize) -> Result<usize, Fault> {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text[from..].char_indices() {
        match quote {
            Some(q) => {
                if c == q && !escaped {
                    quote = None;
                }
                escaped = c == '\\' && !escaped && q != '`';
            }
            None if matches!(c, '"' | '`' | '\'') => quote = Some(c),
            None if text[from + at..].starts_with("}}") => return Ok(from + at),
            None if text[from + at..].starts_with("{{") => break,
            None => {}
        }
    }
    Err(Fault::said(
        from - 2,
        if quote.is_some() {
            text!("`{{` with a quote that is not closed")
        } else {
            text!("`{{` without `}}` behind it")
        },
    ))
}

/// A part of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A name, a variable, a number, or a field of the dot.
    Word(&'a str),
    /// A field of the parenthesis right before it.
    Field,
    /// A text, with its quotes.
    Text(&'a str),
    /// `(`
    Open,
    /// `)`
    Close,
    /// `|`
    Pipe,
    /// `:=` or `=`
    Is,
    /// `,`
    Comma,
}

/// Where each stands, in bytes from the start of the template. `at` is where the action begins.
pub(super) fn scan(action: &str, offset: usize) -> Result<Vec<(usize, Token<'_>)>, Fault> {
    const OTHERS: [(&str, &str); 4] = [("==", "eq"), ("!=", "ne"), ("||", "or"), ("&&", "and")];
    let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$');
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = action[at..].chars().next() {
        let rest = &action[at..];
        let (length, token) = if matches!(c, '"' | '`' | '\'') {
            let length = quoted(rest, c);
            (length, Some(Token::Text(&rest[..length])))
        } else if name(c) {
            let length = rest.find(|c| !name(c)).unwrap_or(rest.len());
            let token = if c == '.' && action[..at].ends_with(')') {
                Token::Field
            } else {
                Token::Word(&rest[..length])
            };
            (length, Some(token))
        } else if let Some((other, ours)) = OTHERS.iter().find(|(other, _)| rest.starts_with(other))
        {
            return Err(Fault::new(
                offset + at,
                format!(
                    "`{other}`, which templates do not have: the function {ours} is before what it compares"
                ),
            ));
        } else {
            let token = match c {
                '(' => Some(Token::Open),
                ')' => Some(Token::Close),
                '|' => Some(Token::Pipe),
                '=' => Some(Token::Is),
                ',' => Some(Token::Comma),
                ':' | '-' => None,
                _ if c.is_whitespace() => None,
                _ => {
                    return Err(Fault::new(offset + at, format!("`{c}` in {{{{ }}}}")));
                }
            };
            (c.len_utf8(), token)
        };
        tokens.extend(token.map(|token| (offset + at, token)));
        at += length;
    }
    Ok(tokens)
}

/// The bytes of a text that begins with this quote.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    let end = text[1..].char_indices().find(|(_, inner)| {
        let closes = *inner == quote && !escaped;
        escaped = *inner == '\\' && !escaped && quote != '`';
        closes
    });
    end.map_or(text.len(), |(end, _)| end + 2)
}

/// Names, variables and fields, without texts.
pub(super) fn words<'a>(tokens: &[(usize, Token<'a>)]) -> Vec<(usize, &'a str)> {
    let words = tokens.iter().filter_map(|(at, token)| match token {
        Token::Word(word) => Some((*at, *word)),
        _ => None,
    });
    words.collect()
}
