//! Settings of a policy, typed: each key is read once, and all that is wrong is told together.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::duration;
use crate::json::{self, Entries, Node, quote};

/// A settings document while it is read.
#[derive(Debug)]
pub struct Settings {
    entries: Entries,
    in_force: Entries,
    mistakes: Vec<String>,
}

impl Settings {
    /// Of a JSON object.
    ///
    /// # Errors
    ///
    /// A text, where it is something else, or has a key twice.
    pub fn read(document: &[u8]) -> Result<Self, String> {
        let entries = match json::read(document) {
            Ok(Node::Object(entries)) => entries,
            Ok(other) => return Err(format!("settings: found {other}; expected a JSON object")),
            Err(error) => return Err(format!("settings: found {error}; expected a JSON object")),
        };
        let mut seen: Vec<&str> = Vec::new();
        for (key, _) in &entries {
            if seen.contains(&key.as_str()) {
                return Err(format!("settings: found the key {} twice", quote(key)));
            }
            seen.push(key);
        }
        Ok(Self {
            entries,
            in_force: Vec::new(),
            mistakes: Vec::new(),
        })
    }

    /// A number from `least` to `most`.
    pub fn number(&mut self, key: &str, default: f64, [least, most]: [f64; 2]) -> f64 {
        let read = |node: &Node| match node {
            Node::Number(number) if (least..=most).contains(number) => Some(*number),
            _ => None,
        };
        let expected = format!("a number from {least} to {most}");
        self.take(key, default, &expected, read, |number| {
            Node::Number(*number)
        })
    }

    /// A duration such as `1m30s`, as seconds; `default` as well.
    pub fn duration(&mut self, key: &str, default: &str) -> f64 {
        let read = |node: &Node| match node {
            Node::Text(text) => duration::parse(text),
            _ => None,
        };
        let default = duration::parse(default).unwrap_or_default();
        let expected = "a duration such as \"10s\", \"1m30s\" or \"250ms\"";
        self.take(key, default, expected, read, |seconds| {
            Node::Text(duration::format(*seconds))
        })
    }

    /// `true` or `false`.
    pub fn flag(&mut self, key: &str, default: bool) -> bool {
        let read = |node: &Node| match node {
            Node::Bool(yes) => Some(*yes),
            _ => None,
        };
        self.take(key, default, "true or false", read, |yes| Node::Bool(*yes))
    }

    /// A list of texts, none of them empty.
    pub fn texts(&mut self, key: &str, default: &[&str]) -> Vec<String> {
        let text = |node: &Node| match node {
            Node::Text(text) if !text.is_empty() => Some(text.clone()),
            _ => None,
        };
        let read = |node: &Node| match node {
            Node::List(nodes) => nodes.iter().map(text).collect(),
            _ => None,
        };
        let default = default.iter().map(|text| (*text).to_owned()).collect();
        self.take(
            key,
            default,
            "a list of texts",
            read,
            |texts: &Vec<String>| {
                Node::List(texts.iter().map(|text| Node::from(text.as_str())).collect())
            },
        )
    }

    fn take<T>(
        &mut self,
        key: &str,
        default: T,
        expected: &str,
        read: impl Fn(&Node) -> Option<T>,
        write: impl Fn(&T) -> Node,
    ) -> T {
        let mut value = default;
        if let Some(at) = self.entries.iter().position(|(name, _)| name == key) {
            let (_, node) = self.entries.remove(at);
            match read(&node) {
                Some(found) => value = found,
                None => self
                    .mistakes
                    .push(format!("settings.{key}: found {node}; expected {expected}")),
            }
        }
        self.in_force.push((key.to_owned(), write(&value)));
        value
    }

    /// The settings in force as JSON, once all keys are read.
    ///
    /// # Errors
    ///
    /// All mistakes, one a line; a key that nothing has read is one.
    pub fn finish(mut self) -> Result<String, String> {
        let known: Vec<&str> = self.in_force.iter().map(|(key, _)| key.as_str()).collect();
        for (key, _) in &self.entries {
            self.mistakes.push(format!(
                "settings: found the key {}; expected one of {}",
                quote(key),
                known.join(", ")
            ));
        }
        if self.mistakes.is_empty() {
            Ok(Node::Object(self.in_force).to_json())
        } else {
            Err(self.mistakes.join("\n"))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Settings;

    fn read(document: &str) -> (f64, f64, bool, Vec<String>, Result<String, String>) {
        let mut settings = Settings::read(document.as_bytes()).unwrap();
        (
            settings.number("share", 1.0, [0.0, 100.0]),
            settings.duration("longest", "1m30s"),
            settings.flag("late", true),
            settings.texts("tenants", &["a"]),
            settings.finish(),
        )
    }

    #[test]
    fn what_is_not_said_has_its_default_and_is_in_force() {
        let (share, longest, late, tenants, in_force) = read("{}");
        assert_eq!((share, longest, late), (1.0, 90.0, true));
        assert_eq!(tenants, ["a"]);
        let expected = r#"{"share":1,"longest":"90s","late":true,"tenants":["a"]}"#;
        assert_eq!(in_force.unwrap(), expected);
        assert_eq!(read(expected).4.unwrap(), expected);
    }

    #[test]
    fn all_mistakes_are_told_together() {
        let document =
            r#"{"share": 101, "longest": 5, "late": "no", "tenants": [""], "tenant": 1}"#;
        let mistakes = read(document).4.unwrap_err();
        assert_eq!(mistakes.lines().count(), 5, "{mistakes}");
        for key in ["share", "longest", "late", "tenants", "\"tenant\""] {
            assert!(mistakes.contains(key), "{mistakes}");
        }
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for document in ["", "[]", "null", "{", "{} {}", r#"{"a":1,"a":2}"#] {
            assert!(Settings::read(document.as_bytes()).is_err(), "{document}");
        }
    }
}
