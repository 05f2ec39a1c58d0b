//! Values that look odd and are right (`unusual/`): byte order marks, Windows' line ends, anchors, JSON, other
//! charts' habits, vendors' addresses, all of PromQL. Nothing is said about them.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::fs;

use harness::repo;
use values_validator_core::{Input, Severity, Source, check};

#[test]
fn nothing_is_said_about_values_that_are_right() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for file in fs::read_dir(repo::root().join("tests/values/unusual")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let report = check(&Input {
            sources: vec![Source::from_bytes(name.clone(), &fs::read(&path).unwrap())],
            sets: Vec::new(),
        });
        let said = (report.findings.iter()).filter(|f| f.severity != Severity::Info);
        wrong.extend(said.map(|f| format!("{name}: {} {}: {}", f.code, f.path, f.found)));
        count += 1;
    }
    assert!(count >= 95, "{count} files");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
