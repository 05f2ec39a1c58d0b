//! `--set`, `--set-string` and `--set-json`, as helm's strvals reads them: names with dots and
//! indices, backslashes that escape, `{a,b}` lists, and the odd ends that it forgives.

mod json;
mod keys;
mod scan;

use crate::yaml::Map;
use crate::{Findings, Set, SetKind, merge};

/// Applies an argument to what was given so far. `source` is the index that places get. An argument
/// that helm refuses is a finding; what stands before the mistake is applied all the same, so that
/// the rest of the check sees it.
pub fn apply(argument: &Set, source: u32, given: &mut Map, findings: &mut Findings) {
    let mut scan = scan::Scan::new(&argument.text, source);
    let result = if argument.kind == SetKind::Json && argument.text.trim().starts_with('{') {
        json::object(&mut scan).map(|object| merge::over(given, object))
    } else {
        keys::parse(&mut scan, argument.kind, given)
    };
    if let Err(finding) = result {
        findings.push(*finding);
    }
}
