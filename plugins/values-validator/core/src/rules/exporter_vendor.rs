//! What vendors of tracing backends document of their receivers of OTLP: hosts, ports, paths and the header that
//! has the key. At any other port or path, and with another header, each attempt to send is refused.

use super::Rule;
use super::endpoint::Endpoint;
use crate::Findings;
use crate::embedded::Text;
use crate::node::Node;
use crate::url::Url;

/// A vendor in each line: how the host begins and ends, ports for gRPC, ports for HTTP (`-`: takes none, `*`: not
/// checked), the path for HTTP, headers of which one has the key.
const VENDORS: Text = text!(
    "api. honeycomb.io 443 443 / x-honeycomb-team\n\
otlp. nr-data.net 4317,443 4318,443 / api-key\n\
ingest. lightstep.com 443 443 * lightstep-access-token\n\
ingest. signoz.cloud 443 443 / signoz-ingestion-key,signoz-access-token\n\
otlp-gateway grafana.net - 443 /otlp Authorization\n\
tempo grafana.net 443 - * Authorization\n\
api. axiom.co - 443 / Authorization\n\
api. uptrace.dev 4317,443 443,4318 / uptrace-dsn\n\
otlp. uptrace.dev 4317,443 443,4318 / uptrace-dsn\n\
ingress. coralogix.com 443 443 / Authorization\n\
otlp-listener logz.io - 443 / Authorization\n\
otlp- instana.io 4317 4318 / x-instana-key\n\
ingest. signalfx.com 443 443 * X-SF-Token\n\
ingest. splunkcloud.com 443 443 * X-SF-Token\n\
otlp. datadoghq.com - 443 / dd-api-key\n\
otlp. datadoghq.eu - 443 / dd-api-key\n\
otlp. ddog-gov.com - 443 / dd-api-key\n\
ingress. dash0.com 4317 443,4318 / Authorization\n\
endpoint sumologic.com - 443 * *\n\
* live.dynatrace.com - 443 /api/v2/otlp Authorization\n\
* cloud.langfuse.com - 443 /api/public/otel Authorization\n\
* api.smith.langchain.com - 443 /otel x-api-key\n\
* cloud.es.io * * / Authorization\n\
* elastic-cloud.com * * / Authorization"
);

/// Headers that vendors take beside the one with the key.
const BESIDE: Text = text!(
    "x-honeycomb-dataset x-axiom-dataset x-instana-host x-scope-orgid langsmith-project user-agent dd-otlp-source compute_stats dd-otel-span-mapping dash0-dataset x-langfuse-ingestion-version"
);

/// The columns of the vendor whose receiver a host is.
pub(super) fn vendor(host: &str) -> Option<[&'static str; 6]> {
    VENDORS.as_str().lines().find_map(|line| {
        let mut words = line.split(' ');
        let row: [&str; 6] = std::array::from_fn(|_| words.next().unwrap_or("*"));
        let fits = (row[0] == "*" || host.starts_with(row[0])) && host.ends_with(row[1]);
        fits.then_some(row)
    })
}

/// What is not as the vendor documents it.
pub(super) fn check(rule: &Rule, end: &Endpoint<'_>, findings: &mut Findings) -> bool {
    let url = Url::of(end.text);
    let Some([_, domain, grpc, http, path, headers]) = vendor(url.host) else {
        #[cfg(feature = "full")]
        return super::exporter_login::elsewhere(rule, end, findings);
        #[cfg(not(feature = "full"))]
        return false;
    };
    let before = findings.0.len();
    header(rule, end, url.host, headers, findings);
    #[cfg(feature = "full")]
    super::exporter_login::check(rule, end, domain, findings);
    let mut say = |found: String, expected: String, fix: Result<String, String>| {
        let finding = rule
            .warning(end.path.clone(), &end.node.place)
            .found(found)
            .expected(expected)
            .why(text!(
                "Nothing there takes OTLP in this way: every attempt to send fails."
            ));
        findings.push(match fix {
            Ok(new) => finding.quotes(end.node.place, &new),
            Err(words) => finding.fix(words),
        });
    };
    let is_grpc = end.kind == "otlp";
    let (ports, other) = if is_grpc {
        (grpc, "otlphttp")
    } else {
        (http, "otlp")
    };
    let first = ports.split(',').next().unwrap_or("443");
    // Elasticsearch and Kibana are next to the APM server.
    let instance = url.host.trim_end_matches(domain);
    let elastic = domain.contains("elastic") || domain.ends_with("es.io");
    if let Some(part) = [".es.", ".kb."]
        .into_iter()
        .find(|part| elastic && instance.contains(part))
    {
        let host = url.host.replacen(part, ".apm.", 1);
        say(
            format!("{:?}, where Elasticsearch or Kibana listens", end.text),
            text!("the APM server, which takes OTLP")
                .as_str()
                .to_owned(),
            Ok(format!("https://{host}:443")),
        );
    } else if ports == "-" {
        let words = if let Some(rest) = url.host.strip_prefix("tempo-") {
            let zone = rest.trim_end_matches(".grafana.net");
            let zone = zone.find("prod-").map_or(zone, |_| {
                let bare = zone.trim_start_matches("prod-");
                bare.find("prod-").map_or(zone, |at| &bare[at..])
            });
            if zone.starts_with("prod-") && zone.matches('-').count() > 2 {
                Ok(format!("https://otlp-gateway-{zone}.grafana.net/otlp"))
            } else {
                Err(text!("write https://otlp-gateway-<zone>.grafana.net/otlp, or move it to tracing.exporters.otlp").as_str().to_owned())
            }
        } else {
            let path = if path.len() > 1 { path } else { "" };
            let path = if url.path.len() > 1 { url.path } else { path };
            Err(format!(
                "move it to tracing.exporters.{other}, with endpoint: https://{}{path}",
                url.host
            ))
        };
        say(
            format!("{:?} under {}", end.text, end.kind),
            format!("an exporter under {other}: this receiver takes OTLP in no other way"),
            words,
        );
    } else if let Some(port) = url
        .port
        .filter(|port| ports != "*" && !ports.split(',').any(|known| known == *port))
    {
        let new = url
            .with_port(end.text, first)
            .replacen("http://", "https://", 1);
        say(
            format!("port {port} of {}", url.host),
            format!(
                "port {}, where it takes OTLP of {}",
                ports.replace(',', " or "),
                end.kind
            ),
            Ok(new),
        );
    } else if !is_grpc && path != "*" && url.scheme == Some("https") {
        let have = url.path.trim_end_matches('/');
        let want = path.trim_end_matches('/');
        let added = have.ends_with("/v1/traces")
            || have.ends_with("/v1/metrics")
            || have.ends_with("/v1/logs");
        if !added && !have.ends_with(want) || want.is_empty() && !have.is_empty() && !added {
            let found = if have.is_empty() {
                format!("{:?}, without a path", end.text)
            } else {
                format!("the path {have}")
            };
            let expected = if want.is_empty() {
                text!("the address without a path: /v1/traces is added to it")
                    .as_str()
                    .to_owned()
            } else {
                format!("the path {want}, below which this receiver takes OTLP")
            };
            say(
                found,
                expected,
                Ok(format!("{}{want}", url.origin(end.text))),
            );
        }
    }
    findings.0.len() > before
}

/// The header with the key under another name.
fn header(rule: &Rule, end: &Endpoint<'_>, host: &str, known: &str, findings: &mut Findings) {
    let given: Vec<(String, &str, &Node)> = ["headers", "headersFrom"]
        .into_iter()
        .filter_map(|list| Some((list, end.exporter.child(list)?)))
        .flat_map(|(list, node)| node.entries().map(move |(name, value)| (list, name, value)))
        .map(|(list, name, value)| {
            let exporter = end.path.trim_end_matches(".endpoint");
            (format!("{exporter}.{list}.{name}"), name, value)
        })
        .collect();
    let is = |name: &str| known.split(',').any(|key| key.eq_ignore_ascii_case(name));
    if known == "*" || given.iter().any(|(_, name, _)| is(name)) {
        return;
    }
    let secret = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["key", "token", "auth", "team", "dsn", "secret"]
            .iter()
            .any(|word| name.contains(word))
    };
    let mut other = given.iter().filter(|(_, name, _)| {
        !BESIDE
            .split(' ')
            .any(|known| known.eq_ignore_ascii_case(name))
    });
    let (Some((path, name, value)), None) = (
        other
            .clone()
            .find(|(_, name, _)| secret(name))
            .or_else(|| other.next()),
        other.clone().filter(|(_, name, _)| secret(name)).nth(1),
    ) else {
        return;
    };
    let meant = known.split(',').next().unwrap_or(known);
    let finding = rule
        .warning(path.clone(), value.key_place())
        .found(format!("the header {name} for {host}"))
        .expected(format!(
            "{}, the header in which it takes the key",
            known.replace(',', " or ")
        ))
        .why(text!("The receiver finds no key, and refuses every trace."));
    // The value of Authorization begins with a word that another header's has not.
    #[cfg(feature = "full")]
    if let Some(words) = super::exporter_login::authorization(host, meant, value) {
        findings.push(finding.fix(words));
        return;
    }
    findings.push(if meant == "Authorization" && strsim::damerau_levenshtein(name, meant) > 3 {
        finding.fix(format!("write {meant}, whose value is Basic, Bearer, ApiKey or Api-Token with the key behind it, as {host} documents it"))
    } else {
        finding
            .writes(value.key_place(), meant)
    });
}
