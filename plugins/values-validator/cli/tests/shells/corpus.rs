//! Every mistake of the corpus, by every shell; and no error on the chart's own values.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use harness::repo;
use serde_json::{Value, json};
use values_tests::mistakes::{Expected, Mistake, all, folder};
use values_validator_core::SetKind;

use crate::support::{BINARY, Helm, built, findings, report, run, stderr, stdout};

/// Processes at once.
const WORKERS: usize = 4;

/// Fails with what differs, all of it.
fn hold(shell: &str, found: impl Fn(&Mistake) -> Vec<Expected> + Sync, mistakes: &[Mistake]) {
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| {
                let found = &found;
                scope.spawn(move || {
                    let mine = mistakes.iter().skip(worker).step_by(WORKERS);
                    mine.filter_map(|mistake| {
                        let found = found(mistake);
                        (found != mistake.expected).then(|| {
                            format!(
                                "{}\n expected {:?}\n found    {found:?}",
                                mistake.name, mistake.expected
                            )
                        })
                    })
                    .collect::<Vec<_>>()
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|w| w.join().expect("no panic"))
            .collect()
    });
    assert!(
        wrong.is_empty(),
        "{shell}: {} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn flags(mistake: &Mistake) -> Vec<String> {
    let sets = mistake.sets.iter();
    sets.flat_map(|(kind, text)| [kind.flag().to_owned(), text.clone()])
        .collect()
}

/// The values that the chart is installed with in its own tests.
fn ci_values() -> Vec<PathBuf> {
    let entries = fs::read_dir(repo::root().join("chart/ci")).expect("chart/ci");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    assert!(files.len() >= 4, "{files:?}");
    files
}

#[test]
fn the_command_finds_every_mistake_and_no_error_in_the_charts_own_values() {
    let mistakes = all().unwrap();
    hold(
        "command",
        |mistake| {
            let mut command = Command::new(BINARY);
            command.current_dir(folder()).args(["--format", "json"]);
            for file in &mistake.files {
                command.args(["-f", file]);
            }
            report_of(&mut command, mistake)
        },
        &mistakes,
    );
    for file in ci_values() {
        let output = run(Command::new(BINARY).arg("-f").arg(&file), b"");
        assert!(
            output.status.success(),
            "{}: {}",
            file.display(),
            stdout(&output)
        );
    }
}

fn report_of(command: &mut Command, mistake: &Mistake) -> Vec<Expected> {
    findings(&report(&run(command.args(flags(mistake)), b"")))
}

#[test]
fn the_helm_plugin_finds_every_mistake_and_no_error_in_the_charts_own_values() {
    let helm = Helm::with_plugin();
    let mistakes = all().unwrap();
    hold(
        "helm plugin",
        |mistake| {
            let text = joined(&mistake.files);
            let mut arguments = vec![
                "vllm-values",
                "--format",
                "json",
                "--name",
                &mistake.files[0],
            ];
            let flags = flags(mistake);
            arguments.extend(flags.iter().map(String::as_str));
            let mut found = findings(&report(&helm.run(&arguments, &text)));
            split(&mut found, &mistake.files);
            found
        },
        &mistakes,
    );
    for file in ci_values() {
        let output = helm.run(&["vllm-values"], &fs::read(&file).unwrap());
        assert!(
            output.status.success(),
            "{}: {}{}",
            file.display(),
            stdout(&output),
            stderr(&output)
        );
    }
}

/// Files as one: Helm merges the documents of a file as it merges files.
fn joined(files: &[String]) -> Vec<u8> {
    let texts: Vec<_> = files
        .iter()
        .map(|file| fs::read(folder().join(file)).unwrap())
        .collect();
    texts.join(&b"---\n"[..])
}

/// Puts findings in the joined text to the files that they are in.
fn split(found: &mut [Expected], files: &[String]) {
    for finding in found.iter_mut().filter(|f| f.source == files[0]) {
        for file in files {
            let text = fs::read(folder().join(file)).unwrap();
            let lines = text.iter().filter(|byte| **byte == b'\n').count() as u32 + 1;
            finding.source.clone_from(file);
            if finding.line <= lines || file == &files[files.len() - 1] {
                break;
            }
            finding.line -= lines;
        }
    }
    found.sort();
}

#[test]
fn node_finds_every_mistake_and_no_error_in_the_charts_own_values() {
    let script = repo::root().join("plugins/values-validator/web/check.test.js");
    let kind = |kind: &SetKind| match kind {
        SetKind::Set => "set",
        SetKind::String => "string",
        SetKind::Json => "json",
        // The module takes no files, and the corpus has none of these.
        SetKind::File | SetKind::Literal => "string",
    };
    let read = |path: PathBuf| fs::read_to_string(path).unwrap();
    let cases: Vec<Value> = (all().unwrap().iter())
        // JavaScript's texts are characters already; broken bytes are the command's to tell.
        .filter(|m| m.files.iter().all(|f| fs::read_to_string(folder().join(f)).is_ok()))
        .map(|m| {
            json!({
                "name": m.name,
                "input": {
                    "sources": m.files.iter().map(|f| json!({"name": f, "text": read(folder().join(f))})).collect::<Vec<_>>(),
                    "sets": m.sets.iter().map(|(k, text)| json!({"kind": kind(k), "text": text})).collect::<Vec<_>>(),
                },
                "expected": m.expected.iter().map(|e| json!([e.source, e.line, e.column, e.code])).collect::<Vec<_>>(),
            })
        })
        .collect();
    assert!(
        cases.len() + 3 > all().unwrap().len(),
        "{} cases",
        cases.len()
    );
    let good: Vec<Value> = (ci_values().into_iter())
        .map(|f| json!({"name": f.display().to_string(), "text": read(f)}))
        .collect();
    let output = run(
        Command::new("node")
            .args(["--test", "--test-reporter=spec"])
            .arg(script)
            .env("VLLM_VALUES", built("nodejs"))
            .env(
                "CASES",
                write(&json!({"cases": cases, "good": good})).path(),
            ),
        b"",
    );
    assert!(
        output.status.success(),
        "{}{}",
        stdout(&output),
        stderr(&output)
    );
    // `--test` of a file without a test passes.
    assert!(stdout(&output).contains("tests 4"), "{}", stdout(&output));
}

fn write(value: &Value) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), value.to_string()).expect("written");
    file
}
