//! Which rules have data on which vLLM releases, from real servers' series.

use rules_tests::by_version::{COMMAND, Life, page, render, rows};

#[test]
fn the_page_is_what_the_captured_series_give() {
    let found = std::fs::read_to_string(page()).unwrap();
    assert!(
        found == render().unwrap(),
        "docs/rules-by-version.md differs from what the rules give; run `{COMMAND}`"
    );
}

#[test]
fn no_alert_is_dead_on_any_captured_release() {
    let rows = rows().unwrap();
    let alerts: Vec<_> = rows.iter().filter(|row| row.alert).collect();
    assert!(alerts.len() >= 25, "only {} alerts", alerts.len());
    for alert in alerts {
        // A captured server exports vLLM's series: an alert on their absence has nothing to say of it.
        let expected = match alert.rule.as_str() {
            "VllmSeriesMissing" => Life::Quiet,
            _ => Life::Data,
        };
        assert!(
            alert.life.iter().all(|life| *life == expected),
            "{}: {:?}",
            alert.rule,
            alert.life
        );
    }
}

#[test]
fn every_record_lives_on_the_newest_release_and_a_missing_name_is_seen() {
    let rows = rows().unwrap();
    for row in rows.iter().filter(|row| !row.alert) {
        assert_ne!(row.life.last(), Some(&Life::Off), "{}", row.rule);
    }
    // 0.10.2 counts neither errors nor rejections.
    let failed = rows
        .iter()
        .find(|row| row.rule == "pod:vllm_requests_failed:rate");
    assert_eq!(failed.map(|row| row.life[0]), Some(Life::Off));
}
