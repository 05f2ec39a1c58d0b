//! What a decision needs of its budget.

#![allow(clippy::expect_used)] // in helpers, where clippy sees no test

use std::fs;

use harness::repo;
use policy_tests::guest::Guest;
use policy_tests::record::{Answer, Wanted, seal};
use sampling_policy_core::describe;

/// What `ABI.md` says that the policy needs for the largest record that fits its buffer.
const LARGEST_RECORD: i64 = 4680;

/// What the host gives each call, as `ABI.md` and the collector's extension say.
const FUEL_PER_CALL: i64 = 10_000_000;

#[test]
fn the_abi_page_and_the_host_say_these_numbers() {
    let page = fs::read_to_string(repo::root().join("plugins/sampling-policy/ABI.md"));
    let page = page.expect("ABI.md");
    assert!(
        page.contains("needs 4,680 units"),
        "ABI.md: the largest record"
    );
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

/// A record of as many fast spans as fit, and their number: no decision takes longer.
fn largest(guest: &Guest) -> (Vec<u8>, usize) {
    let wanted = Wanted::from_description(&describe()).expect("a description");
    let spans = (guest.capacity() - 96) / wanted.span_size();
    let mut record = vec![0; 96 + spans * wanted.span_size()];
    seal(&mut record, spans as u32);
    (record, spans)
}

#[test]
fn the_largest_record_needs_what_the_abi_page_says_and_a_hundredth_of_what_the_host_gives() {
    let mut guest = Guest::new().expect("the packed module");
    let (mut record, spans) = largest(&guest);
    guest.refuel(FUEL_PER_CALL).expect("fuel");
    guest.evaluate(&mut record).expect("a decision");
    let needed = FUEL_PER_CALL - guest.fuel().expect("fuel");
    assert_eq!(Answer::read(&record).decision, 0);
    assert!(
        needed >= spans as i64,
        "{needed} for {spans} spans: the loop is not metered"
    );
    assert!(needed <= LARGEST_RECORD, "{needed}");
    const { assert!(LARGEST_RECORD <= FUEL_PER_CALL / 100) };
}

#[test]
fn one_unit_too_few_ends_the_call() {
    let mut guest = Guest::new().expect("the packed module");
    let (mut record, _) = largest(&guest);
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
fn describing_and_configuring_need_less_than_a_decision_is_given() {
    let mut guest = Guest::new().expect("the packed module");
    let document =
        br#"{"e2e_latency":"1h30m15s250ms","time_to_first_token":"off","decode_time":"0.125s"}"#;
    for (name, input) in [("describe", &b""[..]), ("configure", document)] {
        guest.refuel(FUEL_PER_CALL).expect("fuel");
        guest
            .call(name, input)
            .expect("no trap")
            .expect("an output");
        let needed = FUEL_PER_CALL - guest.fuel().expect("fuel");
        assert!(needed <= FUEL_PER_CALL / 100, "{name}: {needed}");
    }
}
