//! Figures of the documents: the tables of docs/benchmarks.md are those of docs/benchmarks.csv, the bars are
//! those that builds enforce, and figures that other pages quote are in docs/benchmarks.md.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeMap;
use std::fs;

use docs_tests::root;

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Values of each round, by measurement and policy.
fn rounds() -> BTreeMap<(String, String), Vec<f64>> {
    let mut rounds = BTreeMap::<_, Vec<f64>>::new();
    for line in read("docs/benchmarks.csv").lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let key = (fields[0].to_owned(), fields[1].to_owned());
        rounds
            .entry(key)
            .or_default()
            .push(fields[3].parse().unwrap());
    }
    rounds
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Whether a printed figure is the value, rounded to the decimals that are printed.
fn is(printed: &str, value: f64) -> bool {
    let decimals = printed.split_once('.').map_or(0, |(_, d)| d.len());
    let unit = 10f64.powi(-i32::try_from(decimals).unwrap());
    let shown: f64 = printed.parse().unwrap();
    (shown - value).abs() <= unit * 0.500_001
}

/// Rows of the tables below `### MEASUREMENT`: measurement, policy, median, least, most, ratio, peer.
fn rows(page: &str) -> Vec<(String, [String; 5], String)> {
    let (mut measurement, mut peer, mut rows) = (String::new(), String::new(), Vec::new());
    for line in page.lines() {
        if let Some(name) = line.strip_prefix("### ") {
            name.clone_into(&mut measurement);
        }
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        if let [policy, median, least, most, ratio] = cells[..] {
            if let Some(name) = ratio.strip_prefix("× ") {
                name.clone_into(&mut peer);
            } else if !measurement.is_empty() && !ratio.contains("---") {
                let cells = [policy, median, least, most, ratio].map(str::to_owned);
                rows.push((measurement.clone(), cells, peer.clone()));
            }
        }
    }
    rows
}

#[test]
fn the_tables_of_the_benchmarks_are_those_of_the_measured_rounds() {
    let rounds = rounds();
    let rows = rows(&read("docs/benchmarks.md"));
    assert!(rows.len() >= 20, "{}", rows.len());
    for (measurement, [policy, middle, least, most, ratio], peer) in rows {
        let values = &rounds[&(measurement.clone(), policy.clone())];
        let place = format!("docs/benchmarks.md, {measurement}, {policy}");
        let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = values.iter().copied().fold(0.0, f64::max);
        for (printed, value) in [
            (&middle, median(values)),
            (&least, lowest),
            (&most, highest),
        ] {
            assert!(is(printed, value), "{place}: {printed}, measured {value}");
        }
        // A bar is no measurement.
        if let Some(peer) = rounds.get(&(measurement, peer)) {
            let ratios: Vec<f64> = values.iter().zip(peer).map(|(v, p)| v / p).collect();
            let value = median(&ratios);
            assert!(is(&ratio, value), "{place}: × {ratio}, measured {value}");
        }
    }
}

#[test]
fn a_figure_that_was_not_measured_would_be_found() {
    assert!(is("34.8", 34.82) && is("238", 238.5) && is("0.15", 0.1468));
    assert!(!is("34.9", 34.82) && !is("240", 238.5) && !is("0.14", 0.1468));
}

/// The largest module, in kB, as the build enforces it.
#[test]
fn the_bar_for_the_size_of_the_modules_is_the_one_that_the_build_enforces() {
    let build = read("plugins/values-validator/build");
    let bytes = build.lines().find_map(|l| l.strip_prefix("max_bytes="));
    let kilobytes: usize = bytes.unwrap().parse::<usize>().unwrap() / 1000;
    for page in [
        "docs/benchmarks.md",
        "docs/values-validator.md",
        "plugins/values-validator/README.md",
    ] {
        let bar = format!("{kilobytes} kB");
        assert!(read(page).contains(&bar), "{page}: the bar is {bar}");
    }
}

/// A page, what it quotes, and how docs/benchmarks.md says the same.
const QUOTED: &[(&str, &[&str], &str)] = &[
    (
        "docs/images.md",
        &["takes 0.33 of the time"],
        "| ≤ 0.50 | 0.33 |",
    ),
    (
        "docs/images.md",
        &["0.22 on a trace of 20 spans"],
        "| wasm_sampling_policy | 1089 | 959 | 1197 | 0.22 |",
    ),
    (
        "docs/images.md",
        &["0.56 of the time"],
        "0.56 · 0.84 · 0.32 · 0.13",
    ),
    ("docs/tracing.md", &["takes 0.33 of"], "| ≤ 0.50 | 0.33 |"),
    (
        "docs/tracing.md",
        &["0.13 to 0.84"],
        "0.56 · 0.84 · 0.32 · 0.13",
    ),
    (
        "collector/wasmsamplingpolicy/README.md",
        &["takes 0.33 of its time"],
        "| ≤ 0.50 | 0.33 |",
    ),
    ("docs/tracing.md", &["2.7 kB", "takes 270 MB"], "2,708 B"),
    (
        "docs/tracing.md",
        &["peaked at 103 MB with 15s and at 104 MB with 3m"],
        "104 MB beside 103 MB | ≤ 1.33 |",
    ),
    (
        "docs/tracing.md",
        &["15.5 s after the end", "after 0.007 s"],
        "0.007 s beside 15.5 s | ≤ 0.20 |",
    ),
    (
        "docs/tracing.md",
        &["`immediate` was 0.79 of"],
        "MB | ≤ 0.95 | 0.79 |",
    ),
    (
        "docs/tracing.md",
        &["its CPU time 0.86 to 1.07"],
        "≤ 1.50 | 0.86 · 1.07 |",
    ),
    (
        "README.md",
        &["it took 0.86 with vLLM's spans alone and 1.07"],
        "≤ 1.50 | 0.86 · 1.07 |",
    ),
    (
        "README.md",
        &["peak memory was 0.79 and"],
        "MB | ≤ 0.95 | 0.79 |",
    ),
    (
        "README.md",
        &["memory was 0.79 and 1.00"],
        "MB | ≤ 1.10 | 1.00 |",
    ),
    (
        "docs/dashboards.md",
        &["49,100 samples at 40 pods"],
        "49,100 · 58,820",
    ),
    ("docs/values-validator.md", &["6.6 ms"], "| 6.6 ms |"),
    ("docs/values-validator.md", &["× 2.98"], "| 2.98 |"),
    (
        "docs/values-validator.md",
        &["800 kB | 797 kB"],
        "797 kB · 789 kB",
    ),
];

#[test]
fn figures_that_other_pages_quote_are_in_the_benchmarks() {
    let benchmarks = read("docs/benchmarks.md");
    for (page, quoted, source) in QUOTED {
        // A line may end within a quotation.
        let flat = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        for quoted in *quoted {
            assert!(
                flat(read(page)).contains(quoted),
                "{page}: '{quoted}' is gone; mend the list"
            );
        }
        assert!(
            benchmarks.contains(source),
            "docs/benchmarks.md has no '{source}', which {page} quotes as {quoted:?}"
        );
    }
}
