//! What a finding is about, in the forms that may have been meant: each is tried by the caller.

mod alerts;
mod exporters;
mod ini;
mod known;
mod lists;
mod monitors;
mod others;
mod peers;
mod pods;
mod secrets;
mod short;
mod suffix;
mod words;

use super::block::Lines;
use super::draft::Draft;
use super::form::Form;
use super::targets::{parts, walked};
use crate::finding::Finding;
use crate::node::{Node, Value};
use crate::{Source, codes};

/// A finding, and the file that it is about.
struct Case<'a> {
    root: &'a Node,
    finding: &'a Finding,
    path: Vec<String>,
    source: &'a Source,
    index: u32,
    lines: Lines<'a>,
    /// Texts, each with words.
    all: Vec<(String, String)>,
}

/// Texts of the file that may have been meant, the likeliest first, each with words for it (empty: those of
/// the finding hold).
pub fn forms(root: &Node, finding: &Finding, source: &Source, index: u32) -> Vec<(String, String)> {
    let mut case = Case {
        root,
        finding,
        path: parts(&finding.path),
        source,
        index,
        lines: Lines::new(source, index),
        all: Vec::new(),
    };
    let looks: [fn(&mut Case<'_>) -> Option<()>; 27] = [
        words::near,
        words::units,
        words::mebibytes,
        short::short,
        suffix::suffix,
        others::gateway,
        others::targets,
        others::keys,
        others::presets,
        others::attributes,
        peers::peers,
        monitors::monitors,
        exporters::exporters,
        ini::sections,
        secrets::references,
        pods::affinity,
        pods::strategy,
        pods::ports,
        alerts::alerts,
        alerts::groups,
        lists::lists,
        lists::prefixes,
        known::sidecar,
        known::provisioned,
        known::entries,
        known::persistence,
        known::kind,
    ];
    for look in looks {
        // A look ends where it has nothing to say.
        let _ = look(&mut case);
    }
    case.all
}

impl<'a> Case<'a> {
    fn is(&self, code: codes::Code) -> bool {
        self.finding.code == code.code
    }

    fn node(&self) -> Option<&'a Node> {
        walked(self.root, &self.path)
    }

    fn at(&self, path: &[String]) -> Option<&'a Node> {
        walked(self.root, path)
    }

    fn key(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// The path without its last part, or the last two.
    fn above(&self, count: usize) -> &[String] {
        &self.path[..self.path.len().saturating_sub(count)]
    }

    /// A value in another form, in lines and between brackets.
    fn put(&mut self, node: &Node, form: &Form, words: impl Into<String>) {
        let words = words.into();
        for form in [form.clone(), form.inline()] {
            if let Some(text) = self.lines.put(node, &form) {
                self.all.push((text, words.clone()));
            }
        }
    }

    fn draft(&self) -> Draft {
        Draft::new(self.source, self.index)
    }

    /// What is at a path at another.
    fn moved(&mut self, from: &[String], to: &[String], words: impl Into<String>) -> Option<()> {
        let mut draft = self.draft();
        draft.moved(from, to)?;
        self.all.push((draft.text(), words.into()));
        Some(())
    }
}

/// A path with other parts behind it.
fn with(above: &[String], more: &[&str]) -> Vec<String> {
    let more = more.iter().map(|part| (*part).to_owned());
    above.iter().cloned().chain(more).collect()
}

/// A text, or a number or boolean as it is written.
fn text(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}
