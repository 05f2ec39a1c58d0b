//! Titles of all codes: those of [`codes`] and those of [`rules`].

use crate::{codes, rules};

/// A code in one line.
#[must_use]
pub fn title(code: &str) -> &'static str {
    let own = codes::ALL.iter().find(|known| known.code == code);
    let rule = || rules::ALL.iter().find(|rule| rule.code == code);
    own.map_or_else(
        || rule().map_or("", |rule| rule.title.as_str()),
        |own| own.title,
    )
}
