//! A value that is none of those that the schema lists, and the one that was meant.

use super::{REFUSED, Walk};
use crate::Finding;
use crate::codes::NOT_ALLOWED;
use crate::embedded::Text;
use crate::node::{Node, Value};
use crate::shape::suggest::nearest;
use crate::shape::words::choice;

/// A word of the chart or of what it passes on, and what other tools call it.
const SAME: Text = text!(
    "critical: page crit high error p1 sev1\n\
     warning: warn low ticket medium\n\
     info: notice none\n\
     timeToFirstToken: ttft\n\
     timePerOutputToken: tpot itl intertokenlatency\n\
     bearer: token\n\
     keep: include allow accept\n\
     drop: exclude ignore reject deny remove\n\
     replace: rename set\n\
     whole: tail trace\n\
     deny: block drop redact denylist blocklist blacklist\n\
     allow: keep allowlist whitelist\n\
     wasm: plugin\n\
     badger: disk file persistent local\n\
     detailed: verbose debug full\n\
     basic: minimal\n\
     full: all\n\
     victoriametrics: vm\n\
     google: gmp gke\n\
     azure: aks\n\
     labeldrop: drop_label\n\
     labelkeep: keep_label"
);

impl Walk<'_> {
    pub(super) fn not_allowed(&self, allowed: &[Value], node: &Node, path: &str) -> Finding {
        let finding = NOT_ALLOWED
            .at(path, &node.place)
            .found(node.described())
            .expected(choice(allowed))
            .why(REFUSED);
        let words: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
        let text = node.as_str().unwrap_or_default();
        let lower = text.to_ascii_lowercase();
        // The words that one of another tool may stand for, of which this list has one at most.
        let meant = SAME
            .lines()
            .filter_map(|line| line.split_once(": "))
            .filter(|(_, others)| others.split(' ').any(|other| other == lower))
            .find_map(|(word, _)| words.iter().copied().find(|known| *known == word))
            .or_else(|| nearest(text, words.iter().copied()))
            .or_else(|| inside(text, &words));
        match meant {
            // Nobody is paged for a slow burn by default.
            Some(word) if crate::FULL && word == "critical" && path.starts_with("slos.windows.slow") => {
                finding.fix("write warning, which this window has by default, or critical to page somebody for it")
            }
            Some(word) => finding.meant(node.place, word),
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
