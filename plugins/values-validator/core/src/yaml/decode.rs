//! From a document as it stands to values: scalars resolved, aliases followed, merge keys merged,
//! keys made text, all in the order and with the limits of go-yaml 2 and the JSON behind it.

use std::mem::discriminant;

use super::scalar::{float_key, number, resolve};
use super::tree::{Id, Kind, Raw, Tree, too_deep};
use super::{DEEPEST, refusal};
use crate::codes::{DIGITS_LOST, DUPLICATE_KEY};
use crate::node::{Map, Node, Value, item, join, quoted};
use crate::{Finding, Findings, Place};
use vllm_catalog::number::exact;

type Result<T> = std::result::Result<T, Box<Finding>>;

/// Most integers that a double holds exactly: 2⁵³.
const EXACT: u64 = 1 << 53;

struct Decoder<'a> {
    tree: &'a Tree,
    findings: &'a mut Findings,
    /// Aliases that are being followed.
    following: Vec<Id>,
    depth: usize,
    /// Nodes decoded, and those of them that an alias led to.
    decoded: u32,
    aliased: u32,
}

/// The value of a document; none of an empty one.
pub(super) fn decode(tree: &Tree, findings: &mut Findings) -> Result<Option<Node>> {
    let Some(root) = tree.root else {
        return Ok(None);
    };
    let mut decoder = Decoder {
        tree,
        findings,
        following: Vec::new(),
        depth: 0,
        decoded: 0,
        aliased: 0,
    };
    decoder.node(root, "").map(Some)
}

impl Decoder<'_> {
    fn node(&mut self, id: Id, path: &str) -> Result<Node> {
        let raw = &self.tree.nodes[id];
        self.count(raw.place)?;
        let value = match &raw.kind {
            Kind::Alias(target) => return self.follow(id, *target, |d| d.node(*target, path)),
            Kind::Scalar { text, plain } => self.scalar(raw, text, *plain, path)?,
            Kind::List(items) => {
                self.descend(raw.place)?;
                let mut list = Vec::with_capacity(items.len());
                for (i, one) in items.iter().enumerate() {
                    list.push(self.node(*one, &item(path, i))?);
                }
                self.depth -= 1;
                Value::List(list)
            }
            Kind::Map(pairs) => {
                let mut map = Map::new();
                self.map(raw, pairs, path, &mut map)?;
                Value::Map(map)
            }
        };
        Ok(Node {
            value,
            place: raw.place,
            key: None,
        })
    }

    fn map(&mut self, raw: &Raw, pairs: &[(Id, Id)], path: &str, map: &mut Map) -> Result<()> {
        self.descend(raw.place)?;
        // Where each key of this map itself stands: what a merge key brings may be written again.
        // In the one type of map that the module has: a second one is some kilobytes of it.
        let mut written = Map::new();
        for (key, value) in pairs {
            if self.is_merge(*key) {
                self.merge(*value, path, map)?;
                continue;
            }
            let (text, own) = self.key(*key)?;
            let (kind, place) = (discriminant(&own.value), own.place);
            let below = join(path, &text);
            let mut node = self.node(*value, &below)?;
            node.key = Some(place);
            if let Some(first) = written.insert(text.clone(), own) {
                self.findings.push(
                    DUPLICATE_KEY
                        .at(below, &place)
                        .found(format!("{} a second time", quoted(&text)))
                        .expected(text!("each key once in a map"))
                        .why(if discriminant(&first.value) == kind {
                            text!("helm takes the last one and says nothing: the first is without effect.").as_str()
                        } else {
                            // Two keys of a Go map, written into one of JSON in the order of that map.
                            text!("helm takes one of the two by chance, another one at another time: a number \
                             and the same in quotes are two keys in YAML, and one in values.").as_str()
                        })
                        .fix(text!(
                            "remove one of the two, merge them, or begin a new item with `- `"
                        ))
                        .related(first.place, "first written here"),
                );
            }
            map.insert(text, node);
        }
        self.depth -= 1;
        Ok(())
    }

    /// `<<`: what is merged is written over the keys before it, and under those after it.
    fn merge(&mut self, id: Id, path: &str, map: &mut Map) -> Result<()> {
        let raw = &self.tree.nodes[id];
        match &raw.kind {
            Kind::Map(pairs) => {
                self.count(raw.place)?;
                self.map(raw, pairs, path, map)
            }
            Kind::Alias(target) => {
                let aimed = &self.tree.nodes[*target];
                let Kind::Map(pairs) = &aimed.kind else {
                    return Err(no_map(raw.place));
                };
                self.count(raw.place)?;
                self.follow(id, *target, |d| {
                    d.count(aimed.place)?;
                    d.map(aimed, pairs, path, map)
                })
            }
            Kind::List(items) => {
                // Backwards: the earlier win.
                for item in items.iter().rev() {
                    if matches!(self.tree.nodes[*item].kind, Kind::Map(_) | Kind::Alias(_)) {
                        self.merge(*item, path, map)?;
                    } else {
                        return Err(no_map(self.tree.nodes[*item].place));
                    }
                }
                Ok(())
            }
            Kind::Scalar { .. } => Err(no_map(raw.place)),
        }
    }

    fn is_merge(&self, id: Id) -> bool {
        let raw = &self.tree.nodes[id];
        let tagged = raw.tag.as_deref() == Some("tag:yaml.org,2002:merge");
        matches!(&raw.kind, Kind::Scalar { text, plain } if text == "<<" && (*plain || tagged))
    }

    /// A key as text, and as what stands there: a text is left empty.
    fn key(&mut self, id: Id) -> Result<(String, Node)> {
        let mut raw = &self.tree.nodes[id];
        let place = raw.place;
        if let Kind::Alias(target) = &raw.kind {
            self.count(place)?;
            self.aliased += 1;
            raw = &self.tree.nodes[*target];
        }
        self.count(raw.place)?;
        let refuse = |found: &str| {
            refusal(
                place,
                format!("{found} as a key"),
                text!("a text, a number or a boolean as a key").as_str(),
                text!("put quotes around the key").as_str(),
            )
        };
        let Kind::Scalar { text, plain } = &raw.kind else {
            if raw.flow && matches!(raw.kind, Kind::Map(_)) {
                return Err(refusal(
                    place,
                    text!("a value that begins with `{{`, which is a map in a map").as_str(),
                    "the value in quotes",
                    text!("put the whole value in quotes: \"{{ … }}\"").as_str(),
                ));
            }
            return Err(refuse("a map or list"));
        };
        let meaning = self.meaning(raw, text, *plain)?;
        let value = match &meaning {
            Value::Text(_) => Value::Text(String::new()),
            other => other.clone(),
        };
        let text = match meaning {
            Value::Text(text) => text,
            Value::Int(int) => int.to_string(),
            Value::Float(double)
                if double.abs() >= EXACT as f64
                    && double.fract() == 0.0
                    && !text.contains(['.', 'e', 'E'])
                    && text.len() <= 20 =>
            {
                return Err(refuse("so large a number"));
            }
            Value::Float(double) => float_key(double),
            Value::Bool(b) => b.to_string(),
            _ => return Err(refuse("null")),
        };
        let own = Node {
            value,
            place,
            key: None,
        };
        Ok((text, own))
    }

    fn scalar(&mut self, raw: &Raw, text: &str, plain: bool, path: &str) -> Result<Value> {
        match self.meaning(raw, text, plain)? {
            Value::Int(int) if int.unsigned_abs() > EXACT => {
                let kept = int as f64;
                if kept as i128 != i128::from(int) {
                    self.digits_lost(raw, text, kept, path);
                }
                Ok(number(kept))
            }
            Value::Float(double) if !double.is_finite() => Err(refusal(
                raw.place,
                quoted(text),
                text!("a number that JSON can hold").as_str(),
                text!("put quotes around it if it is meant as a text").as_str(),
            )),
            Value::Float(double) => {
                if double.fract() == 0.0
                    && !text.contains(['.', 'e', 'E'])
                    && exact(double) != text.replace('_', "")
                {
                    self.digits_lost(raw, text, double, path);
                }
                Ok(number(double))
            }
            value => Ok(value),
        }
    }

    fn digits_lost(&mut self, raw: &Raw, text: &str, kept: f64, path: &str) {
        self.findings.push(
            DIGITS_LOST
                .at(path, &raw.place)
                .found(text)
                .expected(format!("helm keeps {}", exact(kept)))
                .why(text!(
                    "helm reads numbers as doubles, which hold 15 to 17 digits."
                ))
                .fix(text!(
                    "put quotes around it if it is a name or an identifier"
                )),
        );
    }

    /// What a scalar is, with its tag.
    fn meaning(&self, raw: &Raw, text: &str, plain: bool) -> Result<Value> {
        const PREFIX: &str = "tag:yaml.org,2002:";
        let Some(tag) = raw.tag.as_deref() else {
            return Ok(if plain {
                resolve(text)
            } else {
                Value::Text(text.to_owned())
            });
        };
        let cannot = |wanted: &str| {
            refusal(
                raw.place,
                format!("{} with the tag !!{wanted}", quoted(text)),
                format!("what the tag !!{wanted} says"),
                "remove the tag",
            )
        };
        let value = resolve(text);
        match tag.strip_prefix(PREFIX) {
            Some("null") if value == Value::Null => Ok(value),
            Some("bool") if matches!(value, Value::Bool(_)) => Ok(value),
            Some("int") if integral(&value, text) => Ok(value),
            Some("float") if matches!(value, Value::Int(_) | Value::Float(_)) => Ok(value),
            Some(wanted @ ("null" | "bool" | "int" | "float")) => Err(cannot(wanted)),
            Some("timestamp") if !is_date(text) => Err(cannot("timestamp")),
            Some("binary") => match base64(text) {
                Some(bytes) => Ok(Value::Text(String::from_utf8_lossy(&bytes).into_owned())),
                None => Err(cannot("binary")),
            },
            _ => Ok(Value::Text(text.to_owned())),
        }
    }

    fn follow<T>(
        &mut self,
        id: Id,
        target: Id,
        read: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let place = self.tree.nodes[id].place;
        if self.following.contains(&target) {
            return Err(refusal(
                place,
                text!("an alias within its own anchor").as_str(),
                "a value that ends",
                "write the value itself",
            ));
        }
        self.descend(place)?;
        self.following.push(target);
        let read = read(self);
        self.following.pop();
        self.depth -= 1;
        read
    }

    fn descend(&mut self, place: Place) -> Result<()> {
        self.depth += 1;
        if self.depth > 2 * DEEPEST {
            return Err(too_deep(place));
        }
        Ok(())
    }

    /// go-yaml's guard against a few aliases that stand for millions of values.
    fn count(&mut self, place: Place) -> Result<()> {
        const LOW: f64 = 400_000.0;
        const HIGH: f64 = 4_000_000.0;
        self.decoded += 1;
        if !self.following.is_empty() {
            self.aliased += 1;
        }
        let (decoded, aliased) = (f64::from(self.decoded), f64::from(self.aliased));
        let allowed = 0.99 - 0.89 * ((decoded - LOW) / (HIGH - LOW)).clamp(0.0, 1.0);
        if self.aliased > 100 && self.decoded > 1000 && aliased / decoded > allowed {
            return Err(refusal(
                place,
                text!("aliases that stand for far more values than are written").as_str(),
                text!("at most 99 % of the values from aliases, less of more than 400,000")
                    .as_str(),
                text!("write the values themselves").as_str(),
            ));
        }
        Ok(())
    }
}

fn no_map(place: Place) -> Box<Finding> {
    refusal(
        place,
        text!("a merge key (<<) of something else").as_str(),
        text!("a map, an alias of one, or a list of them").as_str(),
        text!("name the anchor of a map: `<<: *anchor`").as_str(),
    )
}

fn integral(value: &Value, text: &str) -> bool {
    match value {
        Value::Int(_) => !text.contains(['.', 'e', 'E']) || text.starts_with("0x"),
        _ => false,
    }
}

/// `2001-12-14`, with or without a time.
fn is_date(text: &str) -> bool {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let parts: Vec<u32> = date.split('-').map_while(|p| p.parse().ok()).collect();
    let date = matches!(parts[..], [_, 1..=12, 1..=31]) && date.find('-') == Some(4);
    date && time.is_none_or(|time| time.split(':').count() >= 3)
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let clean: Vec<u8> = text
        .bytes()
        .filter(|b| !matches!(b, b'\n' | b'\r'))
        .collect();
    let (quads, []) = clean.as_chunks::<4>() else {
        return None;
    };
    for (i, quad) in quads.iter().enumerate() {
        let padding = quad.iter().rev().take_while(|b| **b == b'=').count();
        if padding > 2 || (padding > 0 && i + 1 < quads.len()) {
            return None;
        }
        let mut bits = 0u32;
        for byte in &quad[..4 - padding] {
            let six = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(six);
        }
        bits <<= 6 * padding;
        bytes.extend_from_slice(&bits.to_be_bytes()[1..4 - padding]);
    }
    Some(bytes)
}
