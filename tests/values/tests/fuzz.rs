//! Bytes that nobody would write as values, or as the texts in them: no panic, and every report keeps its promises.

use values_tests::{fuzz, fuzz_texts};

#[test]
fn any_bytes_give_a_report() {
    let outcome = fuzz::run(5_000).unwrap();
    assert!(outcome.runs > 0 && outcome.behaviours > 100, "{outcome:?}");
}

#[test]
fn any_text_of_another_program_gives_an_answer() {
    let outcome = fuzz_texts::run(2_000).unwrap();
    assert!(outcome.runs > 0 && outcome.behaviours > 100, "{outcome:?}");
}
