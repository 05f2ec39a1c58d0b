//! Data sources of the bundled Grafana: secrets that stand where Grafana does not look for them, and a Grafana
//! whose dashboards are off.

use super::Rule;
use super::look::on;
use crate::node::Node;
use crate::{Findings, Severity, Values};

/// Keys that Grafana reads in `secureJsonData` alone.
const SECRETS: [&str; 10] = [
    "basicAuthPassword",
    "password",
    "httpHeaderValue1",
    "httpHeaderValue2",
    "tlsCACert",
    "tlsClientCert",
    "tlsClientKey",
    "accessKey",
    "secretKey",
    "privateKey",
];

pub(super) fn check(rule: &Rule, values: &Values, findings: &mut Findings) {
    if !on(values, "grafana.enabled") {
        return;
    }
    dashboards(rule, values, findings);
    for (path, source) in values.list("grafana.datasources") {
        let json = source.child("jsonData");
        let beside = ["basicAuthPassword", "password"].into_iter();
        let beside = beside.filter_map(|key| Some((path.clone(), key, source.child(key)?)));
        let inside = json
            .into_iter()
            .flat_map(Node::entries)
            .filter(|(key, _)| SECRETS.contains(key))
            .map(|(key, node)| (format!("{path}.jsonData"), key, node));
        for (above, key, node) in inside.chain(beside).collect::<Vec<_>>() {
            let mut finding = rule
                .at(format!("{above}.{key}"), node.key_place())
                .found(format!("{key} outside of secureJsonData"))
                .expected(format!("secureJsonData: {{{key}: …}}"))
                .why("Grafana reads it in secureJsonData alone: it logs in without it, and each query is refused.")
                .fix(format!("move it to {path}.secureJsonData.{key}"));
            finding.severity = Severity::Warning;
            findings.push(finding);
        }
    }
}

fn dashboards(rule: &Rule, values: &Values, findings: &mut Findings) {
    let path = "dashboards.enabled";
    let off = |node: &&Node| node.as_bool() == Some(false) && !node.is_default();
    let Some(node) = values.get(path).filter(off) else {
        return;
    };
    let mounted = ["extraVolumeMounts", "extraContainers"]
        .iter()
        .any(|key| values.list(&format!("grafana.{key}")).next().is_some());
    // Dashboards may come in another way.
    if mounted {
        return;
    }
    let mut finding = rule
        .at(path, &node.place)
        .found("false beside grafana.enabled: true")
        .expected("dashboards for the bundled Grafana")
        .why("Grafana starts without a dashboard.")
        .writes(node.place, "true");
    finding.fix.text =
        "write true; or, if no Grafana is wanted, set grafana.enabled: false".to_owned();
    finding.severity = Severity::Warning;
    findings.push(finding);
}
