//! From a document as it stands to values: scalars resolved, aliases followed, merge keys merged,
//! keys made text, all in the order and with the limits of go-yaml 2 and the JSON behind it.

mod merge;
mod scalar;

use std::mem::discriminant;

use super::scalar::float_key;
use super::tree::{Id, Kind, Raw, Tree, too_deep};
use super::{DEEPEST, refusal};
use crate::codes::DUPLICATE_KEY;
use crate::node::{Map, Node, Value, item, join, quoted};
use crate::{Finding, Findings, Place};

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
