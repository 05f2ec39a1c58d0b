//! JSON with places. The format is small, and no kept parser that gives places is.

use super::scan::Scan;
use crate::Finding;
use crate::node::{Map, Node, Value};
use crate::yaml::{DEEPEST, number};

type Result<T> = std::result::Result<T, Box<Finding>>;

/// The whole argument as one object.
pub(super) fn object(scan: &mut Scan) -> Result<Map> {
    spaces(scan);
    // Helm trims more than JSON's own white space.
    while scan.peek().is_some_and(char::is_whitespace) {
        scan.next();
    }
    let node = value(scan, 0)?;
    while scan.peek().is_some_and(char::is_whitespace) {
        scan.next();
    }
    match node.value {
        Value::Map(map) if scan.peek().is_none() => Ok(map),
        _ => Err(wrong(scan, "the end")),
    }
}

/// Skips white space up to a value. True, past the comma or at the end, when there is none.
pub(super) fn blank(scan: &mut Scan) -> bool {
    while let Some(c) = scan.peek() {
        if c != ',' && !c.is_whitespace() {
            return false;
        }
        scan.next();
        if c == ',' {
            return true;
        }
    }
    true
}

pub(super) fn value(scan: &mut Scan, depth: usize) -> Result<Node> {
    let start = scan.at;
    if depth > DEEPEST {
        return Err(wrong(scan, "a value less deep"));
    }
    let value = match scan.peek() {
        Some('{') => members(scan, depth)?,
        Some('[') => items(scan, depth)?,
        Some('"') => Value::Text(text(scan)?),
        _ if scan.skip("true") => Value::Bool(true),
        _ if scan.skip("false") => Value::Bool(false),
        _ if scan.skip("null") => Value::Null,
        _ => digits(scan)?,
    };
    Ok(scan.node(value, start))
}

fn members(scan: &mut Scan, depth: usize) -> Result<Value> {
    let mut map = Map::new();
    scan.next();
    spaces(scan);
    if scan.skip("}") {
        return Ok(Value::Map(map));
    }
    loop {
        spaces(scan);
        let start = scan.at;
        if scan.peek() != Some('"') {
            return Err(wrong(scan, "a key in quotes"));
        }
        let key = text(scan)?;
        let place = scan.place(start, scan.at);
        spaces(scan);
        if !scan.skip(":") {
            return Err(wrong(scan, "a colon"));
        }
        spaces(scan);
        let mut node = value(scan, depth + 1)?;
        node.key = Some(place);
        map.insert(key, node);
        spaces(scan);
        match scan.next() {
            Some(',') => {}
            Some('}') => return Ok(Value::Map(map)),
            _ => return Err(wrong(scan, "a comma or }")),
        }
    }
}

fn items(scan: &mut Scan, depth: usize) -> Result<Value> {
    let mut list = Vec::new();
    scan.next();
    spaces(scan);
    if scan.skip("]") {
        return Ok(Value::List(list));
    }
    loop {
        spaces(scan);
        list.push(value(scan, depth + 1)?);
        spaces(scan);
        match scan.next() {
            Some(',') => {}
            Some(']') => return Ok(Value::List(list)),
            _ => return Err(wrong(scan, "a comma or ]")),
        }
    }
}

fn text(scan: &mut Scan) -> Result<String> {
    let mut text = String::new();
    scan.next();
    loop {
        let plain = scan.run(|c| c >= ' ' && c != '"' && c != '\\');
        text.extend(plain);
        match scan.next() {
            Some('"') => return Ok(text),
            Some('\\') => match scan.next() {
                Some(c @ ('"' | '\\' | '/')) => text.push(c),
                Some('b') => text.push('\u{8}'),
                Some('f') => text.push('\u{c}'),
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('t') => text.push('\t'),
                Some('u') => {
                    // Two units in a row may be one character.
                    let mut units = vec![unit(scan)?];
                    while scan.skip("\\u") {
                        units.push(unit(scan)?);
                    }
                    text.push_str(&String::from_utf16_lossy(&units));
                }
                _ => return Err(wrong(scan, "an escape of JSON")),
            },
            _ => return Err(wrong(scan, "a closing quote")),
        }
    }
}

/// The four digits of `\u1234`.
fn unit(scan: &mut Scan) -> Result<u16> {
    let mut unit = 0;
    for _ in 0..4 {
        let digit = scan.next().and_then(|c| c.to_digit(16));
        unit = unit << 4 | digit.ok_or_else(|| wrong(scan, "four digits"))? as u16;
    }
    Ok(unit)
}

fn digits(scan: &mut Scan) -> Result<Value> {
    let mut text = String::new();
    let run = |scan: &mut Scan, text: &mut String| {
        let before = text.len();
        while let Some(c) = scan.peek().filter(char::is_ascii_digit) {
            text.push(c);
            scan.next();
        }
        text.len() - before
    };
    if scan.skip("-") {
        text.push('-');
    }
    let whole = if scan.skip("0") {
        text.push('0');
        1
    } else {
        run(scan, &mut text)
    };
    let mut well_formed = whole > 0;
    if scan.skip(".") {
        text.push('.');
        well_formed &= run(scan, &mut text) > 0;
    }
    if scan.skip("e") || scan.skip("E") {
        text.push('e');
        if scan.skip("-") {
            text.push('-');
        } else {
            scan.skip("+");
        }
        well_formed &= run(scan, &mut text) > 0;
    }
    match crate::units::float(&text) {
        Some(double) if well_formed && double.is_finite() => Ok(number(double)),
        _ => Err(wrong(scan, "a value of JSON")),
    }
}

fn spaces(scan: &mut Scan) {
    while let Some(' ' | '\t' | '\n' | '\r') = scan.peek() {
        scan.next();
    }
}

fn wrong(scan: &Scan, expected: &str) -> Box<Finding> {
    let found = match scan.peek() {
        Some(c) => format!("{c:?}"),
        None => "the end of the argument".into(),
    };
    scan.refuse(
        scan.at,
        found,
        expected,
        text!("write JSON: texts and keys in double quotes; single quotes around it for the shell")
            .as_str(),
    )
}
