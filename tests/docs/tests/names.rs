//! What the pages name in code exists: files and folders of the repository, tests, crates with their programs,
//! and targets of the Makefile.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use docs_tests::{Text, has_ending, pages, paths, root, texts};

/// Beginnings of paths that a reader creates, and of paths in a registry.
const ELSEWHERE: [&str; 3] = [
    "plugins/my-policy",
    "plugins/vllm-values",
    "tests/fixtures/vllm/0.34.0",
];

/// Inline code and lines of blocks of code, with their line numbers.
fn code(text: &str) -> Vec<(usize, String)> {
    let (mut block, mut found) = (false, Vec::new());
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            block = !block;
        } else if block || line.starts_with("    ") {
            found.push((number + 1, line.trim().to_owned()));
        } else {
            let inline = line.split('`').skip(1).step_by(2);
            found.extend(inline.map(|code| (number + 1, code.to_owned())));
        }
    }
    found
}

/// What the names are compared with.
struct Known {
    /// Files of the repository and their folders.
    paths: BTreeSet<String>,
    /// Functions in Rust and Go.
    functions: BTreeSet<String>,
    /// Folders of crates by name.
    crates: BTreeMap<String, String>,
    makefile: String,
}

impl Known {
    fn read() -> Self {
        let mut all = BTreeSet::new();
        for path in paths(|_| true) {
            let mut path = path.as_str();
            while let Some((folder, _)) = path.rsplit_once('/') {
                all.insert(path.to_owned());
                path = folder;
            }
            all.insert(path.to_owned());
        }
        let sources = texts(|path| has_ending(path, "rs") || has_ending(path, "go"));
        let words = sources.iter().flat_map(|source| {
            let functions = source
                .text
                .split("fn ")
                .chain(source.text.split("func "))
                .skip(1);
            functions.filter_map(|rest| rest.split(['(', '<', '[']).next())
        });
        let manifests = texts(|path| path.ends_with("Cargo.toml"));
        let crates = manifests.iter().filter_map(|manifest| {
            let name = manifest
                .text
                .lines()
                .find_map(|l| l.strip_prefix("name = \""))?;
            let folder = manifest
                .path
                .rsplit_once('/')
                .map_or("", |(folder, _)| folder);
            Some((name.trim_end_matches('"').to_owned(), folder.to_owned()))
        });
        Self {
            functions: words.map(str::to_owned).collect(),
            crates: crates.collect(),
            makefile: fs::read_to_string(root().join("Makefile")).unwrap(),
            paths: all,
        }
    }

    /// What is wrong with a path that is written on a page of `folder`.
    fn path(&self, word: &str, folder: &str) -> Option<String> {
        let word = word.trim_end_matches('/').trim_start_matches("./");
        let (first, _) = word.split_once('/')?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
        // `target/` is what builds write; a word with other characters stands for several paths.
        if !word.chars().all(plain) || !self.paths.contains(first) || first == "target" {
            return None;
        }
        let near = format!("{folder}/{word}");
        let exists = self.paths.contains(word)
            || self.paths.contains(&near)
            || ELSEWHERE.iter().any(|path| word.starts_with(path));
        (!exists).then(|| format!("{word} does not exist"))
    }

    /// What is wrong with a command of cargo or make.
    fn command(&self, line: &str) -> Option<String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let at = words
            .iter()
            .position(|word| ["cargo", "make"].contains(word))?;
        let after = |flag: &str| {
            let found = words[at..].iter().position(|word| *word == flag)?;
            words.get(at + found + 1).copied()
        };
        if words[at] == "make" {
            let target = words[at + 1..].iter().find(|word| !word.contains('='))?;
            let plain = |c: char| c.is_ascii_lowercase() || c == '-';
            let known = self.makefile.contains(&format!("\n{target}:"));
            return (target.chars().all(plain) && !known && words.len() == at + 2)
                .then(|| format!("the Makefile has no target {target}"));
        }
        let name = after("-p")?;
        let plain = |c: char| c.is_ascii_lowercase() || c == '-';
        if !name.chars().all(plain) || name.starts_with("my-") {
            return None;
        }
        let Some(folder) = self.crates.get(name) else {
            return Some(format!("no crate is called {name}"));
        };
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let has = |kind: &str, name: &str| {
            let files = [
                format!("{folder}/{kind}/{name}.rs"),
                format!("{folder}/{kind}/{name}/main.rs"),
            ];
            files.iter().any(|file| self.paths.contains(file))
                || manifest.contains(&format!("name = \"{name}\""))
        };
        if let Some(test) = after("--test")
            && !has("tests", test)
        {
            return Some(format!("{name} has no test {test}"));
        }
        let program = after("--bin")?;
        (!has("src/bin", program)).then(|| format!("{name} has no program {program}"))
    }

    /// What is wrong with the name of a test: a word of many parts.
    fn test(&self, word: &str) -> Option<String> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let is_name = word.chars().all(plain) && word.matches('_').count() >= 5;
        // Metrics of the collector have as many parts.
        let metric = ["otelcol_", "vllm_", "prometheus_", "kube", "alertmanager_"];
        let is_metric = metric.iter().any(|prefix| word.starts_with(prefix));
        (is_name && !is_metric && !self.functions.contains(word))
            .then(|| format!("no test is called {word}"))
    }

    fn faults(&self, page: &Text) -> Vec<String> {
        let folder = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut faults = Vec::new();
        for (number, code) in code(&page.text) {
            let of_words = code.split_whitespace().flat_map(|word| {
                let word = word.trim_matches(|c: char| ",;:()'\"".contains(c));
                [self.path(word, folder), self.test(word)]
            });
            let found = of_words.flatten().chain(self.command(&code));
            faults.extend(found.map(|fault| format!("{}:{number}: {fault}", page.path)));
        }
        faults
    }
}

#[test]
fn files_tests_crates_and_targets_that_pages_name_exist() {
    let known = Known::read();
    assert!(known.paths.len() > 500 && known.functions.len() > 500 && known.crates.len() > 20);
    let pages = pages();
    // It says what was, under the names of that time.
    let now = pages.iter().filter(|page| page.path != "CHANGELOG.md");
    let faults: Vec<String> = now.flat_map(|page| known.faults(page)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn names_of_what_does_not_exist_are_found() {
    let known = Known::read();
    let page = |text: &str| Text {
        path: "docs/x.md".to_owned(),
        text: text.to_owned(),
    };
    let count = |text: &str| known.faults(&page(text)).len();
    assert_eq!(
        count("`chart/values.yaml`, `make lint`, `cargo test -p docs-tests --test names`"),
        0
    );
    assert_eq!(
        count("`chart/value.yaml` `make lin` `cargo test -p doc-tests`"),
        3
    );
    assert_eq!(
        count("`cargo test -p docs-tests --test name` and `cargo run -p harness --bin x`"),
        2
    );
    assert_eq!(
        count("`names_of_what_does_not_exist_are_found` `a_test_that_nobody_wrote_yet`"),
        1
    );
    assert_eq!(
        count("    tests/nowhere/run\n```sh\ntools/nothing x\n```\n"),
        2
    );
}
