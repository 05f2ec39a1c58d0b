//! Bytes that nobody would write as values: no panic, and every report keeps its promises.

use values_tests::fuzz;

#[test]
fn any_bytes_give_a_report() {
    let outcome = fuzz::run(5_000).unwrap();
    assert!(outcome.runs > 0 && outcome.behaviours > 100, "{outcome:?}");
}
