//! Forty replicas made of real bodies, in a real Prometheus: every query at every zoom.

use dashboards::boards;
use dashboards_tests::{ask, asked, fleet};

/// Lengths of time that people look at, with the step that Grafana chooses for a panel's width.
const ZOOMS: [(u64, u64); 3] = [(900, 15), (3600, 60), (7200, 300)];

#[test]
fn every_query_that_has_data_has_it_at_every_zoom_and_reads_the_same_for_any_fleet() {
    let queries = asked(&boards::all(), "p7");
    let (store, (_, end)) = fleet(40, 2, &queries).unwrap();
    let end = end - 60;
    let mut with_data = 0;
    let mut samples = 0;
    for query in &queries {
        if query.instant {
            assert!(
                ask::at(&store.url, &query.expr, end).is_ok(),
                "{}",
                query.place
            );
            continue;
        }
        let points: Vec<usize> = ZOOMS
            .iter()
            .map(|(length, step)| {
                let answer =
                    ask::range(&store.url, &query.expr, (end - length, end), *step).unwrap();
                if *step == 60 {
                    samples += answer.samples;
                }
                answer.series.iter().map(|s| s.values.len()).sum()
            })
            .collect();
        assert!(
            points.iter().all(|n| *n > 0) || points.iter().all(|n| *n == 0),
            "{}: points by zoom {points:?}: {}",
            query.place,
            query.expr
        );
        with_data += usize::from(points[0] > 0);
    }
    assert!(
        with_data > 110,
        "{with_data} of {} queries have data",
        queries.len()
    );
    println!(
        "{with_data} of {} queries have data, {samples} samples an hour of all dashboards",
        queries.len()
    );
    // The rows of the worst, and where a click leads.
    let table = queries.iter().find(|q| q.place.contains("worst")).unwrap();
    let worst = ask::at(&store.url, &table.expr, end).unwrap().series;
    assert!((5..=20).contains(&worst.len()), "{}", worst.len());
    assert!(worst.iter().all(|s| s.labels.contains_key("pod")));
}
