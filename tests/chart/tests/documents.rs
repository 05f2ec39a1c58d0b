//! What the documents have to paste is true: values render and pass the validator, and of the
//! manifests for GitOps tools so do the values in them.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use chart_tests::chart;
use harness::render::{Options, Rendered};
use harness::repo;
use serde::Deserialize;
use serde_yaml::Value;
use values_validator_core::{Input, Source, check};

/// A block of YAML in a document.
struct Block {
    /// `docs/tracing.md:20`
    place: String,
    text: String,
}

impl Block {
    fn documents(&self) -> Vec<Value> {
        serde_yaml::Deserializer::from_str(&self.text)
            .map(|document| Value::deserialize(document).unwrap())
            .collect()
    }
}

/// Every block, but of the generated page of findings, whose values are wrong on purpose.
fn blocks() -> Vec<Block> {
    let mut pages: Vec<PathBuf> = ["docs", "docs/tutorials"]
        .iter()
        .flat_map(|folder| fs::read_dir(repo::root().join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .filter(|path| !path.ends_with("findings.md"))
        .collect();
    pages.push(repo::root().join("README.md"));
    pages.sort();
    let mut blocks = Vec::new();
    for page in pages {
        let name = page.strip_prefix(repo::root()).unwrap().display();
        let mut open: Option<Block> = None;
        for (number, line) in fs::read_to_string(&page).unwrap().lines().enumerate() {
            match (&mut open, line) {
                (None, "```yaml") => {
                    let place = format!("{name}:{}", number + 1);
                    let text = String::new();
                    open = Some(Block { place, text });
                }
                (Some(_), "```") => blocks.extend(open.take()),
                (Some(block), line) => block.text += &format!("{line}\n"),
                (None, _) => {}
            }
        }
    }
    blocks
}

/// What is wrong with values, by helm's word or the validator's.
fn wrong(values: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("values.yaml");
    fs::write(&file, values).unwrap();
    let rendered = Rendered::new(&Options {
        values: vec![file],
        ..Options::default()
    });
    if let Err(refused) = rendered {
        return Some(format!("{refused:#}"));
    }
    let report = check(&Input {
        sources: vec![Source::new("values.yaml", values)],
        sets: Vec::new(),
    });
    report.failed().then(|| format!("{:?}", report.findings))
}

#[test]
fn values_in_the_documents_render_and_pass_the_validator() {
    let known = fs::read_to_string(chart().join("values.yaml")).unwrap();
    let known: Value = serde_yaml::from_str(&known).unwrap();
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for block in blocks() {
        for document in block.documents() {
            let values = match document["kind"].as_str() {
                Some("Application") => document["spec"]["source"]["helm"]["valuesObject"].clone(),
                Some("HelmRelease") => document["spec"]["values"].clone(),
                _ => document,
            };
            let keys = values.as_mapping().into_iter().flatten();
            let mut keys = keys.map(|(key, _)| key).peekable();
            // Other YAML than values: of a workflow, another tool's source.
            if keys.peek().is_none() || !keys.all(|key| known.get(key).is_some()) {
                continue;
            }
            seen.insert(block.place.split(':').next().unwrap().to_owned());
            if let Some(fault) = wrong(&serde_yaml::to_string(&values).unwrap()) {
                faults.push(format!("{}: {fault}", block.place));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for page in ["docs/tracing.md", "docs/gitops.md", "docs/helm-test.md"] {
        assert!(seen.contains(page), "no values in {page}: {seen:?}");
    }
}

/// A page whose keys all stopped being keys would be passed over otherwise.
#[test]
fn every_block_of_the_page_of_traces_is_values() {
    let known = fs::read_to_string(chart().join("values.yaml")).unwrap();
    let known: Value = serde_yaml::from_str(&known).unwrap();
    let blocks = blocks();
    let of_page = blocks
        .iter()
        .filter(|b| b.place.starts_with("docs/tracing.md"));
    let mut count = 0;
    for block in of_page {
        for document in block.documents() {
            for (key, _) in document.as_mapping().unwrap() {
                assert!(known.get(key).is_some(), "{}: {key:?}", block.place);
            }
            count += 1;
        }
    }
    assert!(count >= 10, "{count}");
}
