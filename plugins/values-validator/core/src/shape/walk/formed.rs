//! A value in the form that the schema wants, where it is plain how.

use super::Walk;
use crate::node::{Node, Value};
use crate::shape::example;
use crate::shape::schema::Schema;
use vllm_catalog::number::Shown;

/// Numbers in words.
pub(super) const WORDS: [&str; 11] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
];

impl Walk<'_> {
    /// The value in the form that is wanted, where it is plain how.
    pub(super) fn formed(&self, schema: &Schema, node: &Node) -> Option<String> {
        let of = schema.resolved(self.root);
        if let Some(text) = of.alternatives().find_map(|of| self.formed(of, node)) {
            return Some(text);
        }
        if self.takes(of, "object") && !matches!(node.value, Value::Map(_)) {
            return example::map(of, self.root, node);
        }
        if self.takes(of, "boolean") {
            let word = match &node.value {
                Value::Text(text) => text.trim_matches([' ', ',', ';']).to_ascii_lowercase(),
                Value::Int(number) => number.to_string(),
                _ => String::new(),
            };
            let on = match word.as_str() {
                "true" | "yes" | "1" | "enabled" | "enable" | "active" | "always" | "ja" => {
                    Some("true")
                }
                "false" | "no" | "0" | "disabled" | "disable" | "never" | "none" | "nein" => {
                    Some("false")
                }
                _ => None,
            };
            if let Some(on) = on {
                // Where off is a word, it is what people write.
                let off = |of: &Schema| {
                    let pattern = of.pattern.as_ref();
                    pattern.is_some_and(|pattern| pattern.regex.is_match("off"))
                };
                if crate::FULL && on == "false" && off(of) {
                    return Some("off".to_owned());
                }
                return Some(on.to_owned());
            }
        }
        if let Value::Text(text) = &node.value
            && (self.takes(of, "integer") || self.takes(of, "number"))
        {
            if let Some(count) = WORDS
                .iter()
                .position(|word| text.eq_ignore_ascii_case(word))
            {
                return Some(count.to_string());
            }
            let ratio = of.exclusive_maximum.or(of.maximum) == Some(1.0);
            return example::number(text, ratio);
        }
        if let (Value::Map(map), true) = (&node.value, self.takes(of, "string")) {
            let mut values = map.values();
            return match (values.next(), values.next()) {
                (Some(only), None) => only.as_str().map(example::scalar),
                // As `helm create` writes the hosts of an Ingress.
                _ => map.get("host").and_then(Node::as_str).map(example::scalar),
            };
        }
        // Names with commas between them, as NO_PROXY has them.
        if let (Value::List(items), true) = (&node.value, self.takes(of, "string"))
            && items.len() > 1
            && !self.takes(of, "array")
        {
            let texts: Option<Vec<&str>> = items.iter().map(Node::as_str).collect();
            return texts.map(|texts| example::scalar(&texts.join(",")));
        }
        // A share is written with its sign.
        if let (Some(number), Some(pattern)) = (node.as_f64(), &of.pattern)
            && matches!(node.value, Value::Int(_) | Value::Float(_))
            && pattern.regex.is_match("25%")
            && !pattern.regex.is_match("25")
        {
            let number = if number < 1.0 {
                (number * 1e6).round() / 1e4
            } else {
                number
            };
            return Some(format!("{}%", Shown(number)));
        }
        if self.takes(of, "array") && !matches!(node.value, Value::List(_)) {
            return example::list(of.items.as_deref(), self.root, node);
        }
        None
    }
}
