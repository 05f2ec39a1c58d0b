//! JSON to be written. Serde's would bring tables for floating-point numbers along, which no report has:
//! 40 kB of a WebAssembly module.

use crate::Place;
use crate::sorted::sort;

/// A value; maps are written in the order of their keys.
pub(super) enum Json {
    Null,
    Number(usize),
    Text(String),
    List(Vec<Json>),
    Map(Vec<(&'static str, Json)>),
}

#[inline(never)]
pub(super) fn text(text: impl Into<String>) -> Json {
    Json::Text(text.into())
}

/// An object, written in the order of its keys.
pub(super) fn map<const N: usize>(entries: [(&'static str, Json); N]) -> Json {
    Json::Map(entries.into())
}

/// Lines and columns of a place, by the names that a format has for them.
pub(super) fn range(names: [&'static str; 4], place: Place) -> Vec<(&'static str, Json)> {
    let numbers = [place.line, place.column, place.end_line, place.end_column];
    let numbers = numbers.map(|number| Json::Number(number as usize));
    names.into_iter().zip(numbers).collect()
}

impl Json {
    /// As one line, with its end.
    pub(super) fn line(self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out.push('\n');
        out
    }

    fn write(self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Number(number) => out.push_str(&number.to_string()),
            Self::Text(text) => quote(&text, out),
            Self::List(items) => {
                out.push('[');
                for item in items {
                    item.write(out);
                    out.push(',');
                }
                close(']', out);
            }
            Self::Map(mut entries) => {
                sort(&mut entries, |a, b| a.0.cmp(b.0));
                out.push('{');
                for (key, value) in entries {
                    quote(key, out);
                    out.push(':');
                    value.write(out);
                    out.push(',');
                }
                close('}', out);
            }
        }
    }
}

/// A bracket in the place of the last comma.
fn close(bracket: char, out: &mut String) {
    if out.ends_with(',') {
        out.pop();
    }
    out.push(bracket);
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_read_again_as_it_was_by_another_reader() {
        let all: String = (0..0x300)
            .filter_map(char::from_u32)
            .chain("😀\u{2028}".chars())
            .collect();
        let json = map([
            ("b", text(all.as_str())),
            (
                "a",
                Json::List(vec![
                    Json::Null,
                    Json::Number(7),
                    Json::List(Vec::new()),
                    map([]),
                ]),
            ),
        ]);
        let line = json.line();
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read, serde_json::json!({"a": [null, 7, [], {}], "b": all}));
        assert!(line.starts_with(r#"{"a":[null,7,[],{}],"b":""#), "{line}");
    }
}
