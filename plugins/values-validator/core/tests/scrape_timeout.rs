//! Rule scrape-timeout.

use values_validator_core::{Input, Source, check};

fn codes(text: &str) -> Vec<(&'static str, u32, u32)> {
    let input = Input {
        sources: vec![Source::new("values.yaml", text)],
        sets: Vec::new(),
    };
    check(&input)
        .findings
        .iter()
        .map(|f| {
            let place = f.place.unwrap_or_default();
            (f.code, place.line, place.column)
        })
        .collect()
}

#[test]
fn a_timeout_above_the_interval_is_found_at_the_value_that_was_given() {
    assert_eq!(
        codes("metrics:\n  scrape:\n    interval: 5s\n"),
        [("scrape-timeout", 3, 15)]
    );
    assert_eq!(
        codes("metrics:\n  scrape:\n    timeout: 1m\n"),
        [("scrape-timeout", 3, 14)]
    );
}

#[test]
fn a_timeout_of_the_interval_and_values_of_another_type_are_not_its_matter() {
    assert_eq!(codes("metrics: {scrape: {timeout: 30s}}"), []);
    let found = codes("metrics: {scrape: {timeout: 40}}");
    assert!(
        found.iter().all(|(code, ..)| *code != "scrape-timeout"),
        "{found:?}"
    );
}
