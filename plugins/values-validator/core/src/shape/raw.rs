//! JSON that is read where somebody looks: a check touches a small part of the schema.

use crate::node::Node;

/// A value as it is written: no blanks between its parts, no escapes in its keys. A test holds that the
/// embedded schema is written so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raw(pub &'static str);

impl Raw {
    /// The keys of an object with their values, as they are written; none of anything else.
    #[must_use]
    pub fn entries(self) -> Vec<(&'static str, Self)> {
        let mut entries = Vec::new();
        let mut rest = self.0.strip_prefix('{').unwrap_or_default();
        while let Some((key, behind)) = rest
            .strip_prefix('"')
            .and_then(|rest| rest.split_once("\":"))
        {
            let (value, behind) = first(behind);
            entries.push((key, value));
            rest = behind;
        }
        entries
    }

    /// The items of a list; none of anything else.
    #[must_use]
    pub fn items(self) -> Vec<Self> {
        let mut items = Vec::new();
        let mut rest = self.0.strip_prefix('[').unwrap_or_default();
        while !rest.is_empty() && !rest.starts_with(']') {
            let (value, behind) = first(rest);
            items.push(value);
            rest = behind;
        }
        items
    }

    /// All of it, read.
    #[must_use]
    pub fn node(self) -> Option<Node> {
        crate::set::read_json(self.0)
    }
}

/// The value at the beginning of a text, and what stands behind it and its comma.
fn first(text: &'static str) -> (Raw, &'static str) {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = closing(bytes, at + 1),
            b'{' | b'[' => depth += 1,
            b',' | b'}' | b']' if depth == 0 => break,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    let (value, behind) = text.split_at(at.min(text.len()));
    (Raw(value), behind.strip_prefix(',').unwrap_or(behind))
}

/// Where the quote is that ends a text: most of the schema is texts.
fn closing(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => break,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same tree, read part by part.
    fn parts(raw: Raw) -> String {
        let entries: Vec<String> = (raw.entries().into_iter())
            .map(|(key, value)| format!("\"{key}\":{}", parts(value)))
            .collect();
        let items: Vec<String> = raw.items().into_iter().map(parts).collect();
        match raw.0.as_bytes()[0] {
            b'{' => format!("{{{}}}", entries.join(",")),
            b'[' => format!("[{}]", items.join(",")),
            _ => raw.0.to_owned(),
        }
    }

    #[test]
    fn the_parts_of_a_text_are_the_whole() {
        for text in [
            "1",
            "{}",
            "[]",
            r#"{"a":[1,"],}",{"b":"\\\""},[]],"c":{},"d":-1.5}"#,
            crate::embedded::shape().trim(),
        ] {
            assert_eq!(parts(Raw(text)), text);
            assert!(Raw(text).node().is_some());
        }
    }

    #[test]
    fn keys_of_the_schema_are_in_order_and_have_no_escapes() {
        fn look(raw: Raw) {
            let entries = raw.entries();
            assert!(entries.is_sorted_by(|(a, _), (b, _)| a < b), "{entries:?}");
            for (key, value) in entries {
                assert!(!key.contains(['\\', '"']), "{key}");
                look(value);
            }
            raw.items().into_iter().for_each(look);
        }
        look(Raw(crate::embedded::shape().trim()));
    }
}
