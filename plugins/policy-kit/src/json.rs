//! JSON as it was written: an object keeps its entries in their order, a key that stands twice
//! among them, which a map would swallow.
//!
//! `serde_json` reads it. Its own `Value` brings maps, sorting and a second way to write numbers,
//! a fifth of the module; so documents are built of the same nodes and written here.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number; beyond 2⁵³ it is rounded.
    Number(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// An object's entries.
    Object(Entries),
}

/// The entries of an object.
pub type Entries = Vec<(String, Node)>;

impl fmt::Display for Node {
    /// What was found, for an error text: `the number 1`, `"text"`, `a list`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(yes) => write!(f, "{yes}"),
            Self::Number(number) => write!(f, "the number {number}"),
            Self::Text(text) => f.write_str(&quote(text)),
            Self::List(_) => f.write_str("a list"),
            Self::Object(_) => f.write_str("an object"),
        }
    }
}

impl Node {
    /// An object of these entries.
    #[must_use]
    pub fn object<const N: usize>(entries: [(&str, Self); N]) -> Self {
        let entries = entries.into_iter();
        Self::Object(entries.map(|(key, node)| (key.to_owned(), node)).collect())
    }

    /// A list of texts.
    #[must_use]
    pub fn texts(texts: &[&str]) -> Self {
        Self::List(texts.iter().map(|text| Self::from(*text)).collect())
    }

    /// The document as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        self.write(&mut json);
        json
    }

    fn write(&self, json: &mut String) {
        match self {
            Self::Null => json.push_str("null"),
            Self::Bool(yes) => json.push_str(if *yes { "true" } else { "false" }),
            // JSON has no number that is not finite.
            Self::Number(number) if number.is_finite() => {
                let _ = write!(json, "{number}");
            }
            Self::Number(_) => json.push_str("null"),
            Self::Text(text) => write_text(text, json),
            Self::List(nodes) => {
                json.push('[');
                for (at, node) in nodes.iter().enumerate() {
                    if at > 0 {
                        json.push(',');
                    }
                    node.write(json);
                }
                json.push(']');
            }
            Self::Object(entries) => {
                json.push('{');
                for (at, (key, node)) in entries.iter().enumerate() {
                    if at > 0 {
                        json.push(',');
                    }
                    write_text(key, json);
                    json.push(':');
                    node.write(json);
                }
                json.push('}');
            }
        }
    }
}

fn write_text(text: &str, json: &mut String) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            c if c < ' ' => {
                let _ = write!(json, "\\u{:04x}", u32::from(c));
            }
            c => json.push(c),
        }
    }
    json.push('"');
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<f64> for Node {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

/// Longest piece of the operator's text that an error repeats, in characters.
pub const EXCERPT: usize = 60;

/// Quotes a piece of the operator's text on one line, and no more of it than a reader needs.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut excerpt: String = text.chars().take(EXCERPT).collect();
    if excerpt.len() < text.len() {
        excerpt.push('…');
    }
    format!("{excerpt:?}")
}

/// Reads one document.
///
/// # Errors
///
/// When it is no JSON.
pub fn read(json: &[u8]) -> Result<Node, serde_json::Error> {
    serde_json::from_slice(json)
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::Null)
            }

            fn visit_bool<E>(self, yes: bool) -> Result<Node, E> {
                Ok(Node::Bool(yes))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
                Ok(Node::Number(number as f64))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
                Ok(Node::Number(number as f64))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Node, E> {
                Ok(Node::Number(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Node, E> {
                Ok(Node::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
                let mut nodes = Vec::new();
                while let Some(node) = list.next_element()? {
                    nodes.push(node);
                }
                Ok(Node::List(nodes))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Node::Object(entries))
            }
        }

        deserializer.deserialize_any(Any)
    }
}
