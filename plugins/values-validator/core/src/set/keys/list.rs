//! `[0]` behind a name: items of lists.

use super::{Parser, Step, Stop, set};
use crate::Place;
use crate::node::{Map, Node, Value, quoted};
use crate::yaml::DEEPEST;

/// Highest index that helm takes.
const MAX_INDEX: i64 = 65536;

impl Parser<'_> {
    pub(super) fn list(
        &mut self,
        data: &mut Map,
        name: String,
        place: Place,
        start: usize,
        level: usize,
    ) -> Step {
        let index = self.index()?;
        let mut list = match data.get_mut(&name).map(|node| &mut node.value) {
            None => Vec::new(),
            Some(Value::List(list)) => std::mem::take(list),
            Some(other) => {
                let found = format!("{} is no list but of type {}", quoted(&name), other.kind());
                return self.refuse(
                    start,
                    found,
                    text!("a list, to set an item of").as_str(),
                    "set the whole value",
                );
            }
        };
        let read = self.item(&mut list, index, level, 0);
        let value = Value::List(list);
        match data.get_mut(&name) {
            Some(node) if name.is_empty() => node.value = value,
            _ => set(
                data,
                name,
                Node {
                    value,
                    place,
                    key: None,
                },
                place,
            ),
        }
        read
    }

    fn index(&mut self) -> Step<i64> {
        let start = self.scan.at;
        let (text, last) = self.scan.until(&[']']);
        if last.is_none() {
            return Err(Stop::End);
        }
        // As Go's Atoi: a sign, digits, nothing else.
        text.parse().or_else(|_| {
            let found = format!("the index {}", quoted(&text));
            self.refuse(start, found, "a number in brackets", "write name[0]")
        })
    }

    fn item(&mut self, list: &mut Vec<Node>, index: i64, level: usize, depth: usize) -> Step {
        let start = self.scan.at;
        if index < 0 {
            let found = format!("the index {index}");
            return self.refuse(start, found, "an index of 0 or more", "count from 0");
        }
        let (text, last) = self.scan.until(&['[', '.', '=']);
        if !text.is_empty() {
            let found = format!("{} after an index", quoted(&text));
            return self.refuse(start, found, "[, . or = after ]", "write name[0]=value");
        }
        let Some(last) = last else {
            return Err(Stop::End);
        };
        let at = usize::try_from(index).unwrap_or(usize::MAX);
        match last {
            '=' => {
                // The end of the argument ends this value, and no more.
                let (value, _) = self.value()?;
                self.place_at(list, at, value, start)
            }
            '[' => {
                if depth > DEEPEST {
                    let found = format!("more than {DEEPEST} indices in a row");
                    return self.refuse(start, found, "a list less deep", "use a file");
                }
                let next = self.index()?;
                let mut inner = match list.get_mut(at).map(|node| &mut node.value) {
                    None | Some(Value::Null) => Vec::new(),
                    Some(Value::List(inner)) => std::mem::take(inner),
                    Some(other) => {
                        let found = format!("an item of type {}", other.kind());
                        let fix = "set the whole value";
                        return self.refuse(
                            start,
                            found,
                            text!("a list, to set an item of").as_str(),
                            fix,
                        );
                    }
                };
                let read = self.item(&mut inner, next, level, depth + 1);
                if let Some(Value::List(kept)) = list.get_mut(at).map(|node| &mut node.value) {
                    *kept = inner;
                    return read;
                }
                read?;
                let node = self.scan.node(Value::List(inner), start);
                self.place_at(list, at, node, start)
            }
            _ => {
                let Some(node) = list.get_mut(at) else {
                    let mut inner = Map::new();
                    self.key(&mut inner, level)?;
                    let node = self.scan.node(Value::Map(inner), start);
                    return self.place_at(list, at, node, start);
                };
                if !matches!(node.value, Value::Map(_)) {
                    *node = self.scan.node(Value::Map(Map::new()), start);
                }
                match &mut node.value {
                    Value::Map(inner) => self.key(inner, level),
                    _ => Ok(()),
                }
            }
        }
    }

    fn place_at(&self, list: &mut Vec<Node>, at: usize, node: Node, start: usize) -> Step {
        if at > MAX_INDEX as usize {
            let found = format!("the index {at}");
            return self.refuse(
                start,
                found,
                text!("an index of at most 65536").as_str(),
                "use a file",
            );
        }
        while list.len() <= at {
            let (place, key) = (node.place, node.key);
            list.push(Node {
                value: Value::Null,
                place,
                key,
            });
        }
        list[at] = node;
        Ok(())
    }
}
