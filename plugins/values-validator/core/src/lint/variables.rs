//! Expressions of dashboards, with something in place of their variables.

/// Variables of Grafana as PromQL of the same length: a duration in brackets, a name or number elsewhere.
/// Inside of quotes they stay.
pub(super) fn filled(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut quote = None;
    let mut at = 0;
    let mut brackets = 0;
    let mut labels = false;
    while at < chars.len() {
        let c = chars[at];
        match (quote, c) {
            (Some(q), _) if c == q => quote = None,
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '[') if chars.get(at + 1) != Some(&'[') || chars.get(at + 2) == Some(&'[') => {
                brackets += 1
            }
            (None, ']') => brackets -= 1,
            (None, '(') => {
                let word = out.trim_end();
                labels = [
                    "by",
                    "without",
                    "on",
                    "ignoring",
                    "group_left",
                    "group_right",
                ]
                .iter()
                .any(|k| word.ends_with(k));
            }
            (None, ')') => labels = false,
            _ => {}
        }
        let variable = match (quote, c) {
            (None, '$') if chars.get(at + 1) == Some(&'{') => chars[at..]
                .iter()
                .position(|c| *c == '}')
                .map(|end| end + 1),
            (None, '$') => Some(
                1 + chars[at + 1..]
                    .iter()
                    .take_while(|c| c.is_alphanumeric() || **c == '_')
                    .count(),
            ),
            (Some(_), '$') if chars.get(at + 1) == Some(&'{') => {
                // A name that no pattern mistakes for a repetition.
                let end = chars[at..].iter().position(|c| *c == '}').unwrap_or(0);
                if end > 0 {
                    out.push('$');
                    out.push_str(&"_".repeat(end));
                    at += end + 1;
                    continue;
                }
                None
            }
            (Some(_), '[')
                if chars.get(at + 1) == Some(&'[')
                    && chars
                        .get(at + 2)
                        .is_some_and(|c| c.is_alphabetic() || *c == '_') =>
            {
                let close = chars[at..].windows(2).position(|w| w == [']', ']']);
                let name = close.map_or(&[][..], |end| &chars[at + 2..at + end]);
                if !name.is_empty()
                    && name
                        .iter()
                        .all(|c| c.is_alphanumeric() || matches!(c, '_' | ':'))
                {
                    out.push('$');
                    out.push_str(&"_".repeat(name.len() + 3));
                    at += name.len() + 4;
                    continue;
                }
                None
            }
            (None, '[') if chars.get(at + 1) == Some(&'[') && chars.get(at + 2) != Some(&'[') => {
                chars[at..]
                    .windows(2)
                    .position(|w| w == [']', ']'])
                    .map(|end| end + 2)
            }
            _ => None,
        };
        match variable {
            Some(length) if length > 1 => {
                let word = if brackets > 0 || out.trim_end().ends_with("offset") {
                    format!("{:length$}", "5m")
                } else if labels {
                    "x".repeat(length)
                } else {
                    format!("{:length$}", "1")
                };
                out.push_str(&word);
                at += length;
            }
            _ => {
                out.push(c);
                at += 1;
            }
        }
    }
    out
}
