//! Parts of a JSON text: each is read when somebody looks at it.

use std::ops::Deref;
use std::sync::OnceLock;

use super::raw::Raw;

/// A part that is read at the first look.
#[derive(Debug, Clone)]
pub struct Lazy<T> {
    written: Raw,
    read: OnceLock<Box<T>>,
}

impl<T> Lazy<T> {
    /// Of what is written.
    #[must_use]
    pub const fn new(written: Raw) -> Self {
        Self {
            written,
            read: OnceLock::new(),
        }
    }
}

impl<T: From<Raw>> Deref for Lazy<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.read.get_or_init(|| Box::new(T::from(self.written)))
    }
}

/// Parts by name, in the order of names.
#[derive(Debug, Clone, Default)]
pub struct Parts<T>(Vec<(&'static str, Lazy<T>)>);

impl<T: From<Raw>> Parts<T> {
    /// Of an object, as it is written.
    #[must_use]
    pub fn new(written: Raw) -> Self {
        let entries = written.entries().into_iter();
        Self(entries.map(|(key, of)| (key, Lazy::new(of))).collect())
    }

    /// The part of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&T> {
        let at = self.0.binary_search_by(|(own, _)| (*own).cmp(name));
        Some(&self.0[at.ok()?].1)
    }

    /// Whether there is that name.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.0.binary_search_by(|(own, _)| (*own).cmp(name)).is_ok()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The names.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(name, _)| *name)
    }

    /// Names and parts.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &T)> {
        self.0.iter().map(|(name, of)| (*name, &**of))
    }
}
