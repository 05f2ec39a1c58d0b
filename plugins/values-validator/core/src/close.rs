//! What brackets and quotes a text leaves open.

/// What closes a text: `]))` of `sum(rate(a[5m`. None where it closes what is not open, or a single quote stands
/// where the language has none.
pub(crate) fn ends(text: &str, quotes: &str) -> Option<String> {
    let (mut ends, mut inside, mut escaped) = (Vec::new(), None, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if inside.is_some() => escaped = true,
            _ if inside == Some(c) => inside = None,
            _ if inside.is_some() => {}
            _ if quotes.contains(c) => inside = Some(c),
            '(' => ends.push(')'),
            '[' => ends.push(']'),
            '{' => ends.push('}'),
            ')' | ']' | '}' if ends.pop() == Some(c) => {}
            ')' | ']' | '}' | '\'' => return None,
            _ => {}
        }
    }
    ends.extend(inside);
    Some(ends.into_iter().rev().collect())
}

#[cfg(test)]
mod tests {
    use super::ends;

    #[test]
    fn what_is_open_is_closed_from_the_inside() {
        for (text, quotes, closed) in [
            ("sum(rate(a[5m", "\"'`", Some("]))")),
            ("up{pod=\"a", "\"'`", Some("\"}")),
            ("up{pod='it\"", "\"'`", Some("'}")),
            ("{\"a\": [1, \"}\\\"", "\"", Some("\"]}")),
            ("{}", "\"", Some("")),
            ("{'a'", "\"", None),
            ("sum(a))", "\"'`", None),
            ("(a]", "\"'`", None),
        ] {
            assert_eq!(ends(text, quotes).as_deref(), closed, "{text}");
        }
    }
}
