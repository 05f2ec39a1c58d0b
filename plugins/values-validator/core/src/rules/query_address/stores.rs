//! Stores that answer Prometheus' queries below a path, or in another part than the one that takes samples.

use crate::url::Url;
use crate::{Finding, Place};

/// A kind of store: what its host's name has, the path below which it is asked, and other ports and hosts of it
/// with what is meant.
struct Store {
    names: &'static [&'static str],
    path: &'static str,
    parts: &'static [(&'static str, &'static str)],
}

const STORES: [Store; 4] = [
    Store {
        names: &["mimir", "cortex"],
        path: "/prometheus",
        parts: &[
            ("distributor", "query-frontend"),
            ("ingester", "query-frontend"),
        ],
    },
    Store {
        names: &["vmselect", "vminsert"],
        path: "/select/0/prometheus",
        parts: &[("vminsert", "vmselect"), (":8480", ":8481")],
    },
    Store {
        names: &["thanos"],
        path: "",
        parts: &[("thanos-receive", "thanos-query"), (":19291", ":9090")],
    },
    Store {
        names: &["grafana.net"],
        path: "/api/prom",
        parts: &[],
    },
];

/// Where a store is asked, if the address is another one of it.
pub(super) fn other(
    place: Place,
    text: &str,
    url: &Url<'_>,
    finding: &dyn Fn(String, &str, &str) -> Finding,
) -> Option<Finding> {
    // A Prometheus in a store's namespace is none.
    let service = url.host.split('.').next().unwrap_or_default();
    let has =
        |name: &&str| url.host.contains(*name) && (url.public() || !service.contains("prometheus"));
    let store = STORES.iter().find(|store| store.names.iter().any(has))?;
    let origin = url.origin(text).to_string();
    let meant = (store.parts.iter()).fold(origin.clone(), |at, (old, new)| at.replace(old, new));
    let written = ["/push", "/receive", "/write"]
        .iter()
        .any(|end| url.path.ends_with(end));
    let bare = matches!(url.path, "" | "/");
    let api = written || url.path.contains("/api/v1") && !url.path.starts_with(store.path);
    let new = format!("{meant}{}", store.path);
    if meant == origin && !(written || (bare || api) && !store.path.is_empty()) {
        return None;
    }
    let found = if meant != origin || written {
        format!("{text:?}, where samples are written")
    } else {
        format!("{text:?}, without the path {}", store.path)
    };
    Some(
        finding(
            found,
            "the address below which the store answers queries",
            "It answers 404 there: every query fails.",
        )
        .quotes(place, &new),
    )
}
