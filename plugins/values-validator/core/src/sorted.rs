//! Maps and sets of names as sorted lists, and one way to sort. The standard library makes its trees and
//! its sort anew for each type: 80 kB of a WebAssembly module. For what holds at most some thousand
//! names; values themselves stay in a `BTreeMap`.

use std::cmp::Ordering;

/// A map by name, in the order of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sorted<V>(Vec<(String, V)>);

impl<V> Default for Sorted<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V> Sorted<V> {
    fn find(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(own, _)| own.as_str().cmp(name))
    }

    /// Puts a value there and gives back the one before it.
    pub fn insert(&mut self, name: impl Into<String>, value: V) -> Option<V> {
        self.put(name.into(), value)
    }

    #[inline(never)]
    fn put(&mut self, name: String, value: V) -> Option<V> {
        match self.find(&name) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (name, value));
                None
            }
        }
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&V> {
        Some(&self.0[self.find(name).ok()?].1)
    }

    /// The value of a name; a new one where there is none.
    pub fn entry(&mut self, name: &str) -> &mut V
    where
        V: Default,
    {
        let at = self.find(name).unwrap_or_else(|at| {
            self.0.insert(at, (name.to_owned(), V::default()));
            at
        });
        &mut self.0[at].1
    }

    /// Whether there is that name.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.find(name).is_ok()
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
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &V)> {
        self.0.iter().map(|(name, value)| (name, value))
    }
}

impl<V, N: Into<String>> FromIterator<(N, V)> for Sorted<V> {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(items: I) -> Self {
        let mut map = Self::default();
        for (name, value) in items {
            map.put(name.into(), value);
        }
        map
    }
}

/// A set of names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names(Sorted<()>);

impl Names {
    /// Adds a name; false where it was there.
    pub fn insert(&mut self, name: impl Into<String>) -> bool {
        self.0.insert(name, ()).is_none()
    }

    /// Whether there is that name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The names.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.keys()
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

    /// Leaves out those for which it is false.
    pub fn retain(&mut self, keep: &mut dyn FnMut(&str) -> bool) {
        self.0.0.retain(|(name, ())| keep(name));
    }

    /// `a, b`
    #[must_use]
    pub fn joined(&self) -> String {
        self.iter().collect::<Vec<_>>().join(", ")
    }

    /// Whether all of them are in the other.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.iter().all(|name| other.contains(name))
    }
}

impl<N: Into<String>> FromIterator<N> for Names {
    fn from_iter<I: IntoIterator<Item = N>>(names: I) -> Self {
        Self(names.into_iter().map(|name| (name, ())).collect())
    }
}

/// Sorts; equal ones stay in their order.
pub fn sort<T>(items: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    let order = indices(items.len(), &mut |a, b| compare(&items[a], &items[b]));
    let mut taken: Vec<Option<T>> = std::mem::take(items).into_iter().map(Some).collect();
    items.extend(order.into_iter().filter_map(|at| taken[at].take()));
}

/// The indices of a list in its order: merged runs, twice as long each time. The standard library's sort is
/// faster by a little, and five kilobytes.
fn indices(len: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    let mut merged = Vec::with_capacity(len);
    let mut run = 1;
    while run < len {
        for pair in order.chunks(2 * run) {
            let (mut left, mut right) = pair.split_at(run.min(pair.len()));
            while let ([a, ..], [b, ..]) = (left, right) {
                let side = if compare(*b, *a).is_lt() {
                    &mut right
                } else {
                    &mut left
                };
                merged.push(side[0]);
                *side = &side[1..];
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        std::mem::swap(&mut order, &mut merged);
        merged.clear();
        run *= 2;
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_in_the_order_of_names_and_keeps_the_last_value_of_each() {
        let mut map: Sorted<u8> = [("b", 1), ("a", 2), ("b", 3)].into_iter().collect();
        assert_eq!(map.insert("c", 4), None);
        assert_eq!(map.insert("a", 5), Some(2));
        *map.entry("d") += 6;
        let all: Vec<(&str, u8)> = map.iter().map(|(n, v)| (n.as_str(), *v)).collect();
        assert_eq!(all, [("a", 5), ("b", 3), ("c", 4), ("d", 6)]);
        assert_eq!((map.get("c"), map.get("x")), (Some(&4), None));
    }

    #[test]
    fn sorting_sorts_as_the_standard_library_does() {
        for len in 0..70_usize {
            let mut items: Vec<_> = (0..len).map(|i| (i * 7919 % 13, i)).collect();
            let mut expected = items.clone();
            expected.sort();
            sort(&mut items, |a, b| a.0.cmp(&b.0));
            assert_eq!(items, expected);
        }
    }

    #[test]
    fn sorting_keeps_equal_ones_in_their_order() {
        let mut items = vec![(2, 'a'), (1, 'b'), (2, 'c'), (1, 'd')];
        sort(&mut items, |a, b| a.0.cmp(&b.0));
        assert_eq!(items, [(1, 'b'), (1, 'd'), (2, 'a'), (2, 'c')]);
    }
}
