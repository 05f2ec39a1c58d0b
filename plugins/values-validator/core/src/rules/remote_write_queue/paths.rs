//! Paths of other servers: each takes samples at a path of its own.

use crate::url::Url;

/// Where the servers take samples.
const PATHS: [&str; 4] = [
    "/api/v1/push",
    "/api/v1/receive",
    "/api/v1/write",
    "/api/prom/push",
];

/// Where they are asked for samples.
const READ: [&str; 4] = [
    "/api/v1/read",
    "/api/v1/query",
    "/api/v1/query_range",
    "/api/prom/read",
];

/// The path of the server that the address names, where it is written with the path of another one.
pub(super) fn of_another(url: &Url<'_>) -> Option<&'static str> {
    let given = url.path.trim_end_matches('/');
    let given = given.strip_prefix("/prometheus").unwrap_or(given);
    // Samples are read there, and none is taken.
    let reads = READ.contains(&given);
    if !reads && !PATHS.contains(&url.path.trim_end_matches('/')) {
        return None;
    }
    let host = |name: &str| url.host.contains(name);
    let right: &[&str] = match url.port {
        Some("19291") => &["/api/v1/receive"],
        // VictoriaMetrics; vmagent.
        Some("8428" | "8429") => &["/api/v1/write", "/api/v1/push"],
        Some("9090") if host("prometheus") => &["/api/v1/write"],
        _ if host("grafana.net") => &["/api/prom/push", "/api/v1/push"],
        // A namespace may have the name of another part, so the first word counts.
        _ => match url.host.split('.').next()? {
            name if name.contains("mimir") => &["/api/v1/push"],
            name if name.contains("cortex") => &["/api/v1/push", "/api/prom/push"],
            name if name.contains("thanos") => &["/api/v1/receive"],
            _ if reads => &["/api/v1/write"],
            _ => return None,
        },
    };
    (!right.contains(&given)).then_some(right[0])
}
