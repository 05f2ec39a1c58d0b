//! The dashboards' queries in a real Prometheus.
//!
//! [`store`] makes its database out of samples and of the chart's rules over them; [`synthetic`]
//! makes samples of a fleet out of captured bodies; [`ask`] asks as a dashboard does; [`off`] says
//! which queries cannot have an answer.

pub mod ask;
pub mod empty;
pub mod off;
pub mod refresh;
pub mod store;
pub mod synthetic;

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use dashboards::model::Dashboard;
use rules_tests::expr;
use serde_yaml::Value;

use store::Store;
use synthetic::Fleet;

/// One query of a panel.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Dashboard and panel.
    pub place: String,
    /// PromQL with every variable at "All", and a pod chosen.
    pub expr: String,
    /// Whether it is asked for one moment only.
    pub instant: bool,
}

/// A query with its variables filled in.
#[must_use]
pub fn filled(query: &str, pod: &str) -> String {
    let mut text = query.replace("$pod", pod);
    for variable in ["$release", "$cluster", "$namespace", "$model"] {
        text = text.replace(variable, ".*");
    }
    text
}

/// Every query of some dashboards.
#[must_use]
pub fn asked(boards: &[Dashboard], pod: &str) -> Vec<Asked> {
    let mut out = Vec::new();
    for board in boards {
        for panel in board.panels() {
            for query in &panel.queries {
                out.push(Asked {
                    place: format!("{}: {}", board.slug, panel.title),
                    expr: filled(&query.expr, pod),
                    instant: panel.kind.of_one_moment(),
                });
            }
        }
    }
    out
}

/// The queries of the dashboard that ours is held against; see the file for its source.
#[must_use]
pub fn seed(rate_window: &str) -> Vec<Asked> {
    let lines = include_str!("../seed/queries.txt").lines();
    let queries = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    queries
        .map(|query| Asked {
            place: "seed".to_owned(),
            expr: query.replace("$w", rate_window),
            instant: false,
        })
        .collect()
}

/// Raw series that rules and queries read.
///
/// # Errors
/// When an expression is no PromQL.
pub fn raw_metrics(rules: &Value, queries: &[Asked]) -> Result<BTreeSet<String>> {
    let mut read = BTreeSet::new();
    let of_rules = rules_tests::all(rules)
        .into_iter()
        .filter_map(|rule| rule["expr"].as_str());
    for expr in of_rules.chain(queries.iter().map(|query| query.expr.as_str())) {
        let found = expr::read(expr)?;
        read.extend(found.selectors.into_iter().map(|selector| selector.metric));
    }
    Ok(read
        .into_iter()
        .filter(|name| vllm_catalog::family_of_series(name).is_some())
        .collect())
}

/// A fleet over some time, with its rules evaluated.
pub struct History {
    /// The database, with a running Prometheus.
    pub store: Store,
    /// Its beginning and end, unix seconds.
    pub time: (u64, u64),
    /// Raw series that it has.
    pub exported: BTreeSet<String>,
    /// The rules that recorded the others.
    pub rules: Value,
}

/// So many hours that ended before now, scraped every so many seconds.
///
/// # Errors
/// As [`Store`]'s.
pub fn fleet(pods: usize, hours: u64, scrape: u64, queries: &[Asked]) -> Result<History> {
    let rules = rules_tests::own_rules()?;
    let fleet = Fleet::new(pods, &raw_metrics(&rules, queries)?)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    // Blocks begin at even hours.
    let start = (now - (hours + 2) * 3600) / 7200 * 7200;
    let end = start + hours * 3600;
    let mut store = Store::new()?;
    let text = store.path("samples.txt");
    // A file of half a gigabyte at most.
    let part = if pods > 100 { 1200 } else { 3600 };
    for from in (start..end).step_by(part) {
        fleet.write(&text, (from, end.min(from + part as u64)), scrape, start)?;
        store.import(&text)?;
        std::fs::remove_file(&text)?;
    }
    store.record(&rules, (start, end), STEP)?;
    Ok(History {
        store,
        time: (start, end),
        exported: fleet.names(),
        rules,
    })
}

/// Seconds between two points of a panel over six hours, and between evaluations.
pub const STEP: u64 = 60;
