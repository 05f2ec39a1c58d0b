//! No error on values that are right: those of tests, and generated ones.

use std::fs;

use fastrand::Rng;
use harness::repo;
use values_tests::generate;
use values_validator_core::codes::{BAD_FORMAT, WRONG_TYPE};
use values_validator_core::render::text;
use values_validator_core::{Input, Report, Source, check, codes};

fn checked(name: &str, text: &str) -> Report {
    check(&Input {
        sources: vec![Source::new(name, text)],
        sets: Vec::new(),
    })
}

/// Those of chart and examples are in `good.rs`.
#[test]
fn the_values_that_other_tests_install_have_no_error() {
    let mut count = 0;
    for folder in ["cmd/demo", "tests/kind", "tests/rules"] {
        let files = fs::read_dir(repo::root().join(folder)).unwrap();
        for path in files.map(|file| file.unwrap().path()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.ends_with("values.yaml") {
                let report = checked(&name, &fs::read_to_string(&path).unwrap());
                assert!(!report.failed(), "{}:\n{}", path.display(), text(&report));
                count += 1;
            }
        }
    }
    assert!(count >= 3, "{count} files");
}

/// What they mean together is random, so only what is said of their shape counts.
#[test]
fn six_hundred_generated_files_have_the_right_shape() {
    let mut rng = Rng::with_seed(3);
    let mut keys = 0;
    for i in 0..600 {
        let values = generate::values(&mut rng);
        let written = if i % 2 == 0 {
            values.to_string()
        } else {
            serde_json::to_string_pretty(&values).unwrap()
        };
        keys += written.matches("\":").count();
        let report = checked("generated.yaml", &written);
        let shape: Vec<_> = report
            .findings
            .iter()
            .filter(|finding| codes::ALL.iter().any(|code| code.code == finding.code))
            .collect();
        assert!(shape.is_empty(), "{shape:#?}\n{written}");
    }
    assert!(keys > 30_000, "{keys} keys: too few to mean anything");
}

#[test]
fn a_generated_file_with_one_value_of_another_type_has_an_error() {
    let mut rng = Rng::with_seed(4);
    let mut found = 0;
    for _ in 0..200 {
        let values = generate::values(&mut rng).to_string();
        // The first of these that it holds, spoilt.
        let Some(word) = ["\"enabled\":true", "\"enabled\":false"]
            .into_iter()
            .find(|word| values.contains(word))
        else {
            continue;
        };
        let finding = |value: &str| {
            let spoilt = values.replacen(word, &format!("\"enabled\":{value}"), 1);
            let findings = checked("spoilt.yaml", &spoilt).findings;
            let of_shape = findings.into_iter().find(|finding| {
                finding.path.ends_with("enabled")
                    && [WRONG_TYPE.code, BAD_FORMAT.code].contains(&finding.code)
            });
            of_shape.unwrap_or_else(|| panic!("{spoilt}"))
        };
        assert_eq!(finding("[]").code, WRONG_TYPE.code, "{values}");
        // A text is of another type only where the schema takes no text, such as `auto`.
        let text = finding("\"maybe\"");
        let takes_text = text.expected.contains("auto");
        let code = if takes_text { BAD_FORMAT } else { WRONG_TYPE }.code;
        assert_eq!(text.code, code, "{}: {}", text.path, text.expected);
        found += 1;
    }
    assert!(found > 100, "{found}");
}
