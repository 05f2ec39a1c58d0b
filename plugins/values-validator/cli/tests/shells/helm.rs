//! The Helm 4 plugin in the real Helm.

use crate::support::{Helm, report, stderr, stdout};

const BAD: &[u8] = b"metrics:\n  mode: operater\n";

#[test]
fn helm_lists_it_and_shows_its_help() {
    let helm = Helm::with_plugin();
    let list = stdout(&helm.run(&["plugin", "list"], b""));
    let line = list.lines().find(|line| line.starts_with("vllm-values"));
    assert!(line.is_some_and(|line| line.contains("cli/v1")), "{list}");
    let help = helm.run(&["vllm-values", "--help"], b"");
    assert!(stdout(&help).contains("--set-json"), "{}", stdout(&help));
}

#[test]
fn findings_go_to_standard_output_and_helm_ends_with_status_1_and_one_line() {
    let helm = Helm::with_plugin();
    let output = helm.run(&["vllm-values"], BAD);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(
        text.contains("values.yaml:2:9: error [not-allowed]: metrics.mode"),
        "{text}"
    );
    let said = stderr(&output);
    assert!(said.contains("values: 1 error"), "{said}");
    assert!(!said.contains("wasm stack trace"), "{said}");
    let github = helm.run(
        &["vllm-values", "--format", "github", "--name", "a/b.yaml"],
        BAD,
    );
    assert!(
        stdout(&github).starts_with("::error file=a/b.yaml,line=2,"),
        "{}",
        stdout(&github)
    );
    let json = helm.run(&["vllm-values", "--format=json"], BAD);
    assert_eq!(report(&json)["errors"], 1);
}

#[test]
fn good_values_pass_and_arguments_are_set_over_them() {
    let helm = Helm::with_plugin();
    let good = helm.run(&["vllm-values"], b"metrics:\n  mode: auto\n");
    assert!(good.status.success(), "{}", stderr(&good));
    let mended = helm.run(&["vllm-values", "--set", "metrics.mode=auto"], BAD);
    assert!(mended.status.success(), "{}", stdout(&mended));
    // What `helm get values` prints for a release without values.
    let null = helm.run(&["vllm-values"], b"null\n");
    assert!(null.status.success(), "{}", stdout(&null));
}

#[test]
fn a_bad_call_is_told_in_a_line_and_never_as_a_trace() {
    let helm = Helm::with_plugin();
    for (arguments, stdin, told) in [
        (
            &["-f", "values.yaml"][..],
            &b"a"[..],
            "gives a plugin no files",
        ),
        (&["values.yaml"], b"a", "gives a plugin no files"),
        (&["--format", "xml"], b"a", "found 'xml'"),
        (&["--no-such"], b"a", "--no-such"),
        (&["--set"], b"a", "--set"),
        (&[], b"", "standard input is empty"),
    ] {
        let mut all = vec!["vllm-values"];
        all.extend(arguments);
        let output = helm.run(&all, stdin);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(
            said.contains(told) && !said.contains("trace"),
            "{arguments:?}: {said}"
        );
    }
}

#[test]
fn hostile_input_ends_with_findings_and_never_as_a_trace() {
    let helm = Helm::with_plugin();
    let deep = "[".repeat(200_000);
    for stdin in [
        &[0xff_u8, 0, 1][..],
        deep.as_bytes(),
        b"a: &a [*a]\n",
        b"\0",
    ] {
        let output = helm.run(&["vllm-values"], stdin);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("values: 1 error"), "{said}");
    }
}
