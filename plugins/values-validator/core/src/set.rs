//! `--set` and its like, as helm's strvals reads them: names with dots and
//! indices, backslashes that escape, `{a,b}` lists, and the odd ends that it forgives.

mod json;
mod keys;
mod scan;

use crate::node::{self, Map, Node};
use crate::{Findings, Set, SetKind};

/// Applies an argument to what was given so far. `source` is the index that places get. An argument
/// that helm refuses is a finding; what stands before the mistake is applied all the same, so that
/// the rest of the check sees it.
pub fn apply(argument: &Set, source: u32, given: &mut Map, findings: &mut Findings) {
    let literal = matches!(argument.kind, SetKind::File | SetKind::Literal);
    let escaped = literal.then(|| escaped(&argument.text));
    let mut scan = scan::Scan::new(escaped.as_ref().unwrap_or(&argument.text), source);
    let result = if argument.kind == SetKind::Json && argument.text.trim().starts_with('{') {
        json::object(&mut scan).map(|object| node::over(given, object))
    } else {
        let kind = if literal {
            SetKind::String
        } else {
            argument.kind
        };
        keys::parse(&mut scan, kind, given)
    };
    if let Err(finding) = result {
        findings.push(*finding);
    }
}

/// A text of JSON as a value, as `--set-json` reads it, without places; none where it is no JSON.
#[must_use]
pub fn read_json(text: &str) -> Option<Node> {
    let mut scan = scan::Scan::unplaced(text.trim());
    let node = json::value(&mut scan, 0).ok()?;
    scan.peek().is_none().then_some(node)
}

/// The argument of `--set-literal` as one of `--set-string`: nothing in the value has a meaning.
fn escaped(text: &str) -> String {
    let Some((key, value)) = text.split_once('=') else {
        return text.to_owned();
    };
    let mut out = format!("{key}=");
    for (at, c) in value.chars().enumerate() {
        if matches!(c, '\\' | ',') || (at == 0 && c == '{') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
