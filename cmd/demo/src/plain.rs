//! The demo in lines, for a pipe, a log and the one-shot run.

use std::path::Path;

use harness::collector::Collector;
use harness::http::Alert;

use crate::ledger::{Ledger, list};
use crate::options::Options;

/// Where to look.
pub fn links(
    options: &Options,
    collector: &Collector,
    dir: &Path,
    control: Option<u16>,
    dashboards: &str,
) {
    println!("demo: dashboards         {dashboards}");
    println!(
        "demo: Prometheus         http://127.0.0.1:{}/alerts",
        options.prometheus_port
    );
    if let Some(port) = control {
        println!("demo: fleet              http://127.0.0.1:{port}/fleet");
    }
    println!("demo: collector metrics  {}", collector.metrics_url());
    println!(
        "demo: kept traces        {}",
        dir.join("kept.jsonl").display()
    );
    println!("demo: logs               {}", dir.join("*.log").display());
    if !options.oneshot {
        println!("demo: Ctrl-C ends it");
    }
}

/// One line of the state, and two for each alert that fires for the first time.
pub fn report(ledger: &Ledger, new: &[&Alert], scenario: &str) {
    for alert in new {
        let annotation = |key| alert.annotations.get(key).map_or("", String::as_str);
        println!(
            "demo: FIRING {}: {}",
            alert.name(),
            annotation("description")
        );
        println!("demo:        {}", annotation("runbook_url"));
    }
    println!(
        "demo: {scenario}: traces seen {}, kept: {}; by cause: {}; dropped {}; alerts firing {}, pending {}",
        ledger.traces,
        ledger.kept_by_reason(),
        ledger.kept_by_cause(),
        ledger.dropped(),
        list(&ledger.firing),
        list(&ledger.pending),
    );
}
