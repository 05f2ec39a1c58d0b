//! The command: what it writes, what it says, and how it ends.

#![allow(clippy::expect_used)] // in helpers, where clippy sees no test

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use wasm_meter::{Options, meter};

const POLICY: &str = r#"(module (func (export "f") (loop $again (br $again))))"#;

fn run(arguments: &[&str], dir: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wasm-meter"))
        .args(arguments)
        .current_dir(dir)
        .output()
        .expect("the command")
}

fn said(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(both).expect("text")
}

/// A folder with `in.wasm`.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let wasm = wat::parse_str(POLICY).expect("the test's own module");
    fs::write(dir.path().join("in.wasm"), wasm).expect("written");
    dir
}

#[test]
fn it_writes_what_the_library_does_and_says_what_was_metered() {
    let dir = folder();
    let wasm = fs::read(dir.path().join("in.wasm")).unwrap();
    let with = |loops_only, start_fuel| Options {
        loops_only,
        start_fuel,
    };
    for (options, expected, counted) in [
        (&[][..], Options::default(), "1 loops, 1 functions"),
        (
            &["--loops-only"],
            with(true, Options::default().start_fuel),
            "1 loops, 0 functions",
        ),
        (
            &["--start-fuel", "7"],
            with(false, 7),
            "1 loops, 1 functions",
        ),
    ] {
        let output = run(&[options, &["in.wasm", "out.wasm"]].concat(), dir.path());
        assert!(output.status.success(), "{}", said(&output));
        assert!(said(&output).contains(counted), "{}", said(&output));
        let written = fs::read(dir.path().join("out.wasm")).unwrap();
        assert_eq!(
            written,
            meter(&wasm, &expected).unwrap().wasm,
            "{options:?}"
        );
    }
}

#[test]
fn a_refusal_names_the_file_and_writes_nothing() {
    let dir = folder();
    assert!(run(&["in.wasm", "once.wasm"], dir.path()).status.success());
    fs::write(dir.path().join("text.wasm"), "no module").unwrap();
    for (file, reason) in [
        ("once.wasm", "already"),
        ("text.wasm", "valid WebAssembly module"),
        ("none.wasm", "No such file"),
    ] {
        let output = run(&[file, "out.wasm"], dir.path());
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains(file), "{}", said(&output));
        assert!(said(&output).contains(reason), "{}", said(&output));
        assert!(!dir.path().join("out.wasm").exists(), "{file}");
    }
}

#[test]
fn wrong_arguments_are_answered_with_the_usage() {
    let dir = folder();
    for arguments in [
        &[][..],
        &["in.wasm"],
        &["in.wasm", "out.wasm", "more.wasm"],
        &["--start-fuel", "much", "in.wasm", "out.wasm"],
        &["--start-fuel", "-1", "in.wasm", "out.wasm"],
        &["--loops", "in.wasm", "out.wasm"],
    ] {
        let output = run(arguments, dir.path());
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(
            said(&output).contains("usage: wasm-meter"),
            "{arguments:?}: {}",
            said(&output)
        );
        assert!(!dir.path().join("out.wasm").exists(), "{arguments:?}");
    }
    let help = run(&["--help"], dir.path());
    assert!(help.status.success() && said(&help).starts_with("usage: wasm-meter"));
}
