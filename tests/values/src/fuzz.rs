//! Inputs grown from a corpus, by the findings and values that they lead to.
//!
//! An input that makes the check do something new (another set of findings, another shape of the
//! tree) joins the pool that the next ones are grown from. `cargo test` runs a few thousand, the same
//! each time; `FUZZ_RUNS=10000000` runs as many, from another seed (`FUZZ_SEED` to choose it).

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use fastrand::Rng;
use harness::repo;
use values_validator_core::shape::walk;
use values_validator_core::{
    Findings, Input, Node, Place, Report, Set, Source, Value, check, merged_over,
};

use crate::helm::kind;

/// Longest input, in bytes: short ones are many.
const LONGEST: usize = 512;
const POOL: usize = 8192;

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

/// The folder of the corpus.
#[must_use]
pub fn corpus() -> PathBuf {
    repo::root().join("tests/values/corpus")
}

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

/// Replays the corpus, then grows inputs from it; says how many ran and how many did something new.
///
/// # Errors
/// When there is no corpus, or the environment asks for what is no number.
///
/// # Panics
/// When the check does, or a report breaks what it promises; the input is in the file named then.
pub fn run(short: u64) -> Result<(u64, usize)> {
    let mut files: Vec<PathBuf> = fs::read_dir(corpus())
        .with_context(|| corpus().display().to_string())?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.sort();
    let mut seen = HashSet::new();
    let mut pool = Vec::new();
    for file in files {
        let bytes = fs::read(&file)?;
        seen.insert(guarded(&bytes));
        pool.push(bytes);
    }
    ensure!(!pool.is_empty(), "{} is empty", corpus().display());
    let long = number("FUZZ_RUNS")?;
    let seed = match (long, number("FUZZ_SEED")?) {
        (_, Some(seed)) => seed,
        (Some(_), None) => fastrand::u64(..),
        (None, None) => 1,
    };
    let mut rng = Rng::with_seed(seed);
    let runs = long.unwrap_or(short);
    for i in 1..=runs {
        let bytes = grow(&mut rng, &pool);
        if seen.insert(guarded(&bytes)) && pool.len() < POOL {
            pool.push(bytes);
        }
        if i % 500_000 == 0 {
            println!("{i} inputs, {} behaviours", seen.len());
        }
    }
    println!("seed {seed}: {runs} inputs, {} behaviours", seen.len());
    Ok((runs, seen.len()))
}

fn number(variable: &str) -> Result<Option<u64>> {
    match env::var(variable) {
        Ok(text) if !text.is_empty() => {
            let number = text.replace('_', "").parse();
            number
                .map(Some)
                .with_context(|| format!("{variable}: found '{text}', expected a number"))
        }
        _ => Ok(None),
    }
}

/// Runs the check; leaves the input behind when it fails.
fn guarded(bytes: &[u8]) -> u64 {
    catch_unwind(AssertUnwindSafe(|| behaviour(bytes))).unwrap_or_else(|panic| {
        let file = repo::root().join("target/fuzz/values-failed");
        let written = fs::create_dir_all(repo::root().join("target/fuzz"))
            .and_then(|()| fs::write(&file, bytes));
        eprintln!(
            "failed on the input in {} ({written:?}); mend it, and put the input into {}",
            file.display(),
            corpus().display()
        );
        resume_unwind(panic)
    })
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

fn grow(rng: &mut Rng, pool: &[Vec<u8>]) -> Vec<u8> {
    let mut input = pool[rng.usize(..pool.len())].clone();
    for _ in 0..rng.usize(1..5) {
        let at = rng.usize(..=input.len());
        let end = rng.usize(at..=input.len().min(at + 48));
        match rng.u8(..9) {
            0 if at < input.len() => input[at] ^= 1 << rng.u8(..8),
            1 if at < input.len() => input[at] = rng.u8(..),
            2 => drop(input.drain(at..end)),
            3 => {
                let piece = input[at..end].to_vec();
                let to = rng.usize(..=input.len());
                input.splice(to..to, piece);
            }
            4 => {
                let other = &pool[rng.usize(..pool.len())];
                let from = rng.usize(..=other.len());
                input.splice(at.., other[from..].iter().copied());
            }
            _ => {
                let word = WORDS[rng.usize(..WORDS.len())].bytes();
                input.splice(if rng.bool() { at..at } else { at..end }, word);
            }
        }
    }
    input.truncate(LONGEST);
    input
}
