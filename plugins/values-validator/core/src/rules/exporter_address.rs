//! An exporter sends to the port where a receiver of OTLP listens: 4317 for gRPC, 4318 for HTTP. Ports of
//! pages and query interfaces (Jaeger's 16686, Tempo's 3200), of Jaeger's older protocols (14250, 14268)
//! and addresses without a port take no traces. `localhost` is the collector's own pod, and the
//! collector of this release would get its own traces back. Vendors on the internet speak TLS only.
//!
//! The chart refuses what the collector would not start with, or not send to at all.

use super::endpoint::{Endpoint, endpoints};
use super::look::{own_pod, text};
use super::{Rule, exporter_vendor};
use crate::embedded::Text;
use crate::finding::in_quotes;
use crate::url::Url;
use crate::{Finding, Findings, Node, Severity, Values};

/// `tracing.exporters.{otlp,otlphttp}.*.endpoint`.
pub const RULE: Rule = Rule {
    code: "exporter-address",
    severity: Severity::Error,
    title: text!("An exporter's endpoint is not the address of an OTLP receiver"),
    check,
};

/// Ports that take no OTLP, and whose they are.
const OTHERS: [(&str, Text); 20] = [
    (
        "14250",
        text!("Jaeger's own gRPC protocol, which current Jaeger does not serve"),
    ),
    ("14268", text!("Jaeger's own HTTP protocol")),
    ("16686", text!("Jaeger's page and queries")),
    ("16685", text!("Jaeger's queries")),
    ("16687", text!("Jaeger's own metrics")),
    ("14269", text!("Jaeger's health")),
    ("6831", text!("Jaeger's agent, over UDP")),
    ("6832", text!("Jaeger's agent, over UDP")),
    ("5778", text!("Jaeger's agent")),
    ("3200", text!("Tempo's queries")),
    ("3100", text!("Loki's, or an old Tempo's, queries")),
    ("9095", text!("Tempo's gRPC between its own parts")),
    ("9411", text!("Zipkin")),
    ("3000", text!("Grafana")),
    ("9090", text!("Prometheus")),
    (
        "9200",
        text!("Elasticsearch, whose APM server takes OTLP at 8200"),
    ),
    ("8126", text!("Datadog's own protocol")),
    ("8888", text!("the collector's own metrics")),
    ("13133", text!("the collector's health")),
    ("55680", text!("OTLP before 2021")),
];

fn check(values: &Values, findings: &mut Findings) {
    let own = text(values, "fullnameOverride");
    for end in endpoints(values) {
        for (name, header) in end
            .exporter
            .child("headers")
            .into_iter()
            .flat_map(Node::entries)
        {
            if header.as_str().is_some_and(|text| text.contains("{{")) {
                let exporter = end.path.trim_end_matches(".endpoint");
                let mut finding = RULE.finds(format!("{exporter}.headers.{name}"), &header.place, header.described(), text!("a text; nothing expands {{ }} here"), text!("The receiver gets the braces as they are, and puts the traces under that name or refuses them."))
                    .fix(text!("write the text itself, or ${env:NAME} with NAME in tracing.collector.extraEnv"));
                finding.severity = Severity::Warning;
                findings.push(finding);
            }
        }
        if end.text.contains("${") {
            continue;
        }
        if let Some(finding) = refused(&end) {
            findings.push(finding);
        } else if !exporter_vendor::check(&RULE, &end, findings)
            && let Some(finding) = elsewhere(values, &end, own)
        {
            findings.push(finding);
        }
    }
}

/// What the collector does not start with.
fn refused(end: &Endpoint<'_>) -> Option<Finding> {
    let grpc = end.kind == "otlp";
    let port = if grpc { "4317" } else { "4318" };
    let found = |expected: &str, why: &str| {
        RULE.at(end.path.clone(), &end.node.place)
            .found(in_quotes(end.text))
            .expected(expected)
            .why(why)
    };
    let replaced = |finding: Finding, new: String| finding.quotes(end.node.place, &new);
    let clean: String = (end.text.chars())
        .filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '<' | '>'))
        .collect();
    const STOPS: Text = text!("The collector does not start with it: no trace is kept.");
    if clean != end.text {
        return Some(replaced(
            found(
                text!("an address without blanks and quotes").as_str(),
                STOPS.as_str(),
            ),
            clean,
        ));
    }
    let one_slash = (end.text.split_once(":/")).filter(|(_, rest)| !rest.starts_with('/'));
    if let Some((scheme, rest)) = end.text.split_once("//").or(one_slash)
        && let "http" | "https" | "grpc" | "http:/" | "https:/" = scheme
    {
        let scheme = if scheme.starts_with("https") {
            "https"
        } else {
            "http"
        };
        return Some(replaced(
            found(text!("the scheme with ://").as_str(), STOPS.as_str()),
            format!("{scheme}://{}", rest.trim_start_matches('/')),
        ));
    }
    let point = (end.text.split_once(',')).filter(|(start, rest)| {
        let bare = start.rsplit("//").next().unwrap_or("");
        !bare.contains([':', '/']) && !rest.contains("://") && !rest.starts_with(' ')
    });
    if point.is_some() {
        let finding = found("a host's name, with points", STOPS.as_str());
        return Some(replaced(finding, end.text.replacen(',', ".", 1)));
    }
    if let Some((first, _)) = end.text.split_once(',') {
        return Some(
            found(
                text!("one address: an exporter for each receiver").as_str(),
                STOPS.as_str(),
            )
            .fix(format!(
                "write {first}, and an exporter of another name for the other"
            )),
        );
    }
    let url = Url::of(end.text);
    if let Some(scheme) = url.scheme
        && !matches!(scheme, "http" | "https" | "unix" | "dns" | "passthrough")
    {
        let finding = found(
            if grpc {
                text!("http://host:4317, https://host:4317 or host:4317").as_str()
            } else {
                text!("http://host:4318 or https://host").as_str()
            },
            text!("The collector does not know the scheme: every attempt to send fails.").as_str(),
        );
        let secure = scheme.ends_with('s') && scheme != "https" && !scheme.starts_with("htt");
        let scheme_meant = if secure || scheme.starts_with("https") {
            "https"
        } else {
            "http"
        };
        let (_, rest) = end.text.split_once("://")?;
        return Some(replaced(finding, format!("{scheme_meant}://{rest}")));
    }
    if matches!(url.scheme, Some("unix" | "dns" | "passthrough")) {
        return None;
    }
    if url.host.contains(':') && !end.text.contains('[') {
        let (host, port_of) = end.text.rsplit_once(':').unwrap_or((end.text, port));
        let (scheme, host) = host.split_once("://").unwrap_or(("", host));
        let start = if scheme.is_empty() {
            String::new()
        } else {
            format!("{scheme}://")
        };
        return Some(replaced(
            found(
                text!("an IPv6 address in brackets").as_str(),
                STOPS.as_str(),
            ),
            format!("{start}[{host}]:{port_of}"),
        ));
    }
    if let Some(odd) = url
        .host
        .chars()
        .find(|c| matches!(c, '_' | ';' | '$' | '\\'))
    {
        return Some(
            found(
                "a host's name: letters, digits, `-` and `.`",
                STOPS.as_str(),
            )
            .found(format!("`{odd}` in the host of {:?}", end.text))
            .why(text!(
                "No Service has such a name: every attempt to send fails."
            ))
            .fix(if odd == ';' {
                format!("write {}", end.text.replace(';', ":"))
            } else {
                "write the Service's name and its namespace".into()
            }),
        );
    }
    if let (true, Some((scheme, rest))) = (url.host.is_empty(), end.text.split_once(":///")) {
        let new = format!("{scheme}://{}", rest.trim_start_matches('/'));
        return Some(
            found("a host behind two slashes", STOPS.as_str()).writes(end.node.place, &new),
        );
    }
    if url.host.is_empty() {
        return Some(found("a host", STOPS.as_str()).fix(format!("write http://<host>:{port}")));
    }
    if url.bad_port() {
        return Some(
            found("a port from 1 to 65535", STOPS.as_str())
                .fix(format!("write the receiver's port, such as {port}")),
        );
    }
    if grpc && !url.path.is_empty() {
        let mut new = url.origin(end.text);
        if url.port.is_none() {
            new.push_str(":4317");
        }
        return Some(replaced(
            found(
                text!("host:port without a path: gRPC has none").as_str(),
                STOPS.as_str(),
            ),
            new,
        ));
    }
    if grpc && url.port.is_none() {
        let port = if url.public() { "443" } else { "4317" };
        let new = url.with_port(end.text, port);
        return Some(replaced(
            found(
                text!("a port: gRPC has no default").as_str(),
                STOPS.as_str(),
            ),
            new,
        ));
    }
    None
}

/// What is no receiver, or not the one that is meant.
fn elsewhere(values: &Values, end: &Endpoint<'_>, own: &str) -> Option<Finding> {
    let url = Url::of(end.text);
    let port = if end.kind == "otlp" { "4317" } else { "4318" };
    let warning = |found: String, expected: &str, why: &str| {
        let mut finding = RULE
            .at(end.path.clone(), &end.node.place)
            .found(found)
            .expected(expected)
            .why(why);
        finding.severity = Severity::Warning;
        finding
    };
    let replaced = |finding: Finding, new: String| finding.quotes(end.node.place, &new);
    const CLUSTER: &str = "cluster.local";
    if crate::FULL
        && let Some((_, domain)) = url.host.split_once(".svc.")
        && (1..=2).contains(&strsim::damerau_levenshtein(domain, CLUSTER))
    {
        return Some(replaced(
            warning(
                format!("the domain {domain}"),
                "cluster.local, unless the cluster has another domain",
                "No Service has such a name: every attempt to send fails.",
            ),
            end.text.replacen(domain, CLUSTER, 1),
        ));
    }
    let first = url.host.split('.').next().unwrap_or(url.host);
    let itself = first.ends_with(text!("vllm-monitoring-collector").as_str())
        || (!own.is_empty() && first.strip_suffix("-collector") == Some(own));
    if itself {
        return Some(
            warning(
                format!("{:?}, this release's own collector", end.text),
                text!("the receiver of a tracing backend").as_str(),
                text!("The collector sends each kept trace to itself, again and again.").as_str(),
            )
            .fix(text!(
                "name your backend, such as http://tempo.tracing:4317, or remove the exporter"
            )),
        );
    }
    if own_pod(values, &end.path, &url) {
        return Some(
            warning(
                format!("{:?}, the collector's own pod", end.text),
                text!("the Service of the receiver").as_str(),
                text!("Nothing listens there: every attempt to send fails.").as_str(),
            )
            .fix(format!(
                "write its Service and namespace: http://tempo.tracing:{port}"
            )),
        );
    }
    // Langfuse of one's own has its page and its OTLP at one port.
    let langfuse = url.port == Some("3000") && end.kind == "otlphttp";
    if langfuse && url.host.contains("langfuse") && matches!(url.path, "" | "/") {
        return Some(replaced(
            warning(
                format!("{:?}, without a path", end.text),
                text!("the path /api/public/otel, below which Langfuse takes OTLP").as_str(),
                text!("The receiver answers 404: every attempt to send fails.").as_str(),
            ),
            format!("{}/api/public/otel", url.origin(end.text)),
        ));
    }
    if let Some((_, whose)) = (OTHERS.iter())
        .find(|(other, _)| Some(*other) == url.port)
        .filter(|_| !(langfuse && url.path.len() > 1))
    {
        let mut bare = url;
        if matches!(url.path, "/api/traces" | "/api/v2/spans" | "/" | "/search")
            || url.path.starts_with("/v0.")
        {
            bare.path = "";
        }
        let origin = url.origin(end.text);
        let new = bare.with_port(
            if bare.path.is_empty() {
                &origin
            } else {
                end.text
            },
            port,
        );
        let finding = warning(
            format!("port {}: {whose}", url.port.unwrap_or("")),
            &format!("port {port}, where receivers of OTLP listen"),
            text!("Nothing there takes OTLP: every attempt to send fails.").as_str(),
        );
        // Servers of something else altogether.
        let other = ["loki", "grafana", "prometheus", "elastic", "zipkin"];
        return Some(if other.iter().any(|word| url.host.contains(word)) {
            finding.fix(text!(
                "name your tracing backend, such as http://tempo.tracing:4317, or remove the exporter"
            ))
        } else {
            // The part that is asked is not the part that takes spans.
            let new = new
                .replace("jaeger-query", "jaeger-collector")
                .replace("tempo-query-frontend", "tempo-distributor");
            replaced(finding, new)
        });
    }
    if url.path.starts_with("/api/traces") || url.path.starts_with("/api/v2/spans") {
        return Some(replaced(
            warning(
                format!("the path {}", url.path),
                text!("the address alone: /v1/traces is added to it").as_str(),
                text!("The path belongs to another protocol: the receiver answers 404.").as_str(),
            ),
            url.origin(end.text),
        ));
    }
    if url.path.starts_with("/v1/metrics") || url.path.starts_with("/v1/logs") {
        return Some(replaced(
            warning(
                format!("the path {}, where traces are sent", url.path),
                text!("the address alone: /v1/traces is added to it").as_str(),
                text!("The receiver answers 404: every attempt to send fails.").as_str(),
            ),
            url.origin(end.text),
        ));
    }
    if let Some(found) = url.port.filter(|found| slipped(found)) {
        return Some(replaced(
            warning(
                format!("port {found}, which is nearly {port}"),
                &format!("port {port}, where receivers of OTLP listen"),
                text!("Unless the receiver was given that port, every attempt to send fails.")
                    .as_str(),
            ),
            url.with_port(end.text, port),
        ));
    }
    // Pages that people log in to, which take no traces.
    let page = ["ui.", "app.", "www.", "dashboard.", "console.", "login."]
        .iter()
        .any(|start| url.host.starts_with(start));
    if page && vendor(url.host) {
        return Some(
            warning(
                format!("{:?}, a page for people", end.text),
                text!("the address where this vendor takes OTLP, by its documentation").as_str(),
                text!("Nothing there takes OTLP: every attempt to send fails.").as_str(),
            )
            .fix(text!(
                "write the OTLP endpoint of your region, such as https://otlp.<vendor>"
            )),
        );
    }
    let plain = url.scheme == Some("http");
    if plain && url.public() && matches!(url.port, None | Some("443")) || plain && vendor(url.host)
    {
        return Some(replaced(
            warning(
                format!("{:?}, without TLS", end.text),
                text!("https:// for a receiver on the internet").as_str(),
                text!("It accepts only TLS: every attempt to send fails.").as_str(),
            ),
            end.text.replacen("http://", "https://", 1),
        ));
    }
    if end.kind == "otlphttp" && plain && url.port.is_none() {
        return Some(replaced(
            warning(
                format!("{:?}, that is port 80", end.text),
                text!("the receiver's port: 4318").as_str(),
                text!("Receivers of OTLP over HTTP listen at 4318.").as_str(),
            ),
            url.with_port(end.text, port),
        ));
    }
    let trusted = ["insecureSkipVerify", "tlsSecret"]
        .iter()
        .any(|key| (end.exporter.child(key)).is_some_and(|n: &Node| n.as_bool() != Some(false)));
    if url.scheme == Some("https")
        && url.in_cluster()
        && !trusted
        && matches!(url.port, Some("4317" | "4318"))
    {
        return Some(
            warning(
                format!("{:?}, with TLS", end.text),
                text!("http:// for a receiver without TLS, or tlsSecret for one with it").as_str(),
                text!("Most receivers inside a cluster speak no TLS: the handshake always fails.")
                    .as_str(),
            )
            .fix(format!(
                "write {}, or name its authority in tlsSecret",
                end.text.replacen("https://", "http://", 1)
            )),
        );
    }
    None
}

/// Whether a port is 4317 or 4318 with two digits swapped, one lost or one too many.
fn slipped(port: &str) -> bool {
    let swapped = matches!(port, "3417" | "3418" | "4137" | "4138" | "4371" | "4381");
    let lost = matches!(port, "417" | "418" | "431" | "437" | "438" | "317" | "318");
    swapped || lost || port.len() == 5 && (port.starts_with("4317") || port.starts_with("4318"))
}

/// Hosts of tracing backends that are sold as a service.
fn vendor(host: &str) -> bool {
    text!("honeycomb.io grafana.net datadoghq.com datadoghq.eu nr-data.net newrelic.com lightstep.com signoz.cloud signoz.io dynatrace.com elastic-cloud.com elastic.co axiom.co coralogix.com logz.io uptrace.dev langfuse.com googleapis.com amazonaws.com")
        .as_str()
        .split(' ')
        .any(|vendor| host.ends_with(vendor))
}
