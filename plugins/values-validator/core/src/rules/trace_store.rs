//! The kind of store that gets the traces, as far as the exporters' addresses tell, against the one that is asked
//! for them.

use super::Rule;
use super::endpoint::endpoints;
use super::look::{on, text};
use crate::node::Node;
use crate::url::Url;
use crate::{Findings, Values};

/// Kinds of stores, the port where each is asked, the path of its API, and the names of its parts: the one that
/// takes spans and the one that is asked.
const KINDS: [(&str, &str, [&str; 2]); 2] = [
    ("tempo", "3200", ["distributor", "query-frontend"]),
    ("jaeger", "16686", ["collector", "query"]),
];

/// The kind that a host is named for.
fn kind(host: &str) -> Option<&'static str> {
    let service = host.split('.').next().unwrap_or_default();
    if host.ends_with("grafana.net") {
        return Some("tempo");
    }
    // Jaeger's interface of Tempo has both names.
    let mut named = KINDS.iter().filter(|(name, ..)| service.contains(name));
    let first = named.next()?.0;
    named.next().is_none().then_some(first)
}

/// The one kind of store that all exporters send to, and the address of the first.
fn only(values: &Values) -> Option<(&'static str, String, Option<&Node>)> {
    let ends = endpoints(values);
    let own = on(values, "jaeger.enabled").then_some(("jaeger", String::new(), None));
    let sent = ends.iter().map(|end| {
        let host = Url::of(end.text).host;
        Some((kind(host)?, host.to_owned(), Some(end.node)))
    });
    let all: Option<Vec<_>> = sent.chain(own.map(Some)).collect();
    let all = all?;
    let first = all.first()?.clone();
    all.iter().all(|(one, ..)| *one == first.0).then_some(first)
}

/// `helmTest.traceURL`, which asks for a trace.
pub(super) fn looked_up(rule: &Rule, values: &Values, findings: &mut Findings) {
    let path = "helmTest.traceURL";
    let Some((stored, host, at)) = only(values).filter(|_| on(values, "helmTest.enabled")) else {
        return;
    };
    let url = Url::of(text(values, path));
    let Some(node) = values.get(path) else { return };
    let named = KINDS.iter().any(|(name, ..)| url.host.contains(name));
    let asked = kind(url.host).or_else(|| {
        let port = |(_, port, _): &&(&str, &str, _)| url.port == Some(*port) && !named;
        KINDS.iter().find(port).map(|(name, ..)| *name)
    });
    let Some(asked) = asked.filter(|asked| *asked != stored) else {
        return;
    };
    let Some((_, port, [takes, answers])) = KINDS.iter().find(|(name, ..)| *name == stored) else {
        return;
    };
    let finding = rule
        .at(path, &node.place)
        .found(format!("{asked}, and traces are sent to {stored}"))
        .expected(format!("the address where {stored} is asked"))
        .why("The kept trace is not in that store: helm test fails.");
    let finding = match at {
        Some(at) => finding.related(at.place, "where traces are sent"),
        None => finding,
    };
    findings.push(if host.is_empty() {
        finding.fix("remove it: helm test asks the Jaeger of this release")
    } else if host.ends_with("grafana.net") {
        finding.fix("remove it: helm test cannot log in to Grafana Cloud")
    } else {
        let host = host.replacen(&format!("-{takes}"), &format!("-{answers}"), 1);
        finding.quotes(
            node.place,
            &format!("http://{host}:{port}/api/traces/{{traceID}}"),
        )
    });
}

/// `dashboards.traces`, where no data source of the file says what is asked.
pub(super) fn shown(rule: &Rule, values: &Values, findings: &mut Findings) {
    let path = "dashboards.traces";
    let named = text(values, path);
    let node = values.get(path).filter(|node| !node.is_default());
    let (Some(node), Some((stored, _, at))) = (node, only(values)) else {
        return;
    };
    if named == stored
        || !KINDS.iter().any(|(name, ..)| *name == named)
        || !on(values, "dashboards.enabled")
        || on(values, "grafana.enabled")
    {
        return;
    }
    let finding = rule
        .warning(path, &node.place)
        .found(format!("{named}, and traces are sent to {stored}"))
        .expected(stored)
        .why("A data source of that kind has none of these traces: the table of kept traces stays empty.")
        .writes(node.place, stored);
    findings.push(match at {
        Some(at) => finding.related(at.place, "where traces are sent"),
        None => finding,
    });
}
