//! The corpus of realistic mistakes, `tests/values/mistakes`.
//!
//! A mistake is a values file whose comments say what must be found: `#   ^ code` under the character
//! where the finding points, `#< code` for the first column. `#! --set TEXT` is an argument given
//! beside the file, `#!  ^ code` points into its text. `NAME.2.yaml` is given after `NAME.yaml`.
//!
//! `index.json` says the same for those that do not read Rust; [`index`] makes it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use values_validator_core::{Input, Report, Set, SetKind, Source, check};

/// What writes index.json.
pub const COMMAND: &str = "cargo run -p values-tests --bin mistakes";

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// `class/name`
    pub name: String,
    /// Paths of values files below the folder, in the order given.
    pub files: Vec<String>,
    /// Flag and text of arguments.
    pub sets: Vec<(SetKind, String)>,
    /// All that must be found, and nothing else.
    pub expected: Vec<Expected>,
}

/// One finding that must be there. Orders as a report does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expected {
    /// A path of [`Mistake::files`], or `--set 1`.
    pub source: String,
    /// From 1.
    pub line: u32,
    /// In characters from 1.
    pub column: u32,
    /// Of the finding.
    pub code: String,
}

/// The corpus' folder.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("mistakes")
}

/// Every mistake, by name.
///
/// # Errors
/// When a file cannot be read, or a comment says nothing that is understood.
pub fn all() -> Result<Vec<Mistake>> {
    let mut names = Vec::new();
    for class in fs::read_dir(folder())? {
        let class = class?.path();
        if class.is_dir() {
            for file in fs::read_dir(&class)? {
                let file = file?.path();
                let relative = file.strip_prefix(folder())?.to_string_lossy().into_owned();
                names.push(relative);
            }
        }
    }
    names.sort_by(|a, b| a.trim_end_matches(".yaml").cmp(b.trim_end_matches(".yaml")));
    let mut all: Vec<Mistake> = Vec::new();
    for file in names {
        let stem = file.strip_suffix(".yaml").context("only .yaml")?;
        let text = fs::read_to_string(folder().join(&file)).context(file.clone())?;
        let first = stem.strip_suffix(".2");
        if first.is_none() {
            let name = stem.to_owned();
            all.push(Mistake {
                name,
                files: Vec::new(),
                sets: Vec::new(),
                expected: Vec::new(),
            });
        }
        let name = first.unwrap_or(stem);
        let mistake = all.iter_mut().find(|m| m.name == name);
        let mistake = mistake.with_context(|| format!("{file} has no first file"))?;
        mistake.files.push(file.clone());
        read(mistake, &file, &text).context(file)?;
    }
    for mistake in &mut all {
        mistake.expected.sort();
    }
    Ok(all)
}

fn read(mistake: &mut Mistake, file: &str, text: &str) -> Result<()> {
    let mut line = 0;
    let mut offset = 0;
    let mut counts = [0; 3];
    let mut argument = String::new();
    for (number, content) in (1..).zip(text.lines()) {
        let expect =
            |source: &str, line, before: usize, skip: usize, code: &str| -> Result<Expected> {
                let column = u32::try_from(before - skip + 1)?;
                Ok(Expected {
                    source: source.into(),
                    line,
                    column,
                    code: code.trim().into(),
                })
            };
        if let Some(rest) = content.strip_prefix("#! --") {
            let (flag, value) = rest.split_once(' ').context("#! --set TEXT")?;
            let kind = match flag {
                "set" => SetKind::Set,
                "set-string" => SetKind::String,
                "set-json" => SetKind::Json,
                _ => bail!("no flag of helm's: --{flag}"),
            };
            counts[kind as usize] += 1;
            argument = format!("{} {}", kind.flag(), counts[kind as usize]);
            offset = content.len() - value.len();
            mistake.sets.push((kind, value.to_owned()));
        } else if let Some(code) = content.strip_prefix("#<") {
            mistake.expected.push(expect(file, line, 0, 0, code)?);
        } else if let Some((before, code)) =
            content.split_once('^').filter(|_| content.starts_with('#'))
        {
            let before = before.chars().count();
            mistake.expected.push(if content.starts_with("#!") {
                expect(&argument, 1, before, offset, code)?
            } else {
                expect(file, line, before, 0, code)?
            });
        } else {
            line = number;
        }
    }
    Ok(())
}

/// What the core finds: sorted as [`Mistake::expected`].
///
/// # Errors
/// When a file cannot be read.
pub fn found(mistake: &Mistake) -> Result<(Vec<Expected>, Report)> {
    let mut input = Input::default();
    for file in &mistake.files {
        input
            .sources
            .push(Source::from_bytes(file, &fs::read(folder().join(file))?));
    }
    for (kind, text) in &mistake.sets {
        input.sets.push(Set::new(*kind, text));
    }
    let report = check(&input);
    let mut found: Vec<Expected> = report
        .findings
        .iter()
        .map(|finding| {
            let place = finding.place.unwrap_or_default();
            let source = report.source(place).map_or("", |source| &source.name);
            Expected {
                source: source.to_owned(),
                line: place.line,
                column: place.column,
                code: finding.code.to_owned(),
            }
        })
        .collect();
    found.sort();
    Ok((found, report))
}

/// index.json: a line for each mistake.
///
/// # Errors
/// As [`all`].
pub fn index() -> Result<String> {
    let mut text = String::from("[\n");
    let all = all()?;
    for (at, mistake) in all.iter().enumerate() {
        let sets: Vec<Value> = mistake
            .sets
            .iter()
            .map(|(kind, text)| json!({"flag": kind.flag(), "text": text}))
            .collect();
        let expected: Vec<Value> = mistake
            .expected
            .iter()
            .map(
                |e| json!({"code": e.code, "source": e.source, "line": e.line, "column": e.column}),
            )
            .collect();
        let comma = if at + 1 < all.len() { "," } else { "" };
        let value = json!({"name": mistake.name, "files": mistake.files, "sets": sets, "expected": expected});
        let _ = writeln!(text, "{value}{comma}");
    }
    text.push_str("]\n");
    Ok(text)
}
