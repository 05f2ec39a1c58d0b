//! How vendors want to be asked: the word before the key in `Authorization`, a second header without which they
//! refuse, hosts of theirs that take no OTLP, and services that no fixed header opens.

use super::Rule;
use super::endpoint::Endpoint;
use crate::Findings;
use crate::node::Node;
use crate::url::Url;

/// Ends of hosts, the word that begins the value of `Authorization`, and what is behind it.
const LOGINS: [(&str, &str, &str); 6] = [
    (
        "grafana.net",
        "Basic",
        "the base64 of <instance id>:<token>",
    ),
    (
        "cloud.langfuse.com",
        "Basic",
        "the base64 of <public key>:<secret key>",
    ),
    ("live.dynatrace.com", "Api-Token", "the token"),
    ("dash0.com", "Bearer", "the token"),
    ("axiom.co", "Bearer", "the token"),
    ("coralogix.com", "Bearer", "the key"),
];

/// Hosts of vendors that take no OTLP: how they begin, how they end, and the address that does.
const OTHERS: [(&str, &str, &str); 12] = [
    ("api.", "datadoghq.com", "https://otlp.datadoghq.com"),
    ("trace.", "datadoghq.com", "https://otlp.datadoghq.com"),
    ("app.", "datadoghq.com", "https://otlp.datadoghq.com"),
    ("api.", "datadoghq.eu", "https://otlp.datadoghq.eu"),
    ("trace.", "datadoghq.eu", "https://otlp.datadoghq.eu"),
    ("app.", "datadoghq.eu", "https://otlp.datadoghq.eu"),
    ("", "newrelic.com", "https://otlp.nr-data.net"),
    ("api.", "dash0.com", "https://ingress"),
    (
        "app.",
        "dash0.com",
        "https://ingress.<region>.aws.dash0.com",
    ),
    ("", "apps.dynatrace.com", ""),
    ("app.", "axiom.co", "https://api.axiom.co"),
    ("cloud.", "uptrace.dev", "https://api.uptrace.dev"),
];

/// Hosts that no fixed header opens, and what sends there.
const SIGNED: [(&str, &str, &str); 5] = [
    (
        "xray.",
        "amazonaws.com",
        "awsxray, or otlphttp with sigv4auth",
    ),
    ("cloudtrace.", "googleapis.com", "googlecloud"),
    ("telemetry.", "googleapis.com", "otlp with googleclientauth"),
    ("", "applicationinsights.azure.com", "azuremonitor"),
    ("", "visualstudio.com", "azuremonitor"),
];

const REFUSED: &str = "The receiver refuses every trace.";

fn fits<'a, T>(host: &str, list: &'a [(&str, &str, T)]) -> Option<&'a T> {
    let own = |(start, end, _): &&(&str, &str, T)| host.starts_with(*start) && host.ends_with(end);
    list.iter().find(own).map(|(_, _, value)| value)
}

/// What is sent to a host of a vendor's that does not take it.
pub(super) fn elsewhere(rule: &Rule, end: &Endpoint<'_>, findings: &mut Findings) -> bool {
    let host = Url::of(end.text).host;
    let finding = rule
        .warning(end.path.clone(), &end.node.place)
        .found(crate::finding::in_quotes(end.text));
    if let Some(exporter) = fits(host, &SIGNED) {
        findings.push(
            finding
                .expected("a receiver of OTLP that takes a fixed header, or none")
                .why("It takes requests of its cloud's identities alone, and this chart's exporters have none: every attempt to send fails.")
                .fix(format!("write the address of a collector with the exporter {exporter}, such as http://otel-gateway.observability:4317 under otlp")),
        );
        return true;
    }
    let Some(address) = fits(host, &OTHERS) else {
        return false;
    };
    // The zone or the environment is in the host.
    let zone = host.split_once('.').map_or("", |(_, rest)| rest);
    let meant = match *address {
        "" => format!(
            "https://{}.live.dynatrace.com/api/v2/otlp",
            host.split('.').next().unwrap_or_default()
        ),
        "https://ingress" => format!("https://ingress.{zone}"),
        address if host.contains(".eu") && address.contains("nr-data") => {
            "https://otlp.eu01.nr-data.net".to_owned()
        }
        // Sites of Datadog have a part of their own.
        address => match zone
            .strip_suffix(".datadoghq.com")
            .and_then(|zone| zone.rsplit('.').next())
        {
            Some(site) if site.starts_with("us") || site.starts_with("ap") => {
                format!("https://otlp.{site}.datadoghq.com")
            }
            _ => address.to_owned(),
        },
    };
    let port = match end.kind {
        "otlp" if meant.contains("nr-data") || meant.contains("dash0") => ":4317",
        _ => "",
    };
    let meant = format!("{meant}{port}");
    let finding = finding
        .expected("the address where this vendor takes OTLP")
        .why("Nothing there takes traces: every attempt to send fails.");
    let grpc = end.kind == "otlp" && port.is_empty();
    findings.push(if grpc || meant.contains('<') {
        let under = if grpc { " under otlphttp" } else { "" };
        finding.fix(format!("write {meant}{under}"))
    } else {
        finding.quotes(end.node.place, &meant)
    });
    true
}

/// The value of `Authorization`, and the header that Axiom needs beside it.
pub(super) fn check(rule: &Rule, end: &Endpoint<'_>, domain: &str, findings: &mut Findings) {
    let exporter = end.path.trim_end_matches(".endpoint");
    let lists = ["headers", "headersFrom"].map(|list| end.exporter.child(list));
    let given = || lists.into_iter().flatten().flat_map(Node::entries);
    let is = |name: &str, other: &str| name.eq_ignore_ascii_case(other);
    if domain == "axiom.co" && !given().any(|(name, _)| is(name, "x-axiom-dataset")) {
        let finding = rule
            .warning(end.path.clone(), &end.node.place)
            .found("no header X-Axiom-Dataset")
            .expected("the dataset in which the traces are stored")
            .why(REFUSED)
            .fix("add headers: {X-Axiom-Dataset: <dataset>}");
        findings.push(finding);
    }
    let Some((_, word, behind)) = LOGINS.iter().find(|(host, ..)| domain.ends_with(host)) else {
        return;
    };
    let headers = end.exporter.child("headers");
    for (name, node) in headers.into_iter().flat_map(Node::entries) {
        let Some(value) = node.as_str().filter(|_| is(name, "authorization")) else {
            continue;
        };
        let first = value.split(' ').next().unwrap_or_default();
        let other = ["Basic", "Bearer", "Api-Token", "ApiKey", "Token"];
        if is(first, word) || !other.iter().any(|other| is(first, other)) {
            continue;
        }
        let finding = rule
            .warning(format!("{exporter}.headers.{name}"), &node.place)
            .found(format!("the word {first}"))
            .expected(format!("{word}, and {behind}"))
            .why(REFUSED);
        // What is behind it is another text, too.
        findings.push(if *word == "Basic" || is(first, "Basic") {
            finding.fix(format!("write {word} and behind it {behind}"))
        } else {
            finding.quotes(node.place, &value.replacen(first, word, 1))
        });
    }
}

/// What to write in the place of another header with the key.
pub(super) fn authorization(host: &str, meant: &str, value: &Node) -> Option<String> {
    let (_, word, behind) = LOGINS.iter().find(|(end, ..)| host.ends_with(end))?;
    let key = value.as_str().filter(|_| *word != "Basic");
    (meant == "Authorization").then(|| match key {
        Some(key) => format!("write {meant}: \"{word} {key}\""),
        None => format!("write {meant}, whose value is {word} and behind it {behind}"),
    })
}
