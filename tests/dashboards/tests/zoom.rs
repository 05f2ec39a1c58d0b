//! Six hours of forty replicas made of real bodies, in a real Prometheus: every query of every panel,
//! at every zoom. `make bench` has 400 replicas.

use dashboards::boards;
use dashboards_tests::{ask, asked, fleet};

/// Lengths of time that people look at, with the step that Grafana chooses for a panel's width.
const ZOOMS: [(u64, u64); 4] = [(900, 15), (3600, 60), (7200, 300), (21_600, 60)];

#[test]
fn every_query_has_data_over_six_hours_where_its_series_are_exported_and_at_every_zoom() {
    let queries = asked(&boards::all(), "p7");
    let history = fleet(40, 6, 60, &queries).unwrap();
    let refresh = history.proven(&queries).unwrap();
    assert!(
        refresh.answered > 190,
        "{} of {} queries have data",
        refresh.answered,
        queries.len()
    );
    println!(
        "{} of {} queries have data, {} samples in six hours of all dashboards",
        refresh.answered,
        queries.len(),
        refresh.samples
    );
    let (url, end) = (&history.store.url, history.time.1 - 60);
    for query in queries.iter().filter(|query| !query.instant) {
        let points: Vec<usize> = ZOOMS
            .iter()
            .map(|(length, step)| {
                let time = (end - length, end);
                let answer = ask::range(url, &query.expr, time, *step).unwrap();
                answer.series.iter().map(|s| s.values.len()).sum()
            })
            .collect();
        assert!(
            points.iter().all(|n| *n > 0) || points.iter().all(|n| *n == 0),
            "{}: points by zoom {points:?}: {}",
            query.place,
            query.expr
        );
    }
    // The rows of the worst, and where a click leads.
    let table = queries.iter().find(|q| q.place.contains("worst")).unwrap();
    let worst = ask::at(url, &table.expr, end).unwrap().series;
    assert!((5..=20).contains(&worst.len()), "{}", worst.len());
    assert!(worst.iter().all(|s| s.labels.contains_key("pod")));
}
