//! A key that the chart does not know: what was meant, or where it belongs.

use super::edit::whole;
use super::map::colon;
use super::{REFUSED, Reader, Walk};
use crate::codes::UNKNOWN_KEY;
use crate::node::{Map, Node, Value, quoted};
use crate::shape::example;
use crate::shape::foreign::advice;
use crate::shape::schema::Schema;
use crate::shape::suggest::{home, nearest, reworded};
use crate::{Finding, Findings};

impl Walk<'_> {
    pub(super) fn unknown(
        &self,
        schema: &Schema,
        map: &Node,
        key: &str,
        value: &Node,
        path: &str,
        many: bool,
    ) -> Finding {
        let place = value.key_place();
        let finding = UNKNOWN_KEY
            .at(path, &place)
            .found(format!("the key {}", quoted(key)));
        if many {
            return finding
                .expected(text!("keys that the chart knows"))
                .why(REFUSED)
                .fix(text!("see chart/values.yaml for what there is"));
        }
        if key.contains(|c: char| c.is_whitespace() && c != ' ') {
            return finding
                .expected(text!("spaces before the key"))
                .why(text!("A no-break space is no indentation: the key belongs to another map than it seems."))
                .fix(text!("replace the no-break spaces before it by spaces"));
        }
        let why = "The chart does not know this key, so helm refuses the file.";
        if let Some((finding, text)) = colon(&finding, key, value) {
            return finding
                .expected(text!("a blank behind the colon"))
                .why(why)
                .replace(place, text);
        }
        let known: Vec<&str> = schema.properties.keys().collect();
        // A name that is none here is advice for another place.
        let advice = advice(path, key).filter(|advice| {
            // What Prometheus itself reads has other names.
            if self.reader.foreign() && !matches!(key, "targets" | "labels" | "namespace") {
                return false;
            }
            let named = advice.strip_prefix("write ").unwrap_or(".");
            named.contains([' ', ':', '.', '<']) || known.contains(&named)
        });
        // All of it belongs where it is, without the key round it.
        // At the top it would be a switch of nothing.
        let whole_item = |inner: &Map| complete(schema, map, inner);
        if let Value::Map(inner) = &value.value
            && advice.is_none()
            && whole_item(inner)
            && path.contains('.')
            && !inner.is_empty()
            && value.place.line == value.place.end_line
            && inner.iter().all(|(key, node)| {
                schema.properties.get(key).is_some_and(|of| {
                    let mut wrong = Findings::default();
                    self.check(of, node, path, &mut wrong);
                    wrong.0.is_empty() && map.child(key).is_none()
                })
            })
        {
            let text = inside(value);
            return finding
                .expected(text!("the keys below it in its place"))
                .why(why)
                .fix(format!("write {text}, without {key}"))
                .replace(whole(value), text);
        }
        if let Some(advice) = advice {
            let finding = finding
                .expected(text!("a key of this chart"))
                .why(why)
                .fix(advice);
            let named = advice.strip_prefix("write ").unwrap_or_default();
            let (named, rest) = named.split_at(named.find([' ', ':', ',']).unwrap_or(named.len()));
            // Only where the name is all that differs.
            let alone = rest.is_empty() || rest.starts_with(": the") || rest.contains("<Secret>");
            let named = if alone { named } else { "" };
            return match self.renamed(schema, map, named, value) {
                Some((place, text)) => finding.replace(place, text),
                None if advice.starts_with("remove it") => finding.remove(value),
                None if map.child(named).is_some_and(|node| !node.is_default()) => {
                    let finding = finding.fix(format!("remove it: {named} is given"));
                    let empty = value.entries().len() == 0;
                    // What is below it would be lost.
                    if empty {
                        finding.remove(value)
                    } else {
                        finding
                    }
                }
                None => finding,
            };
        }
        if let (Some(on), Some(_)) = (value.as_bool(), schema.properties.get("enabled"))
            && matches!(key, "disabled" | "disable")
        {
            let text = format!("enabled: {}", !on);
            return finding
                .expected("enabled")
                .why(why)
                .writes(whole(value), &text);
        }
        if schema.properties.contains_key("matchLabels") && value.as_str().is_some() {
            let text = format!("matchLabels: {{{key}: {}}}", example::written(value));
            return finding
                .expected(text!("matchLabels, and the labels below it"))
                .why(why)
                .writes(whole(value), &text);
        }
        // A key that is given already is not what this one was meant to be, nor one that takes no such value.
        // The type first: of a map with thousands of unknown keys each is compared with all known ones.
        let kind = value.value.kind();
        let fits = |of: &Schema| {
            if !(self.takes(of, kind) || kind == "integer" && self.takes(of, "number")) {
                return false;
            }
            let mut wrong = Findings::default();
            self.check(of, value, path, &mut wrong);
            wrong.0.is_empty()
        };
        let free = (known.iter().copied())
            .filter(|known| map.child(known).is_none_or(Node::is_default))
            .filter(|known| {
                schema
                    .properties
                    .get(known)
                    .is_some_and(|of| fits(of) || similar(known, key))
            });
        let free: Vec<&str> = free.collect();
        let near =
            nearest(key, free.iter().copied()).or_else(|| reworded(key, free.iter().copied()));
        // A name of several words that the section has elsewhere is that key, not another one of these words.
        let several = crate::FULL && key.contains(|c: char| c.is_ascii_uppercase());
        let near = near.filter(|near| {
            !several || self.reader.foreign() || home(path, key).is_none() || similar(near, key)
        });
        // Another word for a section, told by what is below it: only one has these keys.
        let near = near.or_else(|| {
            let below = |of: &Schema| {
                let of = of.resolved(self.root);
                value.entries().len() > 0
                    && (value.entries())
                        .all(|(key, _)| of.properties.contains_key(key) && key != "enabled")
            };
            let mut one = (free.iter().copied()).filter(|known| {
                schema
                    .properties
                    .get(known)
                    .is_some_and(|of| below(of) && fits(of))
            });
            one.next().filter(|_| one.next().is_none())
        });
        if let (None, Value::Map(inner)) = (near, &value.value)
            && !inner.is_empty()
            && whole_item(inner)
            && inner.keys().all(|key| schema.properties.contains_key(key))
        {
            let text = inside(value);
            let single = value.place.line == value.place.end_line;
            let finding = finding
                .expected(text!("the keys below it in its place"))
                .why(why)
                .fix(format!("write {text}, without {key}"));
            return if single && !text.contains(['{', '}']) {
                finding.replace(whole(value), text)
            } else {
                finding
            };
        }
        let top = (self.root.properties.get(key)).filter(|of| {
            !self.reader.foreign()
                && path.contains('.')
                && matches!(value.value, Value::Map(_))
                && fits(of)
        });
        if let (None, Some(_)) = (&near, top) {
            return finding
                .expected(text!("the key at the top of the file"))
                .why(why)
                .fix(format!("move it to the top: {key} is a section of its own"));
        }
        let home = home(path, key).filter(|(_, of)| {
            if self.reader.foreign() {
                return false;
            }
            let of = of.resolved(self.root);
            let anything = of.types.0.is_empty()
                || (of.properties.is_empty() && matches!(value.value, Value::Map(_)));
            let anything = anything && !(several && !of.types.0.is_empty());
            !anything && fits(of)
        });
        match (near, home) {
            (Some(near), _) => {
                let finding =
                    (finding.expected(near).why(why)).fix(format!("did you mean {near}?"));
                match self.renamed(schema, map, near, value) {
                    Some((place, text)) => finding.replace(place, text),
                    None => finding.replace(place, near),
                }
            }
            (None, Some((home, _))) => finding
                .expected(home)
                .why(why)
                .fix(format!("this key belongs to {home}")),
            (None, None) => finding
                .expected(if known.is_empty() {
                    "no keys".into()
                } else {
                    known.join(", ")
                })
                .why(why)
                .fix(if crate::FULL && self.reader == Reader::Kubernetes {
                    "remove the key: objects of this kind have no such key"
                } else if !self.reader.foreign() {
                    text!("remove the key: it is none of this chart").as_str()
                } else if path.starts_with("alertm") {
                    text!("remove the key: Alertmanager has no such key").as_str()
                } else {
                    text!("remove the key: Prometheus has no such key").as_str()
                }),
        }
    }
}
/// Whether a map has what it must have with the keys of another.
fn complete(schema: &Schema, map: &Node, inner: &Map) -> bool {
    let there = |key: &String| map.child(key).is_some() || inner.contains_key(key);
    !crate::FULL || schema.required.iter().all(there)
}

/// A map without its braces.
fn inside(map: &Node) -> String {
    let text = example::written(map);
    let inner = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'));
    inner.unwrap_or(&text).to_owned()
}

/// Whether two names are the same but for case and separators.
fn similar(a: &str, b: &str) -> bool {
    let bare = |word: &str| -> String {
        let letters = word.chars().filter(|c| c.is_alphanumeric());
        letters.collect::<String>().to_ascii_lowercase()
    };
    bare(a) == bare(b) || strsim::damerau_levenshtein(a, b) <= 2
}
