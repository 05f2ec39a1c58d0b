//! Names that people bring from other charts and APIs: kube-prometheus-stack, the OpenTelemetry chart,
//! production-stack, KServe, KEDA, Prometheus and Alertmanager themselves.

use super::suggest::{bare, nearest};
use crate::embedded::{Text, foreign};

/// What to write in place of a key at a path, where its name is known from elsewhere.
pub fn advice(path: &str, key: &str) -> Option<&'static str> {
    let key = if key.starts_with("x-") || key.starts_with('.') {
        "x-"
    } else {
        key
    };
    // What only the command says comes first.
    let more = if crate::FULL {
        include_str!("../mend/foreign.txt")
    } else {
        ""
    };
    more.lines().chain(foreign().lines()).find_map(|line| {
        let mut columns = line.splitn(3, '\t');
        let (name, within, advice) = (columns.next()?, columns.next()?, columns.next()?);
        let nested = within.starts_with('.') && path.contains(within);
        let here = (nested || path.starts_with(within)) && (!within.is_empty() || once(name, path));
        (name == key && here).then_some(advice)
    })
}

/// Which word of a list, with blanks between them, another one is in a text of pairs: `theirs=ours`.
pub fn paired(pairs: Text, word: &str, list: &str) -> Option<&'static str> {
    let wanted = bare(word);
    pairs.as_str().split(' ').find_map(|pair| {
        let (theirs, ours) = pair.split_once('=')?;
        (bare(theirs) == wanted && list.split(' ').any(|one| one == ours)).then_some(ours)
    })
}

/// The same, or the nearest word of the list.
pub fn meant(pairs: Text, word: &str, list: &'static str) -> Option<&'static str> {
    paired(pairs, word, list).or_else(|| nearest(word, list.split(' ')))
}

/// Names that are general words elsewhere count only at the root.
fn once(name: &str, path: &str) -> bool {
    !matches!(
        name,
        "mode"
            | "config"
            | "exporters"
            | "processors"
            | "replicaCount"
            | "registry"
            | "image"
            | "imagePullPolicy"
    ) || path == name
}
