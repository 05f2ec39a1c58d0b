//! Alerts that go to nobody.

use super::RULE;
use crate::rules::look::{on, text};
use crate::{Findings, Values};

/// No Alertmanager of this release, and a list of others that is empty.
pub(super) fn check(values: &Values, findings: &mut Findings) {
    let path = "prometheus.alertmanagers";
    let given = |path: &str| values.get(path).filter(|node| !node.place.is_default());
    let off = given("alertmanager.enabled").filter(|node| node.as_bool() == Some(false));
    let others = given(path);
    // Somebody else may read the alerts there.
    let elsewhere = ["prometheus.remoteWrite", "rules.export.engines"]
        .iter()
        .any(|path| values.list(path).next().is_some());
    let own = text(values, "metrics.mode") == "standalone" && on(values, "rules.enabled");
    let (Some(off), true, false) = (off, own, elsewhere) else {
        return;
    };
    let empty = others.filter(|list| list.items().is_empty());
    let added = values.list("rules.additionalAlerts").next();
    let Some((path, place)) = (match (empty, others, added) {
        (Some(list), _, _) => Some((path, list.place)),
        (None, None, Some(_)) => Some(("alertmanager.enabled", off.place)),
        _ => None,
    }) else {
        return;
    };
    let finding = RULE
        .warning(path, place)
        .found("alerts, and no Alertmanager that takes them")
        .expected("host:port of an Alertmanager in prometheus.alertmanagers, or the bundled one")
        .why("Alerts fire in Prometheus, and nobody is notified.")
        .fix("add its address, as prometheus: {alertmanagers: [alertmanager.monitoring.svc:9093]}, or set alertmanager.enabled: true")
        .related(off.place, "the bundled one is off");
    findings.push(finding);
}
