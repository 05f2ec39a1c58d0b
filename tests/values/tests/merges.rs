//! Merging held against the real helm: random defaults, files and arguments.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use fastrand::Rng;
use values_tests::helm::{Case, Helm};
use values_tests::{draw, tree};
use values_validator_core::Set;

/// Cases that go into one run of helm, each under a key of its own.
const TOGETHER: usize = 20;

#[track_caller]
fn hold(cases: &[Case]) -> usize {
    let helm = Helm::new().expect("the pinned helm");
    let answers = helm.answers(cases).expect("answers");
    let differences: Vec<String> = cases
        .iter()
        .zip(&answers)
        .filter_map(|(case, answer)| tree::difference(case, answer))
        .collect();
    assert!(
        differences.is_empty(),
        "{} of {} differ:\n{}",
        differences.len(),
        cases.len(),
        differences[..differences.len().min(5)].join("\n")
    );
    answers.iter().filter(|answer| answer.is_ok()).count()
}

fn case(rng: &mut Rng) -> Case {
    Case {
        defaults: draw::file(rng).into(),
        files: (0..rng.usize(..4))
            .map(|_| draw::file(rng).into())
            .collect(),
        sets: (0..rng.usize(..4)).map(|_| draw::set(rng)).collect(),
    }
}

/// Whether helm takes it, as we think: one that it refuses would take its neighbours along.
fn accepted(case: &Case) -> bool {
    tree::ours(case).is_ok()
}

#[test]
fn six_hundred_merges_within_maps_are_helms() {
    let mut rng = Rng::with_seed(1);
    let mut runs = Vec::new();
    let mut merges = 0;
    while merges < 600 {
        let mut run = Case::default();
        for i in 0..TOGETHER {
            let one = loop {
                let one = case(&mut rng);
                // One document each: those of several files would be split apart.
                let documents = |text: &[u8]| text.windows(3).any(|w| w == b"---");
                if accepted(&one)
                    && !one
                        .files
                        .iter()
                        .chain([&one.defaults])
                        .any(|f| documents(f))
                {
                    break one;
                }
            };
            let below = |text: &[u8]| {
                let text = String::from_utf8_lossy(text).into_owned();
                let lines: String = text.lines().map(|line| format!("  {line}\n")).collect();
                // Anchors of one case must not be seen by the next.
                format!("k{i}:\n{lines}")
                    .replace("&m", &format!("&m{i}_"))
                    .replace("*m", &format!("*m{i}_"))
            };
            run.defaults.extend(below(&one.defaults).bytes());
            run.files
                .resize(run.files.len().max(one.files.len()), Vec::new());
            for (all, file) in run.files.iter_mut().zip(&one.files) {
                all.extend(below(file).bytes());
            }
            for set in &one.sets {
                let text = separate(&set.text, &format!("k{i}."));
                run.sets.push(Set::new(set.kind, text));
            }
            merges += 1;
        }
        if accepted(&run) {
            runs.push(run);
        } else {
            merges -= TOGETHER;
        }
    }
    assert_eq!(hold(&runs), runs.len());
}

/// An argument with its first name below a key; further names keep theirs.
fn separate(text: &str, prefix: &str) -> String {
    format!("{prefix}{text}")
}

#[test]
fn sixty_merges_at_the_top_and_as_many_broken_arguments_are_helms() {
    let mut rng = Rng::with_seed(2);
    let mut cases: Vec<Case> = (0..60).map(|_| case(&mut rng)).collect();
    for _ in 0..60 {
        cases.push(Case {
            sets: vec![draw::broken_set(&mut rng)],
            ..case(&mut rng)
        });
    }
    let taken = hold(&cases);
    assert!(
        (40..cases.len()).contains(&taken),
        "{taken} of {} taken",
        cases.len()
    );
}
