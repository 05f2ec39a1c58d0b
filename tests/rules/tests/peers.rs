//! docs/peers.md is written by `make peers`, which takes minutes; one of its faults is played again here.

use fleet::model::Scenario;
use rules_tests::peers;

#[test]
fn the_page_of_other_projects_says_what_their_alerts_do() {
    let page = std::fs::read_to_string(peers::page()).unwrap();
    let line = peers::replayed(Scenario::TotalOutage).unwrap();
    assert!(
        page.contains(&line),
        "docs/peers.md has no such line; run make peers:\n{line}"
    );
}
