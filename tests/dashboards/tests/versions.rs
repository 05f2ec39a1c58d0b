//! Every query of every panel over what real servers of each recorded release exported: data, or off for a
//! reason.

use std::collections::{BTreeMap, BTreeSet};

use dashboards::boards;
use dashboards_tests::asked;
use dashboards_tests::refresh::ONLY_WHAT_IS_WRONG;
use rules_tests::answers::{answers, ever};
use rules_tests::by_version::{Life, rows, versions};
use rules_tests::captured::Captured;
use rules_tests::{expr, own_rules};

#[test]
fn every_query_has_data_where_its_series_exist_and_says_nothing_else_where_they_do_not() {
    let rules = own_rules().unwrap();
    let life: BTreeMap<String, Vec<Life>> = rows()
        .unwrap()
        .iter()
        .map(|r| (r.rule.clone(), r.life.clone()))
        .collect();
    let queries = asked(&boards::all(), "p0");
    assert!(queries.len() > 150, "{}", queries.len());
    for (number, capture) in versions().unwrap().iter().enumerate() {
        let version = capture.name();
        let captured = Captured::read(&capture.path("")).unwrap();
        let exported: BTreeSet<&str> = captured.names().collect();
        // At some time of the run: it ends with a server that is drained.
        let ever_of = |query: &str| format!("last_over_time(({query})[1h:15s])");
        let wanted: BTreeSet<String> = queries.iter().map(|q| ever_of(&q.expr)).collect();
        let spoke = answers(&captured, &rules, &wanted).unwrap();
        let mut off = 0;
        for query in &queries {
            let right_to_be_empty = query.place.ends_with(ONLY_WHAT_IS_WRONG);
            if right_to_be_empty || spoke.contains(&ever_of(&query.expr)) {
                continue;
            }
            // A record that has none of its own there, or a series that this release lacks.
            let needed = expr::read(&query.expr).unwrap().selectors;
            let reason = needed.iter().find(|selector| {
                let name = &selector.metric;
                let rules: Vec<_> = life
                    .iter()
                    .filter(|(rule, _)| rule.split('{').next() == Some(name))
                    .collect();
                let quiet = rules.iter().any(|(_, life)| life[number] != Life::Data);
                let raw = rules.is_empty() && !exported.contains(name.as_str());
                quiet || raw
            });
            assert!(
                reason.is_some(),
                "{version}: {}: no data, though all it reads is there: {}",
                query.place,
                query.expr
            );
            off += 1;
        }
        assert!(
            off * 5 < queries.len(),
            "{version}: {off} of {} queries are off",
            queries.len()
        );
    }
    assert_eq!(ever("up"), "last_over_time(up[1h])");
}
