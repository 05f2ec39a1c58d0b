//! `name.of[0].value=…,…`: helm's parser, step by step, with what it forgives: an argument may end
//! within an index, and an empty name sets nothing.

mod list;
mod value;

use super::scan::Scan;
use crate::node::{Map, Node, Value, quoted};
use crate::{Finding, Place, SetKind};

/// Deepest name that helm takes.
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
}

/// Sets a key; an empty one is not set.
fn set(data: &mut Map, name: String, mut node: Node, place: Place) {
    if !name.is_empty() {
        node.key = Some(place);
        data.insert(name, node);
    }
}
