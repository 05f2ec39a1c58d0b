//! A matcher or a label that no series has, as a doubt.

use super::{Doubt, NEVER, Topic};

/// `old` is what stands at the place, `new` what is meant, where that can be told.
pub(super) fn doubt(
    at: usize,
    found: String,
    expected: String,
    old: String,
    new: Option<String>,
) -> Doubt {
    Doubt {
        topic: Topic::Selector,
        at,
        found,
        expected,
        why: NEVER.as_str(),
        fix: match &new {
            Some(new) => format!("write {new}"),
            None => "leave it out, or select by model, namespace or pod".to_owned(),
        },
        edit: new.map(|new| (at, old, new)),
        sure: false,
    }
}
