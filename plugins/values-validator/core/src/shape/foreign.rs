//! Names that people bring from other charts and APIs: kube-prometheus-stack, the OpenTelemetry chart,
//! production-stack, KServe, KEDA, Prometheus and Alertmanager themselves.

use crate::embedded::foreign;

/// What to write in place of a key at a path, where its name is known from elsewhere.
pub fn advice(path: &str, key: &str) -> Option<&'static str> {
    let key = if key.starts_with("x-") || key.starts_with('.') {
        "x-"
    } else {
        key
    };
    foreign().lines().find_map(|line| {
        let mut columns = line.splitn(3, '\t');
        let (name, within, advice) = (columns.next()?, columns.next()?, columns.next()?);
        let nested = within.starts_with('.') && path.contains(within);
        let here = (nested || path.starts_with(within)) && (!within.is_empty() || once(name, path));
        (name == key && here).then_some(advice)
    })
}

/// Names that are general words elsewhere count only at the root.
fn once(name: &str, path: &str) -> bool {
    !matches!(
        name,
        "mode" | "config" | "exporters" | "processors" | "replicaCount"
    ) || path == name
}
