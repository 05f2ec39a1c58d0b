//! The policy's settings change while the collector runs.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use collector_tests::{WHOLE, await_metric, ids, metric, planted, render, send, start};
use harness::traffic::slow_traces;
use serde_json::json;

/// A new version of the settings, as kubelet publishes a ConfigMap: it swaps the link `..data`.
fn publish(dir: &Path, version: &str, text: &str) {
    let name = format!("..{version}");
    fs::create_dir_all(dir.join(&name)).unwrap();
    fs::write(dir.join(&name).join("settings.json"), text).unwrap();
    symlink(&name, dir.join("..data_tmp")).unwrap();
    fs::rename(dir.join("..data_tmp"), dir.join("..data")).unwrap();
}

/// Traces wait for their decision while the settings change: all of them are decided on by the last
/// good settings, in the process that received them.
#[test]
fn a_change_decides_on_pending_traces_and_a_bad_one_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mounted = dir.path().join("mounted");
    fs::create_dir(&mounted).unwrap();
    symlink("..data/settings.json", mounted.join("settings.json")).unwrap();
    publish(&mounted, "1", r#"{"e2e_latency": "120s"}"#);
    let file = mounted.join("settings.json");
    let mut collector = start(
        dir.path(),
        &render("10m", &[WHOLE.to_owned()]),
        &json!({"extensions": {"wasm_sampling_policy": {"settings_file": file}}}),
    );
    let exports = planted(21, 600);
    send(&collector, &exports);

    publish(
        &mounted,
        "2",
        r#"{"e2e_latency": "1s", "time_to_first_token": "off", "decode_time": "off"}"#,
    );
    let generation = "otelcol_wasm_sampling_policy_settings_generation";
    await_metric(&mut collector, generation, &[], 2.0);
    publish(&mounted, "3", r#"{"e2e_latncy": "2s"}"#);
    let reloads = "otelcol_wasm_sampling_policy_settings_reloads";
    await_metric(&mut collector, reloads, &[("outcome", "refused")], 1.0);
    assert_eq!(metric(&collector, generation, &[]), 2.0);
    let log = collector.child.log();
    for words in ["e2e_latncy", "did you mean e2e_latency?", "settings.json"] {
        assert!(log.contains(words), "{words}: {log}");
    }

    let kept = ids(&collector.stop().unwrap());
    let expected = slow_traces(&exports, &[("gen_ai.latency.e2e", 1.0)]);
    assert!(!expected.is_empty());
    assert_eq!(kept, expected.into_keys().collect());
}
