//! vLLM release numbers.

use core::fmt;
use core::str::FromStr;

/// A vLLM release, `major.minor.patch`.
///
/// Pre-releases, post-releases, development and local parts (`0.32.0rc1`, `0.11.2.post1`, `0.33.1.dev4+gabc`, `0.32.0+cpu`) are read as the
/// release they belong to: what a server exports is decided by the release line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// 0 so far.
    pub major: u16,
    /// Grows with every release line.
    pub minor: u16,
    /// Fixes within a line.
    pub patch: u16,
}

impl Version {
    /// The oldest release whose sources were examined; older ones are not described.
    pub const OLDEST: Self = Self::new(0, 9, 2);
    /// The newest release captured; newer ones are described as if they were this one.
    pub const NEWEST: Self = Self::new(0, 33, 0);

    /// `Version::new(0, 32, 0)` is 0.32.0.
    #[must_use]
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self {
            major,
            minor,
            patch,
        }
    }

    /// Reads `0.32.0`, `v0.32.0`, `0.32` (patch 0) and the forms named at [`Version`].
    ///
    /// # Errors
    /// [`ParseVersionError`] with the text found, when it does not begin with two numbers joined by a dot.
    pub fn parse(text: &str) -> Result<Self, ParseVersionError> {
        let error = || ParseVersionError {
            found: text.to_owned(),
        };
        let mut rest = text.trim();
        rest = rest.strip_prefix('v').unwrap_or(rest);
        let (major, after) = leading_number(rest).ok_or_else(error)?;
        let (minor, after) = after
            .strip_prefix('.')
            .and_then(leading_number)
            .ok_or_else(error)?;
        let (patch, after) = after
            .strip_prefix('.')
            .and_then(leading_number)
            .unwrap_or((0, after));
        // What follows the numbers is a suffix (PEP 440); a blank or a slash means this is another text.
        let suffix_is_plain = after
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '_'));
        if suffix_is_plain {
            Ok(Self::new(major, minor, patch))
        } else {
            Err(error())
        }
    }
}

fn leading_number(text: &str) -> Option<(u16, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    Some((digits.parse().ok()?, rest))
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for Version {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// A text that is no vLLM version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseVersionError {
    /// The text as it was given.
    pub found: String,
}

impl fmt::Display for ParseVersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "vLLM version: found {:?}, expected major.minor.patch such as 0.32.0",
            self.found
        )
    }
}

impl core::error::Error for ParseVersionError {}

/// The releases in which something is exported.
///
/// Ends are as fine as the releases examined (the columns of `tests/fixtures/vllm/families-by-version-source.tsv`): `since` is the first examined
/// release that has it, `until` the first examined release that has it no more. What vLLM did between two examined releases is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Releases {
    /// First release with it.
    pub since: Version,
    /// First release without it again; `None` while it is still there.
    pub until: Option<Version>,
}

impl Releases {
    /// In every release examined.
    pub const ALWAYS: Self = Self::since(Version::OLDEST);

    /// From `since` on.
    #[must_use]
    pub const fn since(since: Version) -> Self {
        Self { since, until: None }
    }

    /// From `since` on, gone in `until`.
    #[must_use]
    pub const fn between(since: Version, until: Version) -> Self {
        Self {
            since,
            until: Some(until),
        }
    }

    /// Whether `version` lies in it.
    #[must_use]
    pub fn holds(&self, version: Version) -> bool {
        version >= self.since && self.until.is_none_or(|until| version < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_and_their_suffixed_forms_parse_to_the_release() {
        for text in [
            "0.32.0",
            "v0.32.0",
            " 0.32.0 ",
            "0.32",
            "0.32.0rc1",
            "0.32.0+cpu",
            "0.32.0.post1",
            "0.32.0.dev4+gabc",
        ] {
            assert_eq!(Version::parse(text), Ok(Version::new(0, 32, 0)), "{text}");
        }
    }

    #[test]
    fn what_is_no_version_is_refused_with_the_text_found() {
        for text in [
            "",
            "latest",
            "0",
            "0.",
            ".32",
            "0.x",
            "0.99999999",
            "0.32.0 beta",
        ] {
            let error = Version::parse(text).unwrap_err();
            assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
        }
    }

    #[test]
    fn versions_order_by_number_not_by_text() {
        assert!(Version::new(0, 9, 2) < Version::new(0, 10, 2));
        assert!(Version::new(0, 32, 0) < Version::new(0, 33, 0));
        assert!(Version::new(1, 0, 0) > Version::new(0, 99, 9));
    }

    #[test]
    fn the_end_of_a_range_is_outside_it() {
        let range = Releases::between(Version::new(0, 10, 2), Version::new(0, 16, 0));
        assert!(!range.holds(Version::new(0, 9, 2)));
        assert!(range.holds(Version::new(0, 10, 2)));
        assert!(range.holds(Version::new(0, 13, 0)));
        assert!(!range.holds(Version::new(0, 16, 0)));
    }
}
