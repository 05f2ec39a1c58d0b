//! The command as a plugin in the form that Helm 3 and Helm 4 both read.

use std::fs;
use std::os::unix::fs::symlink;

use harness::repo;

use crate::support::{BINARY, Helm, stderr, stdout};

fn hold(tool: &str) {
    let helm = Helm::new(tool);
    let plugin = helm.plugins().join("vllm-values");
    fs::create_dir_all(plugin.join("bin")).unwrap();
    let manifest = repo::root().join("plugins/values-validator/cli/helm3/plugin.yaml");
    fs::copy(manifest, plugin.join("plugin.yaml")).unwrap();
    symlink(BINARY, plugin.join("bin/vllm-values")).unwrap();

    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("values.yaml").display().to_string();
    fs::write(&file, "metrics:\n  mode: operater\n").unwrap();
    for (arguments, status) in [
        (&["vllm-values", "-f", &file][..], 1),
        (
            &["vllm-values", "-f", &file, "--set", "metrics.mode=auto"],
            0,
        ),
        (&["vllm-values", "-f", "no-such-file.yaml"], 2),
    ] {
        let output = helm.run(arguments, b"");
        let said = format!(
            "{tool} {arguments:?}: {}{}",
            stdout(&output),
            stderr(&output)
        );
        assert_eq!(output.status.code(), Some(status), "{said}");
        if status == 1 {
            assert!(stdout(&output).contains("values.yaml:2:9"), "{said}");
        }
    }
    let piped = helm.run(&["vllm-values"], b"metrics:\n  mode: operater\n");
    assert_eq!(piped.status.code(), Some(1), "{tool}: {}", stderr(&piped));
    let help = helm.run(&["vllm-values", "--help"], b"");
    assert!(
        stdout(&help).contains("Usage: helm vllm-values"),
        "{tool}: {}",
        stdout(&help)
    );
}

#[test]
fn helm_3_runs_the_command_and_keeps_its_status() {
    hold("helm3");
}

#[test]
fn helm_4_runs_the_command_and_keeps_its_status() {
    hold("helm");
}
