//! The command's statuses, formats, inputs and colours.

use std::fs;
use std::process::Command;

use crate::support::{BINARY, command, report, run, stderr, stdout};

const BAD: &str = "metrics:\n  mode: operater\n";
const GOOD: &str = "metrics:\n  mode: auto\n";

#[test]
fn the_status_is_0_for_good_values_1_for_bad_ones_and_2_for_a_bad_call() {
    for (arguments, stdin, status) in [
        (&["-"][..], GOOD, 0),
        (&[], GOOD, 0),
        (&["-"], BAD, 1),
        (&["-f", "-"], BAD, 1),
        (&["--set", "metrics.mode=x"], "", 1),
        (&["--set", "metrics.mode=auto"], "", 0),
        (&["-f", "-", "--set", "metrics.mode=auto"], BAD, 0),
        (&["--set-json", r#"metrics={"mode": 1}"#], "", 1),
        (&[], "", 2),
        (&["-", "-"], GOOD, 2),
        (&["-f", "no-such-file.yaml"], "", 2),
        (&["--format", "xml", "-"], GOOD, 2),
        (&["--no-such-flag"], "", 2),
    ] {
        let output = command(arguments, stdin);
        assert_eq!(
            output.status.code(),
            Some(status),
            "{arguments:?}: {}{}",
            stdout(&output),
            stderr(&output)
        );
        // What is wrong with the call is told apart from findings.
        assert_eq!(status == 2, !output.stderr.is_empty(), "{arguments:?}");
    }
    let said = stderr(&command(&["-f", "no-such-file.yaml"], ""));
    assert!(said.contains("no-such-file.yaml: No such file"), "{said}");
}

#[test]
fn text_shows_the_line_with_a_caret_and_colours_only_where_they_are_wanted() {
    let plain = stdout(&command(&["-"], BAD));
    for part in [
        "error[not-allowed]: metrics.mode",
        "--> -:2:9",
        "  mode: operater",
        "^^^^^^^^ expected",
    ] {
        assert!(plain.contains(part), "{part} in\n{plain}");
    }
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
    let coloured = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = Command::new(BINARY);
        command
            .envs(variables.iter().copied())
            .arg("-")
            .args(arguments);
        stdout(&run(&mut command, BAD.as_bytes())).contains('\u{1b}')
    };
    assert!(coloured(&[], &["--color", "always"]));
    assert!(coloured(&[("CLICOLOR_FORCE", "1")], &[]));
    assert!(!coloured(&[("NO_COLOR", "1")], &[]));
    assert!(!coloured(&[("CLICOLOR_FORCE", "1")], &["--color", "never"]));
}

#[test]
fn github_and_json_go_to_standard_output() {
    let github = stdout(&command(&["-", "--format", "github"], BAD));
    assert!(
        github.starts_with("::error file=-,line=2,col=9,"),
        "{github}"
    );
    let json = report(&command(&["-", "--format", "json"], BAD));
    assert_eq!(json["errors"], 1, "{json}");
    assert_eq!(json["findings"][0]["place"]["column"], 9, "{json}");
}

#[test]
fn files_are_checked_each_by_itself_and_values_are_merged() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let (bad, good) = (write("bad.yaml", BAD), write("good.yaml", GOOD));
    let errors = |arguments: &[&str]| {
        let mut all = vec!["--format", "json"];
        all.extend(arguments);
        report(&command(&all, ""))["errors"].as_u64()
    };
    assert_eq!(
        errors(&["-f", &bad, "-f", &good]),
        Some(0),
        "mended by the later one"
    );
    assert_eq!(errors(&["-f", &format!("{bad},{good}")]), Some(0));
    assert_eq!(errors(&["-f", &good, "-f", &bad]), Some(1));
    assert_eq!(
        errors(&[&bad, &good]),
        Some(1),
        "nothing of one mends the other"
    );
    assert_eq!(errors(&["-f", &bad, &good]), Some(0));
    assert_eq!(errors(&["-f", &bad, &good, &bad]), Some(1));
}

#[test]
fn strict_makes_warnings_fail() {
    // A file whose only findings are warnings is looked for in the corpus, as rules come and go.
    let warned = values_tests::mistakes::all()
        .unwrap()
        .into_iter()
        .find(|mistake| {
            let report = values_tests::mistakes::found(mistake).unwrap().1;
            mistake.files.len() == 1
                && mistake.sets.is_empty()
                && !report.failed()
                && report.count(values_validator_core::Severity::Warning) > 0
        });
    let file =
        values_tests::mistakes::folder().join(&warned.expect("a mistake that only warns").files[0]);
    let file = file.display().to_string();
    assert_eq!(command(&[&file], "").status.code(), Some(0));
    assert_eq!(command(&["--strict", &file], "").status.code(), Some(1));
}
