//! Did you mean: the nearest known word, or where a key belongs.

use std::sync::LazyLock;

use super::schema::{Additional, Schema, embedded};
use crate::node::join;
use crate::sorted::Sorted;

/// The word nearest to what was written, if it is near: another case, another separator, a
/// plural, a letter in three wrong.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_of(written, &mut known.into_iter())
}

/// Letters and digits alone, small: `fp-8` is `fp8`, `serverURL` is `server_url`.
pub fn bare(word: &str) -> String {
    let word = word.chars().filter(|c| c.is_alphanumeric());
    word.collect::<String>().to_ascii_lowercase()
}

/// The same once for all kinds of iterators: the module is smaller.
#[inline(never)]
fn nearest_of<'a>(written: &str, known: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = bare(written);
    let longest = (wanted.chars().count() / 3).clamp(1, 4);
    known
        .map(|word| (strsim::damerau_levenshtein(&bare(word), &wanted), word))
        .filter(|(distance, word)| *distance <= longest && *distance < word.chars().count())
        .min_by_key(|(distance, word)| {
            // Of two as near the one that begins alike, of those the longer one.
            let alike = word
                .chars()
                .zip(written.chars())
                .take_while(|(a, b)| a == b);
            // A letter is left out more often than one too many is written.
            let long = (alike.count(), word.len());
            (*distance, std::cmp::Reverse(long), *word)
        })
        .map(|(_, word)| word)
}

/// Words of a name in small letters, without a plural's `s`: `tensorParallelSize`, `num_requests_waiting`.
fn words_of(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut small = false;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            small = false;
            words.push(String::new());
            continue;
        }
        if words.is_empty() || (c.is_ascii_uppercase() && small) {
            words.push(String::new());
        }
        small = !c.is_ascii_uppercase();
        if let Some(word) = words.last_mut() {
            word.push(c.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    for word in &mut words {
        if word.len() > 3 && word.ends_with('s') {
            word.pop();
        }
    }
    words
}

/// The one name made of the same words, more or fewer: `clientCA` for `ca`, `minimumEvents` for `minEvents`,
/// `num_requests_running` for `num_running_requests`; or of which the first letters were written.
pub fn reworded<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    reworded_of(written, &mut known.into_iter())
}

#[inline(never)]
fn reworded_of<'a>(written: &str, known: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = words_of(written);
    let mut best: Option<(usize, &str)> = None;
    let mut tied = false;
    for name in known {
        let words = words_of(name);
        let first: String = words
            .iter()
            .filter_map(|word| word.chars().next())
            .collect();
        if wanted.len() == 1 && first.len() > 2 && first == written.to_ascii_lowercase() {
            return Some(name);
        }
        let mut left: Vec<&String> = words.iter().collect();
        let common = wanted.iter().filter(|word| {
            let same = left.iter().position(|other| {
                let (long, short) = if other.len() > word.len() {
                    (*other, *word)
                } else {
                    (*word, *other)
                };
                long == short || (short.len() >= 3 && long.starts_with(short.as_str()))
            });
            same.map(|at| left.remove(at)).is_some()
        });
        let common = common.count();
        let (least, most) = (wanted.len().min(words.len()), wanted.len().max(words.len()));
        if common == 0 || (common < least && common * 4 < most * 3) {
            continue;
        }
        let share = common * 1000 / most;
        match best {
            Some((so_far, _)) if so_far > share => {}
            Some((so_far, _)) if so_far == share => tied = true,
            _ => (best, tied) = (Some((share, name)), false),
        }
    }
    best.filter(|_| !tied).map(|(_, name)| name)
}

/// Where the chart knows a key of that name: of the places in the same section the nearest, if there is
/// only one so near; from the root the only one at all. With the schema of what it takes.
pub fn home(path: &str, key: &str) -> Option<(&'static str, &'static Schema)> {
    let homes = KEYS.get(key)?;
    let parts = |path: &str| -> Vec<String> {
        path.split(['.', '['])
            .filter(|part| !part.ends_with(']'))
            .map(str::to_owned)
            .collect()
    };
    let here = parts(path);
    let rated = homes.iter().map(|(home, schema)| {
        let there = parts(home);
        let common = here.iter().zip(&there).take_while(|(a, b)| a == b).count();
        (common, there.len(), home.as_str(), *schema)
    });
    let rated: Vec<_> = rated
        .filter(|(common, ..)| *common > 0 || here.len() == 1)
        .collect();
    let most = rated.iter().map(|(common, ..)| *common).max()?;
    let rated = rated.iter().filter(|(common, ..)| *common == most);
    let least = rated.clone().map(|(_, length, ..)| *length).min()?;
    let mut nearest = rated.filter(|(_, length, ..)| *length == least);
    match (nearest.next(), nearest.next()) {
        (Some((.., home, schema)), None) => Some((home, schema)),
        _ => None,
    }
}

/// The paths where the chart knows a key of that name.
pub fn homes(key: &str) -> impl Iterator<Item = &'static str> {
    KEYS.get(key)
        .into_iter()
        .flatten()
        .map(|(home, _)| home.as_str())
}

/// Deepest key that is looked for; what lies deeper is Kubernetes' own.
const DEEPEST: usize = 5;

type Homes = Sorted<Vec<(String, &'static Schema)>>;

/// Every key of the schema, with the paths that it has there.
static KEYS: LazyLock<Homes> = LazyLock::new(|| {
    let mut keys = Homes::default();
    collect(embedded(), "", 0, &mut keys);
    keys
});

fn collect(schema: &'static Schema, path: &str, depth: usize, keys: &mut Homes) {
    if depth > DEEPEST {
        return;
    }
    let schema = schema.resolved(embedded());
    for (key, below) in schema.properties.iter() {
        let path = join(path, key);
        collect(below, &path, depth + 1, keys);
        keys.entry(key).push((path, below));
    }
    if let Some(Additional::Of(below)) = &schema.additional_properties {
        collect(below, &format!("{path}.<name>"), depth + 1, keys);
    }
    if let Some(items) = schema.items.as_deref() {
        collect(items, &format!("{path}[]"), depth + 1, keys);
    }
    for below in schema
        .alternatives()
        .chain(schema.all_of.iter().map(|of| &**of))
    {
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
    fn names_of_the_same_words_are_meant_where_one_is_nearest() {
        let known = ["secretName", "clientCA", "minimumEvents", "perModelPerHour"];
        for (written, expected) in [
            ("ca", Some("clientCA")),
            ("name", Some("secretName")),
            ("minEvents", Some("minimumEvents")),
            ("perModelPerMinute", Some("perModelPerHour")),
            ("key", None),
            ("events_per_second", None),
        ] {
            assert_eq!(reworded(written, known), expected, "{written}");
        }
        assert_eq!(
            reworded("TTFT", ["timeToFirstToken"]),
            Some("timeToFirstToken")
        );
        let tie = ["tracesPerMinute", "spansPerSecond"];
        assert_eq!(reworded("tracesPerSecond", tie), None);
    }

    #[test]
    fn a_key_with_one_home_is_found_there() {
        let found = |path, key| home(path, key).map(|(home, _)| home);
        let there = Some("tracing.sampling.decisionWait");
        assert_eq!(found("decisionWait", "decisionWait"), there);
        assert_eq!(found("tracing.decisionWait", "decisionWait"), there);
        assert_eq!(found("metrics.decisionWait", "decisionWait"), None);
        assert_eq!(found("image", "image"), None);
        assert_eq!(found("nonsense", "nonsense"), None);
    }
}
