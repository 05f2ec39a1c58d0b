//! A template with what is missing.

use super::{Dialect, Fault, read};

/// The text with its last action closed.
fn closed_last(text: &str) -> String {
    let action = &text[text.rfind("{{").unwrap_or(text.len())..];
    let ends = crate::close::ends(action, "\"`").unwrap_or_default();
    format!("{text}{ends}")
}

/// A template with what is missing at its end, or in place of a single bracket, where that mends it.
#[must_use]
pub fn closed(text: &str, dialect: Dialect) -> Option<String> {
    if !crate::FULL {
        return None;
    }
    let single = |text: &str| {
        let mut out = String::new();
        for (at, part) in text.split("{{").enumerate() {
            let mut part = part.to_owned();
            if at > 0 {
                out.push_str("{{");
                if !part.contains("}}") {
                    part = part.replacen('}', "}}", 1);
                }
            }
            out.push_str(&part);
        }
        out
    };
    let operators = [(" == ", "eq"), (" != ", "ne")]
        .into_iter()
        .filter_map(|(other, ours)| {
            let (before, after) = text.split_once(other)?;
            let word = before.rfind(' ')? + 1;
            Some(format!(
                "{}{ours} {} {after}",
                &before[..word],
                &before[word..]
            ))
        });
    let mut candidates = vec![
        single(text),
        closed_last(text),
        format!("{text}{{{{ end }}}}"),
        text.replace("{{ foreach ", "{{ range ")
            .replace("{{ for ", "{{ range "),
    ];
    candidates.extend(operators);
    // Kept for whoever expands it later.
    if let (Dialect::Helm, Some(start), Some(end)) = (dialect, text.find("{{"), text.rfind("}}"))
        && start < end
        && !text.contains(['`', '\n'])
    {
        let (before, rest) = text.split_at(start);
        let (inside, after) = rest.split_at(end + 2 - start);
        candidates.push(format!("{before}{{{{`{inside}`}}}}{after}"));
    }
    if let Some((before, rest)) = text.split_once("printf %")
        && let Some((form, behind)) = rest.split_once(' ')
    {
        candidates.push(format!("{before}printf \"%{form}\" {behind}"));
    }
    let meant = |fault: Fault| {
        let (word, meant) = fault.meant?;
        let rest = text[fault.at..].strip_prefix(word.as_str())?;
        Some(format!("{}{meant}{rest}", &text[..fault.at]))
    };
    candidates.extend(read(text, dialect).err().and_then(meant));
    { candidates }
        .into_iter()
        .find(|new| new != text && read(new, dialect).is_ok())
}
