//! Lines in the Python client's form.

use std::fmt::Write;

use vllm_catalog::le_text;

use super::template::Labels;
use crate::model::Histogram;
use crate::numbers::python;

/// HELP and TYPE.
pub(super) fn header(name: &str, help: &str, kind: &str) -> String {
    format!("# HELP {name} {help}\n# TYPE {name} {kind}\n")
}

/// Owned labels.
pub(super) fn labels(pairs: &[(&str, &str)]) -> Labels {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

/// Writes a sample.
pub(super) fn put(out: &mut String, name: &str, labels: &Labels, le: Option<&str>, value: f64) {
    let _ = writeln!(out, "{}{}", series(name, labels, le), python(value));
}

/// Writes a histogram's samples.
pub(super) fn put_histogram(out: &mut String, name: &str, labels: &Labels, histogram: &Histogram) {
    let bucket = format!("{name}_bucket");
    let mut cumulated = 0;
    let bounds = histogram.bounds.iter().map(|b| le_text(*b).python);
    for (le, count) in bounds.chain(["+Inf".to_owned()]).zip(&histogram.counts) {
        cumulated += count;
        put(out, &bucket, labels, Some(&le), cumulated as f64);
    }
    put(
        out,
        &format!("{name}_count"),
        labels,
        None,
        histogram.count() as f64,
    );
    put(out, &format!("{name}_sum"), labels, None, histogram.sum);
}

/// Name and labels in the Python client's form, sorted by name, and a blank.
pub(super) fn series(name: &str, labels: &Labels, le: Option<&str>) -> String {
    let mut all: Vec<(&str, &str)> = labels
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    if let Some(le) = le {
        all.push(("le", le));
        all.sort_unstable();
    }
    if all.is_empty() {
        return format!("{name} ");
    }
    let pairs: Vec<String> = all
        .iter()
        .map(|(key, value)| {
            let value = value
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n");
            format!("{key}=\"{value}\"")
        })
        .collect();
    format!("{name}{{{}}} ", pairs.join(","))
}
