//! `make test` goes on after a stage that failed, and fails at its end: one red stage hides none behind it.
#![allow(clippy::expect_used)] // in helpers, where clippy sees no test

use std::{
    path::Path,
    process::{Command, Output},
};

fn stage(log: &Path, args: &[&str]) -> Output {
    Command::new(harness::repo::root().join("tools/stage"))
        .args(args)
        .env("STAGE_LOG", log)
        .output()
        .expect("tools/stage starts")
}

#[test]
fn a_stage_that_fails_does_not_stop_the_next_one_and_fails_the_summary() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("stages.tsv");

    assert!(stage(&log, &["good", "true"]).status.success());
    let bad = stage(&log, &["--go-on", "bad", "false"]);
    assert!(bad.status.success());
    assert!(String::from_utf8_lossy(&bad.stderr).contains("bad FAILED"));
    assert!(!stage(&log, &["needed", "false"]).status.success());

    let summary = stage(&log, &["--summary"]);
    assert_eq!(summary.status.code(), Some(2));
    let text = String::from_utf8_lossy(&summary.stdout);
    let failed = |name: &str| {
        text.lines()
            .any(|line| line.contains(name) && line.contains("FAILED"))
    };
    assert!(
        !failed("good") && failed("bad") && failed("needed"),
        "{text}"
    );
    assert!(!log.exists(), "the next run begins a new list");
}

#[test]
fn a_summary_of_good_stages_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("stages.tsv");
    assert!(stage(&log, &["good", "true"]).status.success());
    assert!(stage(&log, &["--summary"]).status.success());
}
