//! Settings of the bundled Grafana, wherever they are.

use crate::Values;
use crate::node::{Node, join};

/// Settings of Grafana, from grafana.ini or the environment, which is above it.
pub(super) struct Settings<'a>(pub &'a Values);

impl<'a> Settings<'a> {
    pub(super) fn ini(&self, section: &str, key: &str) -> Option<&'a Node> {
        self.0.get("grafana.ini")?.child(section)?.child(key)
    }

    pub(super) fn variable(&self, section: &str, key: &str) -> Option<(String, &'a Node)> {
        let name = format!("GF_{section}_{key}").to_uppercase();
        let name = name.replace(['.', '-'], "_");
        let mut all = self.0.list("grafana.extraEnv");
        let own =
            all.find(|(_, item)| item.child("name").and_then(Node::as_str) == Some(name.as_str()));
        own.map(|(path, item)| (path, item.child("value").unwrap_or(item)))
    }

    /// The place of a setting: its path and what it is.
    pub(super) fn at(&self, section: &str, key: &str) -> Option<(String, &'a Node)> {
        let path = join(&join("grafana.ini", section), key);
        let variable = self.variable(section, key);
        let variable = variable.map(|(path, node)| (join(&path, "value"), node));
        variable.or_else(|| Some((path, self.ini(section, key)?)))
    }

    pub(super) fn is(&self, section: &str, key: &str, word: &str) -> bool {
        self.at(section, key)
            .is_some_and(|(_, node)| says(node, word))
    }
}

/// Whether a setting is a word, or the boolean that the word is.
pub(super) fn says(node: &Node, word: &str) -> bool {
    match node.as_bool() {
        Some(is) => is == (word == "true") && matches!(word, "true" | "false"),
        None => node
            .as_str()
            .is_some_and(|text| text.eq_ignore_ascii_case(word)),
    }
}
