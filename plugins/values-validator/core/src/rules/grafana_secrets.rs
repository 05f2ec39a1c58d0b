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
        halves(rule, &path, source, findings);
        let json = source.child("jsonData");
        let beside = ["basicAuthPassword", "password"].into_iter();
        let beside = beside.filter_map(|key| Some((path.clone(), key, source.child(key)?)));
        let inside = json
            .into_iter()
            .flat_map(Node::entries)
            .filter(|(key, _)| SECRETS.contains(key))
            .map(|(key, node)| (format!("{path}.jsonData"), key, node));
        for (above, key, node) in inside.chain(beside).collect::<Vec<_>>() {
            let finding = rule
                .warning(format!("{above}.{key}"), node.key_place())
                .found(format!("{key} outside of secureJsonData"))
                .expected(format!("secureJsonData: {{{key}: …}}"))
                .why("Grafana reads it in secureJsonData alone: it logs in without it, and each query is refused.")
                .fix(format!("move it to {path}.secureJsonData.{key}"));
            findings.push(finding);
        }
    }
}

/// Logins of which one half is given: the key that turns it on, or what is sent.
fn halves(rule: &Rule, path: &str, source: &Node, findings: &mut Findings) {
    let secret = |key: &str| source.get(&format!("secureJsonData.{key}"));
    let json = |key: &str| source.get(&format!("jsonData.{key}"));
    let given = |node: Option<&Node>| node.is_some_and(|node| node.as_str() != Some(""));
    let on = |node: Option<&Node>| node.is_some_and(|node| node.as_bool() != Some(false));
    let user = source.child("basicAuthUser");
    // A switch, where it stands below the data source, and what nothing sends without it.
    let switched = [
        ("basicAuth", source.child("basicAuth"), user),
        ("jsonData.tlsAuth", json("tlsAuth"), secret("tlsClientCert")),
        (
            "jsonData.tlsAuthWithCACert",
            json("tlsAuthWithCACert"),
            secret("tlsCACert"),
        ),
    ];
    let mut off = switched
        .into_iter()
        .filter(|(_, switch, what)| given(*what) && !on(*switch));
    if let Some((key, switch, Some(what))) = off.next() {
        let mut finding = rule
            .at(format!("{path}.{key}"), switch.unwrap_or(what).key_place())
            .found(format!("a login, and {key} is not true"))
            .expected(format!("{key}: true"))
            .why("Grafana does not log in with it: each query is refused.")
            .fix(format!("add {path}.{key}: true"));
        if let Some(switch) = switch {
            finding = finding.writes(switch.place, "true");
        }
        finding.severity = Severity::Warning;
        findings.push(finding);
    }
    let beside = |node: &Node| node.child("basicAuthPassword").is_some();
    let misplaced = beside(source) || source.child("jsonData").is_some_and(beside);
    if let Some(user) = user.filter(|user| {
        source.child("basicAuth").and_then(Node::as_bool) == Some(true)
            && given(Some(*user))
            && secret("basicAuthPassword").is_none()
            && !misplaced
    }) {
        let finding = rule
            .warning(format!("{path}.basicAuthUser"), user.key_place())
            .found("a user without a password")
            .expected("secureJsonData: {basicAuthPassword: …}")
            .why("Grafana logs in with an empty password: each query is refused.")
            .fix(format!(
                "add {path}.secureJsonData.basicAuthPassword: $NAME, and NAME to grafana.extraEnv"
            ));
        findings.push(finding);
    }
    for number in 1..=2 {
        let (name, value) = (
            format!("httpHeaderName{number}"),
            format!("httpHeaderValue{number}"),
        );
        let (node, lacks, words) = match (json(&name), secret(&value)) {
            // Beside it, the value is found already.
            (Some(node), None) if json(&value).is_none() => {
                let words = format!(
                    "add {path}.secureJsonData.{value}: $NAME, and NAME to grafana.extraEnv"
                );
                (node, format!("secureJsonData.{value}"), words)
            }
            (None, Some(node)) => {
                let words = format!(
                    "add {path}.jsonData.{name}: {}, the name of the header",
                    header(node.as_str().unwrap_or(""))
                );
                (node, format!("jsonData.{name}"), words)
            }
            _ => continue,
        };
        let finding = rule
            .warning(format!("{path}.{lacks}"), node.key_place())
            .found(format!("half of a header, without {lacks}"))
            .expected(format!("{name} in jsonData and {value} in secureJsonData"))
            .why("Grafana sends no such header: each query is refused, or reads another tenant.")
            .fix(words);
        findings.push(finding);
    }
}

/// The header that a value is meant for, as its text says.
fn header(value: &str) -> &'static str {
    let value = value.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| value.contains(word));
    if has(&["auth", "token", "bearer", "basic", "password"]) {
        "Authorization"
    } else if has(&["tenant", "org", "scope"]) {
        "X-Scope-OrgID"
    } else {
        "Authorization or X-Scope-OrgID"
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
