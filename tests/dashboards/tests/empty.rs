//! The panels that the pages' tests expect to be empty are those of the definition.

use std::collections::BTreeSet;

use dashboards::boards;
use dashboards_tests::empty;

#[test]
fn the_committed_list_is_what_the_definition_says() {
    let committed = std::fs::read_to_string(empty::path()).unwrap();
    assert!(
        committed == empty::text().unwrap(),
        "{} differs; run `{}`",
        empty::path().display(),
        empty::COMMAND
    );
}

#[test]
fn a_title_names_one_panel_of_a_dashboard() {
    for board in boards::all() {
        let titles: Vec<&str> = board.panels().map(|panel| panel.title).collect();
        let once: BTreeSet<&str> = titles.iter().copied().collect();
        assert_eq!(titles.len(), once.len(), "{}: {titles:?}", board.slug);
    }
}
