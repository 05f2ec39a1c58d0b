//! A value that is none of those that the schema lists, and the one that was meant.

use super::{REFUSED, Walk};
use crate::Finding;
use crate::codes::NOT_ALLOWED;
use crate::node::{Node, Value};
use crate::shape::suggest::nearest;
use crate::shape::words::choice;

impl Walk<'_> {
    pub(super) fn not_allowed(&self, allowed: &[Value], node: &Node, path: &str) -> Finding {
        let finding = NOT_ALLOWED
            .at(path, &node.place)
            .found(node.described())
            .expected(choice(allowed))
            .why(REFUSED);
        let words: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
        let same = |text: &str| {
            match text.to_ascii_lowercase().as_str() {
                "page" | "crit" | "high" | "error" | "p1" | "sev1" => "critical",
                "warn" | "low" | "ticket" | "medium" => "warning",
                "notice" | "none" => "info",
                "ttft" => "timeToFirstToken",
                "tpot" | "itl" => "timePerOutputToken",
                "token" => "bearer",
                "include" | "allow" | "accept" => "keep",
                "exclude" | "ignore" | "reject" | "deny" | "remove" => "drop",
                "rename" | "set" => "replace",
                _ => "",
            }
            .to_owned()
        };
        let meant = node.as_str().map(same).unwrap_or_default();
        let text = node.as_str().unwrap_or_default();
        let meant = (words.iter().copied())
            .find(|word| !word.is_empty() && *word == meant)
            .or_else(|| nearest(text, words.iter().copied()))
            .or_else(|| inside(text, &words));
        match meant {
            Some(word) => finding
                .fix(format!("did you mean {word}?"))
                .replace(node.place, word),
            None => finding.fix(format!("write {}", choice(allowed))),
        }
    }
}
/// The one word that a text contains, or that contains the text: `warn` for `warning`.
fn inside<'a>(text: &str, words: &[&'a str]) -> Option<&'a str> {
    let text = text.to_ascii_lowercase();
    let mut near = (words.iter().copied()).filter(|word| {
        let word = word.to_ascii_lowercase();
        word.len() >= 3 && text.contains(&word) || text.len() >= 3 && word.contains(&text)
    });
    let first = near.next()?;
    near.next().is_none().then_some(first)
}
