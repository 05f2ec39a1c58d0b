//! Values that the project itself gives have no error.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::path::PathBuf;

use harness::repo;
use values_validator_core::{Input, Severity, Source, check};

fn yaml_in(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(repo::root().join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
        .collect()
}

#[test]
fn no_value_set_preset_or_example_of_the_project_has_an_error() {
    let presets = yaml_in("chart").into_iter().filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("values-")
    });
    let files: Vec<PathBuf> = presets
        .chain(yaml_in("chart/ci"))
        .chain(yaml_in("examples"))
        .collect();
    assert!(files.len() >= 8, "{files:?}");
    let mut wrong = Vec::new();
    for file in files {
        let source = Source::from_bytes(file.display().to_string(), &std::fs::read(&file).unwrap());
        let report = check(&Input {
            sources: vec![source],
            sets: Vec::new(),
        });
        let errors = report
            .findings
            .into_iter()
            .filter(|f| f.severity == Severity::Error);
        wrong.extend(
            errors.map(|f| format!("{}: {} {}: {}", file.display(), f.code, f.path, f.found)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
