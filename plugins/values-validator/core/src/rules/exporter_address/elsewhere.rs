//! What is no receiver, or not the one that is meant.

use super::super::endpoint::Endpoint;
use super::super::look::own_pod;
use super::RULE;
use super::ports::{OTHERS, slipped};
use crate::url::Url;
use crate::{Finding, Node, Values};

/// What to name instead: without its only exporter the collector does not start.
fn backend(values: &Values, port: &str) -> String {
    if !crate::FULL {
        return text!(
            "name your tracing backend, such as http://tempo.tracing:4317, or remove the exporter"
        )
        .into();
    }
    let remove = if super::super::storage_fit::queues(values) > 1 {
        ", or remove the exporter"
    } else {
        ""
    };
    format!("write the address of a receiver of OTLP, such as http://tempo.tracing:{port}{remove}")
}

/// What is no receiver, or not the one that is meant.
pub(super) fn elsewhere(values: &Values, end: &Endpoint<'_>, own: &str) -> Option<Finding> {
    let url = Url::of(end.text);
    let port = if end.kind == "otlp" { "4317" } else { "4318" };
    let warning = |found: String, expected: &str, why: &str| {
        RULE.warning(end.path.clone(), &end.node.place)
            .found(found)
            .expected(expected)
            .why(why)
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
            .fix(backend(values, port)),
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
            text!("Nothing there takes traces: every attempt to send fails.").as_str(),
        );
        // Servers of something else altogether.
        let other = ["loki", "grafana", "prometheus", "elastic", "zipkin"];
        return Some(if other.iter().any(|word| url.host.contains(word)) {
            finding.fix(backend(values, port))
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
                text!("Nothing there takes traces: every attempt to send fails.").as_str(),
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
    // A gateway has its port 80, and a path for each receiver behind it.
    if end.kind == "otlphttp" && plain && url.port.is_none() && url.path != "/otlp" {
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

/// Hosts of tracing backends that are sold as a service.
fn vendor(host: &str) -> bool {
    text!("honeycomb.io grafana.net datadoghq.com datadoghq.eu nr-data.net newrelic.com lightstep.com signoz.cloud signoz.io dynatrace.com elastic-cloud.com elastic.co axiom.co coralogix.com logz.io uptrace.dev langfuse.com googleapis.com amazonaws.com")
        .as_str()
        .split(' ')
        .any(|vendor| host.ends_with(vendor))
}
