//! The packaged chart refuses by its schema what the validator finds by shape, and nothing else: the
//! schema travels with the chart, and says the same without a place.

use anyhow::Result;
use chart_tests::package;
use harness::repo;
use values_tests::mistakes::{Mistake, all, folder};
use values_validator_core::codes;

/// What only a schema refuses.
const SHAPE: [&str; 7] = [
    codes::UNKNOWN_KEY.code,
    codes::MISSING_KEY.code,
    codes::WRONG_TYPE.code,
    codes::NOT_ALLOWED.code,
    codes::OUT_OF_BOUNDS.code,
    codes::BAD_FORMAT.code,
    codes::BAD_QUANTITY.code,
];

/// Mistakes of which a rule says better what they are than the pattern that refuses them.
const SAID_BETTER: [&str; 2] = [
    "kubernetes/digest-as-the-tag",
    "kubernetes/name-with-capitals",
];

/// Whether helm refuses a mistake by the schema, and what it says.
fn refused(mistake: &Mistake, chart: &std::path::Path) -> Result<(bool, String)> {
    let mut helm = repo::command("helm")?;
    helm.args(["template", "t"]).arg(chart);
    for file in &mistake.files {
        helm.arg("--values").arg(folder().join(file));
    }
    for (kind, text) in &mistake.sets {
        helm.args([kind.flag(), text]);
    }
    let said = String::from_utf8_lossy(&helm.output()?.stderr).into_owned();
    Ok((said.contains("don't meet the specifications"), said))
}

#[test]
fn the_packaged_chart_refuses_every_mistake_of_shape_and_only_those() {
    let dir = tempfile::tempdir().unwrap();
    let chart = package(dir.path()).unwrap();
    let all = all().unwrap();
    let wrong = |mistakes: &[Mistake]| {
        let mut wrong = Vec::new();
        let mut shaped = 0;
        for mistake in mistakes {
            let shape = |code: &str| SHAPE.contains(&code);
            let expected = mistake.expected.iter().any(|e| shape(&e.code))
                || SAID_BETTER.contains(&mistake.name.as_str());
            shaped += usize::from(expected);
            let (found, said) = refused(mistake, &chart).unwrap();
            if found != expected {
                wrong.push(format!("{}: by the schema: {found}\n{said}", mistake.name));
            }
        }
        (wrong, shaped)
    };
    let (one, other) = all.split_at(all.len() / 2);
    let ((mut found, a), (more, b)) = std::thread::scope(|scope| {
        let one = scope.spawn(|| wrong(one));
        let other = wrong(other);
        (one.join().unwrap(), other)
    });
    found.extend(more);
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(a + b >= 40, "only {} mistakes of shape", a + b);
}
