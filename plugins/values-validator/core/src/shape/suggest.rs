//! Did you mean: the nearest known word, or where a key belongs.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::schema::{Additional, Schema, embedded};
use crate::node::join;

/// The word nearest to what was written, if it is near: another case, another separator, a
/// plural, a letter in three wrong.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let bare = |word: &str| {
        let word: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
        word.to_lowercase()
    };
    let wanted = bare(written);
    let longest = (wanted.chars().count() / 3).clamp(1, 4);
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&bare(word), &wanted), word))
        .filter(|(distance, word)| *distance <= longest && *distance < word.chars().count())
        .min()
        .map(|(_, word)| word)
}

/// Where the chart knows a key of that name: the shortest path, if there is only one so short.
pub fn home(key: &str) -> Option<&'static str> {
    let paths = KEYS.get(key)?;
    let depth = |path: &str| path.matches(['.', '[']).count();
    let least = paths.iter().map(|path| depth(path)).min()?;
    let mut shortest = paths.iter().filter(|path| depth(path) == least);
    match (shortest.next(), shortest.next()) {
        (Some(path), None) => Some(path),
        _ => None,
    }
}

/// Deepest key that is looked for; what lies deeper is Kubernetes' own.
const DEEPEST: usize = 5;

/// Every key of the schema, with the paths that it has there.
static KEYS: LazyLock<BTreeMap<&'static str, Vec<String>>> = LazyLock::new(|| {
    let mut keys = BTreeMap::new();
    collect(embedded(), "", 0, &mut keys);
    keys
});

fn collect(
    schema: &'static Schema,
    path: &str,
    depth: usize,
    keys: &mut BTreeMap<&'static str, Vec<String>>,
) {
    if depth > DEEPEST {
        return;
    }
    let schema = schema.resolved(embedded());
    for (key, below) in &schema.properties {
        let path = join(path, key);
        collect(below, &path, depth + 1, keys);
        keys.entry(key).or_default().push(path);
    }
    if let Some(Additional::Of(below)) = &schema.additional_properties {
        collect(below, &format!("{path}.<name>"), depth + 1, keys);
    }
    if let Some(items) = schema.items.as_deref() {
        collect(items, &format!("{path}[]"), depth + 1, keys);
    }
    for below in schema.alternatives().chain(&schema.all_of) {
        collect(below, path, depth, keys);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_case_separator_and_letter_are_near_and_other_words_are_not() {
        let known = ["tensorParallelSize", "image", "args", "env"];
        for (written, expected) in [
            ("tensorParalelSize", Some("tensorParallelSize")),
            ("tensor_parallel_size", Some("tensorParallelSize")),
            ("images", Some("image")),
            ("Env", Some("env")),
            ("resources", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, known), expected, "{written}");
        }
    }

    #[test]
    fn a_key_with_one_home_is_found_there() {
        assert_eq!(home("decisionWait"), Some("tracing.sampling.decisionWait"));
        assert_eq!(home("enabled"), None);
        assert_eq!(home("nonsense"), None);
    }
}
