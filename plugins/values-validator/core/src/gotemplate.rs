//! Go templates, as far as their syntax and names tell: what Prometheus expands in labels and
//! annotations of alerts, what Alertmanager expands in messages, and what helm expands with `tpl`.

mod calls;
mod closed;
mod names;
mod scan;
#[cfg(test)]
mod tests;

use crate::embedded::Text;
pub use closed::closed;
use names::{later, names};
use scan::{action_end, scan, words};

/// Why a template is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Bytes from the start of the text.
    pub at: usize,
    /// What is wrong there.
    pub text: String,
    /// The word that is wrong, and the one that is meant.
    pub meant: Option<(String, String)>,
    /// Whether it is only met when the text is made, for an alert that fires: the rules are loaded.
    pub late: bool,
}

impl Fault {
    /// One that keeps the rules from being loaded, and nobody knows what was meant.
    fn new(at: usize, text: String) -> Self {
        Self {
            at,
            text,
            meant: None,
            late: false,
        }
    }

    #[inline(never)]
    fn said(at: usize, text: Text) -> Self {
        Self::new(at, text.as_str().to_owned())
    }
}

/// Who expands a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Prometheus, in an alert's labels and annotations.
    Alert,
    /// Alertmanager, in a receiver's messages.
    Message,
    /// Helm: only the syntax is looked at, its functions are many.
    Helm,
}

/// What is wrong with a template, and the labels that it reads: `pod` of `{{ $labels.pod }}`, with
/// where they stand.
///
/// # Errors
/// The first [`Fault`].
pub fn read(text: &str, dialect: Dialect) -> Result<Vec<(usize, String)>, Fault> {
    let mut labels = Vec::new();
    let mut own: Vec<String> = Vec::new();
    // Where each block begins, and whether the dot is another inside of it.
    let mut open: Vec<(usize, bool)> = Vec::new();
    // Whether the dot is an alert, in the block of that number.
    let mut alert = 0;
    let mut at = 0;
    while let Some(start) = text[at..].find("{{") {
        let start = at + start;
        let inside = start + 2;
        let end = action_end(text, inside)?;
        let action = &text[inside..end];
        at = end + 2;
        let body = action.trim_start_matches('-').trim_start();
        if body.starts_with("/*") {
            continue;
        }
        let tokens = scan(action, inside)?;
        let words = words(&tokens);
        match words.first().map(|(_, word)| *word) {
            None if body.trim_end_matches('-').trim().is_empty() => {
                return Err(Fault::said(start, text!("{{ }} with nothing in it")));
            }
            Some(word @ ("if" | "range" | "with" | "define" | "block")) => {
                open.push((start, word != "if"));
                if word != "if" {
                    let each = words.len() == 2 && words[1].1.starts_with(".Alerts");
                    alert = if each && word == "range" {
                        open.len()
                    } else {
                        0
                    };
                }
            }
            Some("end") if open.pop().is_none() => {
                return Err(Fault::said(
                    start,
                    text!("{{ end }} without if, range or with before it"),
                ));
            }
            _ => {}
        }
        if open.len() < alert || words.first().is_some_and(|(_, word)| *word == "else") {
            alert = 0;
        }
        // What Alertmanager gives a message; inside of other ranges and with the dot is something else.
        if dialect == Dialect::Message
            && let Some((at, field)) = words
                .iter()
                .find(|(_, word)| word.starts_with('.') && word.len() > 1)
            && words.first().is_none_or(|(_, word)| *word != "range")
            && (alert > 0 || !open.iter().any(|(_, moves)| *moves))
        {
            const ONE: Text =
                text!("Labels Annotations Status StartsAt EndsAt GeneratorURL Fingerprint");
            const DATA: Text = text!(
                "Receiver Status Alerts GroupLabels CommonLabels CommonAnnotations ExternalURL NotificationReason GroupKey TruncatedAlerts"
            );
            let name = field[1..].split('.').next().unwrap_or("");
            let upper = name.starts_with(|c: char| c.is_ascii_uppercase());
            let one = alert > 0;
            let data = if one { ONE } else { DATA };
            if upper && !data.split(' ').any(|known| known == name) {
                let near = match name {
                    _ if one => crate::shape::nearest(name, data.as_str().split(' ')),
                    "Labels" | "Label" => Some("CommonLabels"),
                    "Annotations" | "Annotation" => Some("CommonAnnotations"),
                    _ => crate::shape::nearest(name, data.as_str().split(' ')),
                };
                return Err(Fault {
                    late: false,
                    at: *at,
                    text: format!("the unknown field .{name}"),
                    meant: near.map(|near| (format!(".{name}"), format!(".{near}"))),
                });
            }
        }
        // A variable takes no arguments: its pipe is missing.
        if let [(_, first), (at, second), ..] = words[..]
            && dialect != Dialect::Helm
            && first.starts_with(['$', '.'])
            && second.starts_with(|c: char| c.is_ascii_alphabetic())
            && action
                .get(..at - inside)
                .is_some_and(|before| !before.contains(['|', '(', ':', ',']))
        {
            return Err(Fault {
                late: false,
                at,
                text: format!("{second} behind {first}, without | between them"),
                meant: Some((second.to_owned(), format!("| {second}"))),
            });
        }
        // What another program is to expand later; a range may have variables of these names.
        if dialect == Dialect::Helm
            && !text.contains(":=")
            && !open.iter().any(|(_, moves)| *moves)
            && let Some((at, word)) = words.iter().find(|(_, word)| later(word))
        {
            return Err(Fault::new(*at, format!("{word}, which helm does not know")));
        }
        if dialect != Dialect::Helm {
            let defines = action.contains(":=");
            names(&words, dialect, defines, &mut own, &mut labels)?;
        }
        if dialect == Dialect::Alert {
            calls::check(&tokens)?;
            if !open.iter().any(|(_, moves)| *moves) {
                calls::fields(&tokens, &mut labels)?;
            }
        }
    }
    if let Some(brace) = text[at..].find("}}")
        && dialect == Dialect::Alert
        && text[..at + brace].rfind('{').is_some_and(|open| open >= at)
    {
        return Err(Fault::said(
            at + brace,
            text!("`}}` without `{{` before it"),
        ));
    }
    match open.last() {
        Some((start, _)) => Err(Fault::said(*start, text!("a block without its {{ end }}"))),
        None => Ok(labels),
    }
}
