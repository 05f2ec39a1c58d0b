//! What is fuzzed of the validator ([`harness::fuzz`]): any bytes give a report that keeps its promises.

use std::hash::{DefaultHasher, Hash, Hasher};

use anyhow::Result;
use harness::fuzz::{Outcome, Target};
use values_validator_core::shape::walk;
use values_validator_core::{
    Findings, Input, Node, Place, Report, Set, Source, Value, check, merged_over,
};

use crate::helm::kind;

/// Longest input, in bytes: short ones are many.
const LONGEST: usize = 512;

/// Pieces of YAML, of arguments and of the chart's own values.
const WORDS: [&str; 72] = [
    "\n",
    "\n  ",
    "\n    ",
    "\n- ",
    "\n  - ",
    ": ",
    ":\n  ",
    ",",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "#",
    " #c\n",
    "&a ",
    "*a",
    "<<: *a",
    "<<: ",
    "!!int ",
    "!!str ",
    "!!binary ",
    "! ",
    "|\n  ",
    ">-\n  ",
    "? ",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "\t",
    "\r\n",
    "\u{feff}",
    "é",
    "😀",
    "\\",
    "\\/",
    "\\u00e9",
    "\u{85}",
    "null",
    "~",
    "yes",
    "0777",
    "0x1f",
    "1e3",
    "9007199254740993",
    "18446744073709551616",
    "-1",
    ".inf",
    "1_0",
    "models:\n- name: a",
    "replicas: ",
    "deploy: {enabled: true}",
    "metrics: {scrape: {",
    "interval: 5s",
    "timeout: 1m",
    "thresholds: {e2eLatency: {",
    "alert: 90s",
    "keepTrace: off",
    "rules: {alerts: {",
    "tracing: {collector: {",
    "exporters: {otlp: {",
    "resources: {limits: {",
    "memory: 2Gi",
    "cpu: 200m",
    "slos: {",
    "limit: 11s",
    "labels: {",
    "enabled: ",
    "\0",
    "=",
    ".a[0]",
];

/// The folder of the corpus, from the repository's root.
const CORPUS: &str = "tests/values/corpus";

/// An input as the check gets it: from the first zero byte on, every further one begins an argument.
#[must_use]
pub fn input(bytes: &[u8]) -> Input {
    let mut parts = bytes.split(|b| *b == 0);
    let file = parts.next().unwrap_or_default();
    Input {
        sources: vec![Source::from_bytes("values.yaml", file)],
        sets: (0..)
            .zip(parts.take(3))
            .map(|(i, text)| Set::new(kind(i), String::from_utf8_lossy(text)))
            .collect(),
    }
}

/// Replays the corpus, then grows inputs from it.
///
/// # Errors
/// As [`Target::fuzz`].
///
/// # Panics
/// When the check does, or a report breaks what it promises.
pub fn run(short: u64) -> Result<Outcome> {
    let words = WORDS.map(str::as_bytes);
    let target = Target {
        name: "values",
        corpus: CORPUS,
        words: &words,
        longest: LONGEST,
        runs: short,
    };
    target.fuzz(behaviour)
}

/// Reads, merges and walks an input alone, without the chart's defaults, whose reading would be most
/// of the work; a number for what it did. One input in ten, by its bytes, is then checked in full.
fn behaviour(bytes: &[u8]) -> u64 {
    let input = input(bytes);
    let mut findings = Findings::default();
    let (values, found, sources) = merged_over(Source::new("none", ""), &input);
    findings.0.extend(found.0);
    walk(&values.root, &sources, &mut findings);
    let mut did = DefaultHasher::new();
    for finding in &findings.0 {
        finding.code.hash(&mut did);
        finding.fix.replacement.is_some().hash(&mut did);
    }
    shape(&values.root, 0, &mut did);
    let did = did.finish();
    if did.is_multiple_of(10) {
        full(&input);
    }
    did
}

/// Checks an input and what its report promises.
fn full(input: &Input) {
    let report = check(input);
    for finding in &report.findings {
        assert!(
            !finding.found.is_empty() && !finding.expected.is_empty(),
            "{finding:?}"
        );
        let places = finding.place.into_iter();
        for place in places.chain(finding.related.iter().map(|related| related.place)) {
            within(&report, place);
        }
    }
    let sorted = report
        .findings
        .is_sorted_by_key(|f| (f.place.is_none(), f.place));
    assert!(sorted, "{:?}", report.findings);
}

/// A place is in its source: at most a character past the end of a line, or of the text.
fn within(report: &Report, place: Place) {
    let source = report.source(place).map_or("", |source| &source.text);
    let lines = source.matches('\n').count() as u32 + source.matches('\r').count() as u32 + 1;
    let ends = [
        (place.line, place.column),
        (place.end_line, place.end_column),
    ];
    assert!(ends[0] <= ends[1], "{place:?}");
    assert!(
        place.line >= 1 && place.column >= 1 && place.line <= lines + 1,
        "{place:?} of {source:?}"
    );
}

fn shape(node: &Node, depth: u8, did: &mut DefaultHasher) {
    if depth > 6 {
        return;
    }
    (depth, node.value.kind()).hash(did);
    if let Value::Map(map) = &node.value {
        map.values().for_each(|node| shape(node, depth + 1, did));
    }
    node.items()
        .iter()
        .for_each(|node| shape(node, depth + 1, did));
}
