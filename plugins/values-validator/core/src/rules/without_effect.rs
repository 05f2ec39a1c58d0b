//! Some values are read only when a switch is on, or another value is given: sizes of a disk with
//! `persistent: true`, standalone mode's Prometheus and Alertmanager only without a Prometheus Operator,
//! parts of TLS with their Secret. Without it they have no effect and cause no error.

#[cfg(feature = "full")]
mod alerts;
#[cfg(feature = "full")]
mod classes;
#[cfg(feature = "full")]
mod cure;
mod needs;
mod say;
mod table;

use super::Rule;
use crate::node::join;
use crate::{DEFAULTS, Findings, Node, Severity, Value, Values};
use needs::Needs::{Absent, On};
use needs::{met, on};
use say::say;
use table::{MODELS, Row, TABLE, rows};

/// Given values against the switches that have them read.
pub const RULE: Rule = Rule {
    code: "without-effect",
    severity: Severity::Warning,
    title: text!("A value is given that nothing reads"),
    check,
};

/// Further lines of the table.
#[cfg(feature = "full")]
const MORE: &str = "rules.dashboardBaseUrl|empty|rules.dashboardUrl||Every alert links to the one page.\n\
    tracing.queue.drainSeconds|off|tracing.storage.persistent||Traces that are queued on the volume survive the pod: it does not wait for them.";

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    {
        classes::check(values, findings);
        alerts::check(values, findings);
    }
    let mut said = Vec::new();
    let mut look = |base: &str, root: &Node, table: &[Row]| {
        leaves(root, "", &mut |path, node| {
            let models = base.is_empty() && path.starts_with("models");
            let own = base.is_empty() && default(path).is_some_and(|default| same(default, node));
            // Monitors of other parts, windows of rules and Grafana's steps go by it too.
            let step = base.is_empty() && path == "metrics.scrape.interval";
            if models || own || step {
                return;
            }
            let missing = table.iter().find(|row| {
                let whole = !matches!(row.needs, Absent(_)) || path == row.start;
                path.starts_with(row.start) && whole && !met(values, root, path, row.needs)
            });
            let off = switched_off(root, path);
            let (start, needs, why) = match (missing, &off) {
                (Some(row), _) => (row.start, row.needs, row.why),
                (None, Some((start, switch))) => (start.as_str(), On(switch), ""),
                (None, None) => return,
            };
            let path = if base.is_empty() {
                path.to_owned()
            } else {
                format!("{base}.{path}")
            };
            say(
                &path, node, start, needs, why, base, root, &mut said, findings,
            );
        });
    };
    let table = rows(TABLE).into_iter();
    #[cfg(feature = "full")]
    let table = table.chain(MORE.lines().filter_map(table::row));
    let table: Vec<Row> = table.collect();
    look("", &values.root, &table);
    let models = rows(MODELS);
    for (base, entry) in values.list("models") {
        look(&base, entry, &models);
    }
}

/// The section round a value whose own `enabled` is false, and that switch.
fn switched_off(root: &Node, path: &str) -> Option<(String, String)> {
    path.match_indices('.').find_map(|(end, _)| {
        let section = &path[..end];
        let switch = format!("{section}.enabled");
        let off = root.get(&switch)?.as_bool() == Some(false) && !on(root, &switch);
        (off && path != switch).then(|| (format!("{section}."), switch))
    })
}

/// What the chart has at a path.
pub(super) fn default(path: &str) -> Option<&'static Node> {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    // An entry of models: the chart has none.
    if first.ends_with(']') {
        return None;
    }
    let node = DEFAULTS.get(first)?;
    if rest.is_empty() {
        Some(node)
    } else {
        node.get(rest)
    }
}

/// Whether two values say the same, wherever they stand.
pub(super) fn same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((k, a), (l, b))| k == l && same(a, b))
        }
        (a, b) => a == b,
    }
}

/// Each value that somebody gave, with its path; a map that is given as a whole counts by its parts.
fn leaves<'a>(node: &'a Node, path: &str, visit: &mut dyn FnMut(&str, &'a Node)) {
    match &node.value {
        Value::Map(map) if !map.is_empty() => {
            for (key, child) in map {
                if child.place.is_untouched() {
                    continue;
                }
                leaves(child, &join(path, key), visit);
            }
        }
        _ if !node.is_default() && !path.is_empty() => visit(path, node),
        _ => {}
    }
}
