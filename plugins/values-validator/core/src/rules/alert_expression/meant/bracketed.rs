//! Brackets and quotation marks that are missing.

use crate::close::ends;

/// A bracket or quotes that are missing, `by` inside of the brackets, the quantile behind the buckets.
pub fn bracketed(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    // Before the operator of which the left side has too few.
    for operator in [" / ", " and ", " or ", " unless ", " * "] {
        if let Some((left, right)) = text.split_once(operator)
            && left.matches('(').count() > left.matches(')').count()
        {
            all.push(format!("{left}){operator}{right}"));
        }
    }
    // Before the comparison, or at the end.
    let compare = text.rfind(" > ").or_else(|| text.rfind(" < "));
    let compare = compare.or_else(|| text.rfind(" == ")).unwrap_or(text.len());
    for at in [compare, text.len()] {
        let (before, behind) = text.split_at(at);
        if let Some(ends) = ends(before, "\"'`") {
            all.push(format!("{before}{ends}{behind}"));
        }
    }
    if let Some(open) = text.rfind('{')
        && let Some(end) = text[open..].find([')', '['])
    {
        let at = open + end;
        all.push(format!("{}}}{}", &text[..at], &text[at..]));
    }
    // {model_name=llama}
    let mut quoted = String::new();
    let mut inside = false;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        quoted.push(c);
        inside = inside && c != '}' || c == '{';
        let equals = inside && (c == '=' || c == '~');
        if equals
            && rest
                .peek()
                .is_some_and(|next| !matches!(next, '"' | '\'' | '~' | '=' | '`'))
        {
            quoted.push('"');
            while let Some(c) = rest.next_if(|c| !matches!(c, ',' | '}')) {
                quoted.push(c);
            }
            quoted.push('"');
        }
    }
    all.push(quoted);
    // {label:"a"}, {label="a} and what other languages write for a range
    all.push(text.replace(":\"", "=\""));
    if let Some(end) = text.rfind('}') {
        all.push(format!("{}\"{}", &text[..end], &text[end..]));
    }
    all.push(
        text.replace("\"*", "\".*")
            .replace("*\"", ".*\"")
            .replace("..*", ".*"),
    );
    for (at, _) in text.match_indices("~\"") {
        let start = at + 2;
        if let Some(end) = text[start..].find('"')
            && let Some(new) = crate::re2::fixed(&text[start..start + end])
        {
            all.push(format!("{}{new}{}", &text[..start], &text[start + end..]));
        }
    }
    for (open, close) in [("[:", ']'), ("{", '}')] {
        if let Some((before, rest)) = text.rsplit_once(open)
            && let Some((range, behind)) = rest.split_once(close)
            && crate::units::seconds(range).is_some()
        {
            all.push(format!("{before}[{range}]{behind}"));
        }
    }
    super::clauses::clauses(text, &mut all);
    all
}
