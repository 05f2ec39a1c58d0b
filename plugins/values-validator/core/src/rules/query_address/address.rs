//! One address that is asked: its port, its path, its host.

#[cfg(feature = "full")]
use super::stores;
use super::{PORTS, RULE};
use crate::rules::look;
use crate::url::Url;
use crate::{Findings, Node, Severity, Values};

pub(super) fn check(
    values: &Values,
    path: String,
    node: &Node,
    kind: &str,
    text: &str,
    findings: &mut Findings,
) {
    let url = Url::of(text);
    let known = PORTS.iter().find(|(name, ..)| *name == kind);
    let finding = |found: String, expected: &str, why: &str| {
        RULE.at(path.clone(), &node.place)
            .found(found)
            .expected(expected)
            .why(why)
    };
    #[cfg(feature = "full")]
    if kind == "prometheus"
        && let Some(other) = stores::other(node.place, text, &url, &finding)
    {
        findings.push(other);
        return;
    }
    let port = known.map_or("9090", |(_, port, _)| port);
    if url.bad_port() {
        let mut finding = finding(
            format!("port {}", url.port.unwrap_or("")),
            "a port from 1 to 65535",
            "No server can be there.",
        )
        .fix(format!("write the server's port, such as {port}"));
        finding.severity = Severity::Error;
        findings.push(finding);
        return;
    }
    let api = [
        "/api/v1",
        "/api/search",
        "/api/traces",
        "/graph",
        "/query",
        "/loki/api",
        "/targets",
        "/alerts",
        "/metrics",
    ];
    if let Some(at) = api.iter().filter_map(|api| url.path.find(api)).min() {
        let new = format!("{}{}", url.origin(text), &url.path[..at]);
        findings.push(
            finding(
                format!("the path {}", &url.path[at..]),
                text!("the server's address alone").as_str(),
                text!("The asker adds the path of the API: the server answers 404.").as_str(),
            )
            .quotes(node.place, &new),
        );
    } else if look::own_pod(values, &path, &url) {
        findings.push(
            finding(
                format!("{text:?}, the pod that asks"),
                text!("the Service of the server").as_str(),
                text!("Nothing listens there: every query fails.").as_str(),
            )
            .fix(format!(
                "write its Service and namespace: http://{}.monitoring.svc:{port}",
                if kind.is_empty() { "prometheus" } else { kind }
            )),
        );
    } else if known.is_some_and(|(.., others)| {
        // By https it is the address of OpenShift's Thanos; by http the Pushgateway's.
        let served = |p: &str| p == "9091" && url.scheme == Some("https");
        url.port.is_some_and(|p| others.contains(&p) && !served(p))
    }) {
        let new = url.with_port(text, port);
        let finding = finding(
            format!("port {} for {kind}", url.port.unwrap_or("")),
            &format!("port {port}"),
            text!("That port answers no queries of this kind.").as_str(),
        );
        // The name is another server's, too.
        findings.push(if crate::FULL && url.host.contains("alertmanager") {
            finding.fix(format!("write the Service of {kind}, at port {port}"))
        } else {
            finding.quotes(node.place, &new)
        });
    } else if known.is_some()
        && url.port.is_none()
        && url.scheme == Some("http")
        && url.in_cluster()
        // Gateways and proxies in front of a server do listen at 80.
        && !["gateway", "nginx", "proxy", "ingress", "frontend"]
            .iter()
            .any(|word| url.host.contains(word))
    {
        let new = url.with_port(text, port);
        findings.push(
            finding(
                format!("{text:?}, that is port 80"),
                &format!("the server's port, such as {port}"),
                text!("A Service of Kubernetes answers at its own port only.").as_str(),
            )
            .fix_write(&new),
        );
    }
}
