//! Some switches need another value: a route its Gateways, a file of rules its engine, the probe a Prometheus that
//! can be told to ask one address about another.
//!
//! The chart refuses it too.

#[cfg(feature = "full")]
mod clients;
#[cfg(feature = "full")]
mod outward;
#[cfg(feature = "full")]
mod peer;
#[cfg(feature = "full")]
mod peers;
#[cfg(feature = "full")]
mod readers;
#[cfg(feature = "full")]
mod request;
#[cfg(feature = "full")]
mod unheard;

use super::Rule;
use super::look::{on, text};
use crate::embedded::Text;
use crate::{Findings, Severity, Values};

/// Switches against what they need.
pub const RULE: Rule = Rule {
    code: "switch-needs",
    severity: Severity::Error,
    title: text!("A switch is on without what it needs"),
    check,
};

/// The path of a switch, whether it lacks what it needs, and the texts: what was found, expected, why, and the cure.
type Row = (&'static str, fn(&Values) -> bool, [Text; 4]);

const ROUTE: [Text; 4] = [
    text!("a route without parentRefs"),
    text!("the Gateway that serves it"),
    text!("A route without a Gateway is served by none."),
    text!("add parentRefs: [{name: gateway, namespace: gateway-system}]"),
];

const TABLE: [Row; 6] = [
    (
        "prometheus.httpRoute.enabled",
        |v| open(v, "prometheus"),
        ROUTE,
    ),
    (
        "alertmanager.httpRoute.enabled",
        |v| on(v, "alertmanager.enabled") && open(v, "alertmanager"),
        ROUTE,
    ),
    (
        "grafana.httpRoute.enabled",
        |v| on(v, "grafana.enabled") && open(v, "grafana"),
        ROUTE,
    ),
    (
        "jaeger.httpRoute.enabled",
        |v| on(v, "jaeger.enabled") && open(v, "jaeger"),
        ROUTE,
    ),
    (
        "probe.enabled",
        |v| on(v, "probe.enabled") && text(v, "metrics.mode") == "google",
        [
            text!("the probe, with metrics.mode: google"),
            text!("another mode, or no probe"),
            text!(
                "Google Managed Prometheus cannot ask one address about another, so that no pod would be probed."
            ),
            text!("write probe: {enabled: false}"),
        ],
    ),
    (
        "rules.export.format",
        |v| text(v, "rules.export.format") == "file" && v.list("rules.export.engines").count() != 1,
        [
            text!("file, without one engine in rules.export.engines"),
            text!("one engine: its file is written"),
            text!("The file is that of one engine."),
            text!("name one: engines: [mimir]"),
        ],
    ),
];

/// Whether a part has a route without a Gateway.
fn open(values: &Values, part: &str) -> bool {
    on(values, &format!("{part}.httpRoute.enabled"))
        && values
            .list(&format!("{part}.httpRoute.parentRefs"))
            .next()
            .is_none()
}

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    {
        peers::check(values, findings);
        request::check(values, findings);
        unheard::check(values, findings);
    }
    for (path, lacks, [found, expected, why, fix]) in TABLE {
        if let (Some(node), true) = (values.get(path), lacks(values)) {
            findings.push(
                RULE.at(path, &node.place)
                    .found(found)
                    .expected(expected)
                    .why(why)
                    .fix(fix),
            );
        }
    }
}
