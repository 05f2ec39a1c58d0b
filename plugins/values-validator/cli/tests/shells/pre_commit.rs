//! The hook definition that pre-commit reads, at the root of the repository.

use harness::repo;
use serde_json::Value;

use crate::support::command;

#[test]
fn the_hook_is_complete_and_its_entry_runs_as_pre_commit_runs_it() {
    let text = std::fs::read_to_string(repo::root().join(".pre-commit-hooks.yaml")).unwrap();
    let hooks: Value = serde_yaml::from_str(&text).unwrap();
    let hook = &hooks[0];
    for (key, value) in [
        ("id", "vllm-values"),
        ("entry", "vllm-values"),
        ("language", "rust"),
    ] {
        assert_eq!(hook[key], value, "{text}");
    }
    let pattern = hook["files"].as_str().unwrap();
    assert!(pattern.ends_with(r"values[^/]*\.ya?ml$"), "{pattern}");
    // The hook's arguments, then every changed file that fits.
    let good = repo::root()
        .join("chart/ci/operator-values.yaml")
        .display()
        .to_string();
    let dir = tempfile::tempdir().unwrap();
    let bad = dir.path().join("values.yaml").display().to_string();
    std::fs::write(&bad, "metrics: {mode: x}\n").unwrap();
    assert_eq!(command(&[&good], "").status.code(), Some(0));
    assert_eq!(command(&[&good, &bad], "").status.code(), Some(1));
}
