//! `name.of[0].value=…,…`: helm's parser, step by step, with what it forgives: an argument may end
//! within an index, and an empty name sets nothing.

use super::json;
use super::scan::Scan;
use crate::node::{Map, Node, Value, quoted};
use crate::yaml::DEEPEST;
use crate::{Finding, Place, SetKind};

/// Highest index, and deepest name, that helm takes.
const MAX_INDEX: i64 = 65536;
const MAX_LEVEL: usize = 30;

/// Why reading stops: at the end, which is no mistake, or at one.
enum Stop {
    End,
    Refused(Box<Finding>),
}

type Step<T = ()> = Result<T, Stop>;

struct Parser<'a> {
    scan: &'a mut Scan,
    kind: SetKind,
}

pub(super) fn parse(scan: &mut Scan, kind: SetKind, given: &mut Map) -> Result<(), Box<Finding>> {
    let mut parser = Parser { scan, kind };
    loop {
        match parser.key(given, 0) {
            Ok(()) => {}
            Err(Stop::End) => return Ok(()),
            Err(Stop::Refused(finding)) => return Err(finding),
        }
    }
}

impl Parser<'_> {
    fn refuse<T>(&self, at: usize, found: String, expected: &str, fix: &str) -> Step<T> {
        let finding = self.scan.refuse(at, found, expected, fix);
        Err(Stop::Refused(finding))
    }

    fn key(&mut self, data: &mut Map, level: usize) -> Step {
        let start = self.scan.at;
        let (name, last) = self.scan.until(&['=', '[', ',', '.']);
        let place = self
            .scan
            .place(start, self.scan.at - usize::from(last.is_some()));
        let no_value = |found: String| {
            let fix = text!(
                "write name=value; a comma or dot that belongs to a name is written \\, or \\."
            )
            .as_str();
            self.refuse(start, found, "a value after the name", fix)
        };
        match last {
            None if name.is_empty() => Err(Stop::End),
            None => no_value(format!("{} without a value", quoted(&name))),
            Some(',') => {
                let found = format!("{} without a value", quoted(&name));
                set(
                    data,
                    name,
                    self.scan.node(Value::Text(String::new()), start),
                    place,
                );
                let fix = text!("write name=value, or \\, for a comma that belongs to the value")
                    .as_str();
                self.refuse(start, found, "a value after the name", fix)
            }
            Some('=') => {
                let (value, end) = self.value()?;
                set(data, name, value, place);
                if end { Err(Stop::End) } else { Ok(()) }
            }
            Some('[') => self.list(data, name, place, start, level),
            Some(_) => self.map(data, name, place, start, level + 1),
        }
    }

    fn map(
        &mut self,
        data: &mut Map,
        name: String,
        place: Place,
        start: usize,
        level: usize,
    ) -> Step {
        if level > MAX_LEVEL {
            let found = format!("a name of more than {MAX_LEVEL} levels");
            return self.refuse(start, found, "a shorter name", "use a file");
        }
        let (mut inner, existed) = match data.remove(&name) {
            None => (Map::new(), None),
            Some(Node {
                value: Value::Map(map),
                place,
                key,
            }) => (map, Some((place, key))),
            Some(other) => {
                let found = format!("{} is {} already", quoted(&name), other.described());
                data.insert(name, other);
                return self.refuse(
                    start,
                    found,
                    "a map, to set a key of",
                    "set the whole value",
                );
            }
        };
        let read = self.key(&mut inner, level);
        if read.is_ok() && inner.is_empty() {
            let found = format!("{} without a value", quoted(&name));
            return self.refuse(
                start,
                found,
                text!("a key and a value after the dot").as_str(),
                "write a.b=value",
            );
        }
        if let Some((place, key)) = existed {
            let value = Value::Map(inner);
            data.insert(name, Node { value, place, key });
        } else if !inner.is_empty() {
            let value = Value::Map(inner);
            set(
                data,
                name,
                Node {
                    value,
                    place,
                    key: None,
                },
                place,
            );
        }
        read
    }

    fn list(
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

    /// The value after `=`, and whether the argument ended right there.
    fn value(&mut self) -> Step<(Node, bool)> {
        let start = self.scan.at;
        if self.kind == SetKind::Json {
            if json::blank(self.scan) {
                return Ok((self.scan.node(Value::Null, start), false));
            }
            let value = json::value(self.scan, 0).map_err(Stop::Refused)?;
            json::blank(self.scan);
            return Ok((value, false));
        }
        match self.scan.peek() {
            None => Ok((self.scan.node(Value::Text(String::new()), start), true)),
            Some('{') => self.values().map(|node| (node, false)),
            Some(_) => {
                let (text, last) = self.scan.until(&[',']);
                let value = self.typed(text);
                let end = self.scan.at - usize::from(last.is_some());
                let place = self.scan.place(start, end);
                Ok((
                    Node {
                        value,
                        place,
                        key: None,
                    },
                    false,
                ))
            }
        }
    }

    /// `{a,b}`
    fn values(&mut self) -> Step<Node> {
        let start = self.scan.at;
        self.scan.next();
        let mut list = Vec::new();
        loop {
            let from = self.scan.at;
            let (text, last) = self.scan.until(&[',', '}']);
            let Some(last) = last else {
                let found = text!("a list that does not end").as_str().into();
                return self.refuse(
                    start,
                    found,
                    text!("} at the end of the list").as_str(),
                    "write {a,b}",
                );
            };
            let value = self.typed(text);
            let place = self.scan.place(from, self.scan.at - 1);
            list.push(Node {
                value,
                place,
                key: None,
            });
            if last == '}' {
                break;
            }
        }
        let node = self.scan.node(Value::List(list), start);
        if self.scan.peek() == Some(',') {
            self.scan.next();
        }
        Ok(node)
    }

    fn typed(&self, text: String) -> Value {
        if self.kind == SetKind::String {
            return Value::Text(text);
        }
        let is = |word: &str| text.to_ascii_lowercase() == word;
        if is("true") || is("false") {
            return Value::Bool(is("true"));
        }
        if is("null") {
            return Value::Null;
        }
        // Not with a leading zero, which is a text then; nothing else is a number here.
        let leading = text.starts_with('0') && text != "0";
        match text.parse() {
            Ok(int) if !leading => Value::Int(int),
            _ => Value::Text(text),
        }
    }
}

/// Sets a key; an empty one is not set.
fn set(data: &mut Map, name: String, mut node: Node, place: Place) {
    if !name.is_empty() {
        node.key = Some(place);
        data.insert(name, node);
    }
}
