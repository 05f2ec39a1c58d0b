//! What is asked is a server's own address: Prometheus at 9090, Tempo at 3200, Jaeger at 16686, without
//! the path of its API, which the asker adds. `localhost` is the pod that asks.

#[cfg(feature = "full")]
mod stores;

use super::Rule;
use crate::node::join;
use crate::url::Url;
use crate::{Findings, Node, Severity, Values};

/// `*.prometheusURL` and `grafana.datasources[].url`.
pub const RULE: Rule = Rule {
    code: "query-address",
    severity: Severity::Warning,
    title: text!("A query URL is not the server's address"),
    check,
};

/// Ports of a kind of server: the one to ask, and others of it or of its neighbours.
const PORTS: [(&str, &str, &[&str]); 4] = [
    (
        "prometheus",
        "9090",
        &["9093", "9091", "3000", "10901", "4317", "4318"],
    ),
    (
        "tempo",
        "3200",
        &["4317", "4318", "9411", "9095", "14250", "14268", "16686"],
    ),
    (
        "jaeger",
        "16686",
        &["4317", "4318", "14250", "14268", "9411", "16685"],
    ),
    ("loki", "3100", &["9095", "4317", "4318", "9090"]),
];

fn check(values: &Values, findings: &mut Findings) {
    let mut asked: Vec<(String, &Node, &str)> = Vec::new();
    for path in [
        "metrics.operator.prometheusURL",
        "grafana.prometheusURL",
        "helmTest.prometheusURL",
        text!("autoscaling.prometheusURL").as_str(),
    ] {
        if let Some(node) = values.get(path) {
            asked.push((path.into(), node, "prometheus"));
        }
    }
    if let Some(node) = values.get("helmTest.traceURL")
        && let Some(text) = node.as_str()
        && let Some(other) = text!("${traceID}|{{traceID}}|{{ traceID }}|{{ .traceID }}|{{.traceID}}|{traceId}|{traceid}|{trace_id}|<traceID>|:traceID")
.as_str()
.split('|')
.find(|other| text.contains(other))
    {
        let new = text.replace(other, "{traceID}");
        // Two braces of a template are one of them.
        let new = match crate::FULL {
            true => new.replace("{{traceID}}", "{traceID}"),
            false => new,
        };
        findings.push(
            RULE.at("helmTest.traceURL", &node.place)
                .found(format!("{text:?}, with {other}"))
                .expected("{traceID}")
                .why(text!(
                    "Only {traceID} is replaced: the rest stays, and no trace is found."
                ))
                .quotes(node.place, &new),
        );
    }
    #[cfg(feature = "full")]
    super::trace_store::looked_up(&RULE, values, findings);
    // Jaeger's page of a trace answers 200 for any.
    if crate::FULL
        && let Some(node) = values.get("helmTest.traceURL")
        && let Some((base, rest)) = node.as_str().and_then(|text| text.split_once("/trace/"))
        && !base.contains("/api")
    {
        let new = format!("{base}/api/traces/{rest}");
        let finding = RULE
            .warning("helmTest.traceURL", &node.place)
            .found("the page of a trace")
            .expected("the API of the store")
            .why("A page for people answers 200 for any trace: the test cannot tell which are stored.")
            .quotes(node.place, &new);
        findings.push(finding);
    }
    if let Some(node) = values.get("rules.dashboardBaseUrl")
        && let Some((base, _)) = node.as_str().and_then(|text| text.split_once("/d/"))
    {
        findings.push(
            RULE.finds(
                "rules.dashboardBaseUrl",
                &node.place,
                text!("the path of one dashboard"),
                text!("Grafana's own address"),
                text!("The chart adds /d/ and the dashboard: the links lead nowhere."),
            )
            .writes(node.place, base),
        );
    }
    let mut default = None;
    for (path, source) in values.list("grafana.datasources") {
        if source.child("isDefault").and_then(Node::as_bool) == Some(true) {
            match default {
                None => default = Some(source.place),
                Some(first) => {
                    let node = source.child("isDefault").unwrap_or(source);
                    let mut finding = RULE
                        .finds(
                            join(&path, "isDefault"),
                            &node.place,
                            text!("a second default data source"),
                            text!("one with isDefault: true"),
                            text!("Grafana refuses to provision two and does not start."),
                        )
                        .fix(text!("write isDefault: false"))
                        .replace(node.place, "false")
                        .related(first, "the first one");
                    finding.severity = Severity::Error;
                    findings.push(finding);
                }
            }
        }
        if let Some(node) = source.child("access")
            && node.as_str().is_some_and(|access| access != "proxy")
        {
            findings.push(
                RULE.at(join(&path, "access"), &node.place)
                    .found(node.described())
                    .expected("proxy")
                    .why(text!(
                        "Grafana's server asks; browsers no longer do, and reach no Service of a cluster."
                    ))
                    .fix("write proxy")
                    .replace(node.place, "proxy"),
            );
        }
        let type_of = source.child("type").and_then(Node::as_str).unwrap_or("");
        let lower = type_of.to_ascii_lowercase();
        if let (true, Some(node)) = (lower != type_of, source.child("type")) {
            findings.push(
                RULE.finds(
                    join(&path, "type"),
                    &node.place,
                    node.described(),
                    text!("the plugin's id, in small letters"),
                    text!("Grafana has no such plugin: every query fails."),
                )
                .writes(node.place, &lower),
            );
        }
        if let Some(node) = source.child("url")
            && let Some(text) = node
                .as_str()
                .filter(|t| !t.contains("://") && t.contains(':') && !t.contains('$'))
            && PORTS.iter().any(|(kind, ..)| *kind == lower)
        {
            findings.push(
                RULE.finds(
                    join(&path, "url"),
                    &node.place,
                    node.described(),
                    text!("a URL with http:// or https://"),
                    text!("Grafana knows no scheme for it: every query fails."),
                )
                .fix(format!("write http://{text}"))
                .replace(node.place, format!("\"http://{text}\"")),
            );
        }
        if source.child("url").is_none() && PORTS.iter().any(|(kind, ..)| *kind == type_of) {
            findings.push(
                RULE.finds(
                    join(&path, "url"),
                    &source.place,
                    format!("a data source {type_of} without url"),
                    text!("the server's address alone"),
                    text!("Nothing listens there: every query fails."),
                )
                .fix(text!("add url: http://<Service>.<namespace>.svc:<port>")),
            );
        }
        let kind = source.child("type").and_then(Node::as_str).unwrap_or("");
        if let Some(node) = source.child("url") {
            asked.push((join(&path, "url"), node, kind));
        }
    }
    for (path, node, kind) in asked {
        if let Some(text) = node.as_str().filter(|t| !t.is_empty() && !t.contains('$')) {
            one(values, path, node, kind, text, findings);
        }
    }
}

fn one(
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
    } else if super::look::own_pod(values, &path, &url) {
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
