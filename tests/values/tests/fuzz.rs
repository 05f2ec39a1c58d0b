//! Bytes that nobody would write as values: no panic, and every report keeps its promises.

use values_tests::fuzz;

#[test]
fn any_bytes_give_a_report() {
    let (runs, behaviours) = fuzz::run(5_000).unwrap();
    assert!(runs > 0 && behaviours > 100, "{behaviours} behaviours");
}
