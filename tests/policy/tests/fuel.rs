//! What a decision needs of its budget.

#![allow(clippy::expect_used)] // in helpers, where clippy sees no test

use std::fs;

use harness::repo;
use policy_tests::guest::Guest;
use sampling_policy_core::answer::Answer;
use vllm_policy::record::{HEADER, seal};

/// What the host gives each call, as `ABI.md` and the collector's extension say.
const FUEL_PER_CALL: i64 = 10_000_000;

#[test]
fn the_abi_page_and_the_host_say_this_number() {
    let page = fs::read_to_string(repo::root().join("plugins/sampling-policy/ABI.md"));
    // A line may end between the number and its unit.
    let page = page.expect("ABI.md").replace("\n  ", " ");
    assert!(
        page.contains("10,000,000 units"),
        "ABI.md: the budget of a call"
    );

    let folder = repo::root().join("collector/wasmsamplingpolicy");
    let stated: Vec<String> = fs::read_dir(&folder)
        .expect("the extension")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "go"))
        .flat_map(|path| {
            let text = fs::read_to_string(path).expect("a source");
            let lines = text.lines().filter(|line| line.contains("fuelPerTrace = "));
            lines
                .map(|line| line.replace("const", "").replace('_', ""))
                .collect::<Vec<_>>()
        })
        .collect();
    let expected = format!("fuelPerTrace = {FUEL_PER_CALL}");
    assert_eq!(
        stated.iter().map(|line| line.trim()).collect::<Vec<_>>(),
        [expected]
    );
}

/// Everything on.
const ALL: &str =
    r#"{"errors":{},"slowest":{},"baseline":{},"budget":{},"models":{"a":{"e2e_latency":"1h"}}}"#;

/// A record of as many fast spans as fit, and their number: no decision takes longer.
fn largest(guest: &mut Guest, document: &str) -> (Vec<u8>, usize) {
    let wanted = guest.configure(document).expect("settings");
    let spans = (guest.capacity() - HEADER) / wanted.span_size();
    let mut record = vec![0; HEADER + spans * wanted.span_size()];
    seal(&mut record, spans as u32);
    (record, spans)
}

#[test]
fn the_largest_record_needs_a_hundredth_of_what_the_host_gives() {
    let mut guest = Guest::new().expect("the packed module");
    for document in ["{}", ALL] {
        let (mut record, spans) = largest(&mut guest, document);
        guest.refuel(FUEL_PER_CALL).expect("fuel");
        guest.evaluate(&mut record).expect("a decision");
        let needed = FUEL_PER_CALL - guest.fuel().expect("fuel");
        let answer = Answer::read(&record).expect("an answer");
        assert_eq!(answer.decision, i32::from(document == ALL), "{answer:?}");
        assert!(
            needed >= spans as i64,
            "{needed} for {spans} spans: the loop is not metered"
        );
        assert!(needed <= FUEL_PER_CALL / 100, "{document}: {needed}");
    }
}

#[test]
fn one_unit_too_few_ends_the_call() {
    let mut guest = Guest::new().expect("the packed module");
    let (mut record, _) = largest(&mut guest, "{}");
    guest.refuel(FUEL_PER_CALL).expect("fuel");
    guest.evaluate(&mut record).expect("a decision");
    let needed = FUEL_PER_CALL - guest.fuel().expect("fuel");

    guest.refuel(needed).expect("fuel");
    guest.evaluate(&mut record).expect("a decision");
    assert_eq!(guest.fuel().expect("fuel"), 0);

    guest.refuel(needed - 1).expect("fuel");
    assert!(guest.evaluate(&mut record).is_err());
    assert_eq!(guest.fuel().expect("fuel"), -1);
}

#[test]
fn describing_configuring_and_reporting_need_less_than_a_decision_is_given() {
    let mut guest = Guest::new().expect("the packed module");
    for (name, input) in [
        ("describe", ""),
        ("configure", ALL),
        ("describe", ""),
        ("report", ""),
    ] {
        guest.refuel(FUEL_PER_CALL).expect("fuel");
        guest
            .call(name, input.as_bytes())
            .expect("no trap")
            .expect("an output");
        let needed = FUEL_PER_CALL - guest.fuel().expect("fuel");
        assert!(needed <= FUEL_PER_CALL / 100, "{name}: {needed}");
    }
}
