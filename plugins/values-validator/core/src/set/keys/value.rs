//! What stands behind `=`.

use super::super::json;
use super::{Parser, Step, Stop};
use crate::SetKind;
use crate::node::{Node, Value};

impl Parser<'_> {
    /// The value after `=`, and whether the argument ended right there.
    pub(super) fn value(&mut self) -> Step<(Node, bool)> {
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
