//! What Prometheus refuses, or cannot send, in `remote_write`: two servers of one name, a relabelling
//! whose pattern does not parse or that lacks what its action needs, versions of TLS by another name,
//! a URL to which no samples can be written.

#[cfg(feature = "full")]
mod cluster;
#[cfg(feature = "full")]
mod headers;
#[cfg(feature = "full")]
mod others;
#[cfg(feature = "full")]
mod paths;
#[cfg(feature = "full")]
mod recorded;
#[cfg(feature = "full")]
mod variables;

use super::relabelling::{self, Of};
use super::{Rule, look};
use crate::embedded::Text;
use crate::finding::in_quotes;
use crate::node::join;
use crate::sorted::Sorted;
use crate::url::Url;
use crate::{Findings, Node, Severity, Values};
use vllm_catalog::number::Shown;

/// `prometheus.remoteWrite[]` beside its logins.
pub const RULE: Rule = Rule {
    code: "remote-write-queue",
    severity: Severity::Error,
    title: text!("A server of remote_write that Prometheus refuses or cannot write to"),
    check,
};

const REFUSES: Text = text!("Prometheus refuses its whole configuration and does not start.");

/// Headers that nobody may set, from Prometheus' config.go; `authorization` has a rule of its own.
const RESERVED: Text = text!(
    "host content-encoding content-length content-type user-agent connection keep-alive proxy-authenticate proxy-authorization www-authenticate accept-encoding x-prometheus-remote-write-version x-prometheus-remote-read-version x-amz-date x-amz-security-token x-amz-content-sha256"
);

fn check(values: &Values, findings: &mut Findings) {
    let mut names = Sorted::default();
    let mut urls = Sorted::default();
    #[cfg(feature = "full")]
    cluster::check(values, findings);
    for (path, server) in values.list("prometheus.remoteWrite") {
        let text = |key: &str| Some((server.child(key)?, server.child(key)?.as_str()?));
        if let Some((node, name)) = text("name")
            && let Some(first) = names.insert(name.to_owned(), node.place)
        {
            findings.push(
                RULE.at(join(&path, "name"), &node.place)
                    .found(format!("{name}, twice"))
                    .expected(text!("a name of its own for each server"))
                    .why(REFUSES)
                    .fix(text!("rename one, or leave both names out"))
                    .related(first, "the other one"),
            );
        }
        if let Some((node, url)) = text("url") {
            address(values, &join(&path, "url"), node, url, findings);
            let to = look::sends(url, server);
            let filtered = server.child("write_relabel_configs").is_some();
            if !filtered && let Some(first) = urls.insert(to, node.place) {
                let finding = RULE.finds(join(&path, "url"), &node.place, text!("the same URL twice"), text!("each server once"), text!(
                        "Every sample is sent twice; the server refuses the second as a duplicate."
                    ))
                    .fix(text!("remove one of them"))
                    .related(first, "the other one").as_warning();
                findings.push(finding);
            }
        }
        for (name, node) in server.child("headers").into_iter().flat_map(Node::entries) {
            let lower = name.to_ascii_lowercase();
            if RESERVED.split(' ').any(|reserved| reserved == lower) {
                findings.push(
                    RULE.at(join(&join(&path, "headers"), name), node.key_place())
                        .found(format!("the header {name}, which Prometheus sets itself"))
                        .expected(text!("headers of your own, such as X-Scope-OrgID"))
                        .why(REFUSES)
                        .fix("remove it"),
                );
            }
        }
        #[cfg(feature = "full")]
        variables::left(values, &path, server, findings);
        #[cfg(feature = "full")]
        recorded::dropped(values, &path, server, findings);
        #[cfg(feature = "full")]
        headers::check(&path, server, findings);
        #[cfg(feature = "full")]
        others::kept(values, &path, server, findings);
        #[cfg(feature = "full")]
        super::remote_write::schemes(&RULE, &path, server, findings);
        let key = "write_relabel_configs";
        relabelling::steps(
            &RULE,
            &join(&path, key),
            server.child(key),
            &Of::Server,
            findings,
        );
        if let Some(node) = server.child("protobuf_message")
            && !matches!(
                node.as_str(),
                None | Some("prometheus.WriteRequest" | "io.prometheus.write.v2.Request")
            )
        {
            findings.push(
                RULE.at(join(&path, "protobuf_message"), &node.place)
                    .found(node.described())
                    .expected(text!(
                        "prometheus.WriteRequest or io.prometheus.write.v2.Request"
                    ))
                    .why(REFUSES)
                    .fix(text!("write io.prometheus.write.v2.Request, or remove it")),
            );
        }
        if let Some(node) = server.get("tls_config.min_version")
            && let Some(version) = node
                .as_str()
                .filter(|v| !["TLS10", "TLS11", "TLS12", "TLS13"].contains(v))
        {
            let digits: String = version.chars().filter(char::is_ascii_digit).collect();
            let finding = RULE
                .at(
                    join(&path, "tls_config.min_version").replace(
                        text!("[\"tls_config.min_version\"]").as_str(),
                        ".tls_config.min_version",
                    ),
                    &node.place,
                )
                .found(node.described())
                .expected(text!("TLS10, TLS11, TLS12 or TLS13"))
                .why(REFUSES);
            findings.push(if matches!(digits.as_str(), "10" | "11" | "12" | "13") {
                finding
                    .fix(format!("write TLS{digits}"))
                    .replace(node.place, format!("TLS{digits}"))
            } else {
                finding.fix("write TLS12")
            });
        }
        if let Some(queue) = server.child("queue_config") {
            let given = |key: &str| queue.child(key).and_then(Node::as_seconds);
            if let (Some(node), Some(a)) = (queue.child("min_backoff"), given("min_backoff")) {
                let most = given("max_backoff");
                let b = most.unwrap_or(5.0);
                if a > b && (most.is_some() || queue.child("max_backoff").is_none()) {
                    let finding = RULE.finds(format!("{path}.queue_config.min_backoff"), &node.place, format!("{}, above max_backoff", node.described()), text!("min_backoff not above max_backoff"), text!("The waits between retries shrink: a server that is down gets more requests."))
                        .fix(match queue.child("max_backoff") {
                            Some(most) => format!(
                                "lower it, or raise max_backoff, which is {}: check its unit",
                                most.as_str().unwrap_or("")
                            ),
                            None => "lower it, or raise max_backoff, which is 5s by default".to_owned(),
                        }).as_warning();
                    findings.push(match queue.child("max_backoff") {
                        Some(most) => finding.related(most.place, "max_backoff"),
                        None => finding,
                    });
                }
            }
        }
        let number = |key: &str| {
            server
                .get(&format!("queue_config.{key}"))
                .and_then(|n| Some((n, n.as_f64()?)))
        };
        for (less, more) in [
            ("min_shards", "max_shards"),
            ("max_samples_per_send", "capacity"),
        ] {
            if let (Some((low, a)), Some((high, b))) = (number(less), number(more))
                && a > b
            {
                findings.push(
                    RULE.at(format!("{path}.queue_config.{less}"), &low.place)
                        .found(format!("{less} {}, {more} {}", Shown(a), Shown(b)))
                        .expected(format!("{less} not above {more}"))
                        .why(text!("Prometheus cannot start so many, and sends nothing."))
                        .fix(format!("lower {less}, or raise {more}"))
                        .related(high.place, more.to_owned()),
                );
            }
        }
    }
}

fn address(values: &Values, path: &str, node: &Node, text: &str, findings: &mut Findings) {
    if text.contains('$') {
        return;
    }
    let url = Url::of(text);
    let finding = |found: String, expected: &str, why: &str| {
        RULE.at(path, &node.place)
            .found(found)
            .expected(expected)
            .why(why)
    };
    let warning = |mut finding: crate::Finding| {
        finding.severity = Severity::Warning;
        finding
    };
    if url.bad_port() {
        findings.push(
            finding(
                format!("port {}", url.port.unwrap_or("")),
                "a port from 1 to 65535",
                text!("No server can be there: every sample is lost.").as_str(),
            )
            .fix(text!("write the server's port")),
        );
        return;
    }
    let write = match (url.port, url.host) {
        (Some("9009" | "8080"), _) => "/api/v1/push",
        (Some("19291" | "10901" | "10902" | "10907"), _) => "/api/v1/receive",
        (_, host) if host.contains("mimir") || host.contains("cortex") => "/api/v1/push",
        (_, host) if host.contains("thanos") => "/api/v1/receive",
        (_, host) if host.ends_with("grafana.net") => "/api/prom/push",
        _ => "/api/v1/write",
    };
    let mut origin = url.origin(text).to_string();
    // Thanos' ports for gRPC and for its own metrics.
    let grpc = matches!(url.port, Some("10901" | "10902" | "10907"));
    if let Some(port) = url.port.filter(|_| grpc) {
        origin = origin.replace(&format!(":{port}"), ":19291");
    }
    #[cfg(feature = "full")]
    let other = paths::of_another(&url);
    #[cfg(feature = "full")]
    let write = other.unwrap_or(write);
    #[cfg(not(feature = "full"))]
    let other = None::<&str>;
    let new = format!("{origin}{write}");
    let cloud = url.host.ends_with("grafana.net");
    // VictoriaMetrics' cluster takes samples at vminsert, below the number of a tenant.
    let select = url.host.starts_with("vmselect") || url.port == Some("8481");
    let insert = url.host.starts_with("vminsert") || url.port == Some("8480") || select;
    let tenant = url.path.strip_prefix("/insert/").is_some_and(|rest| {
        let (tenant, rest) = rest.split_once('/').unwrap_or((rest, ""));
        !tenant.is_empty() && tenant.chars().all(|c| c.is_ascii_digit() || c == ':')
            || tenant == "multitenant"
            || rest.is_empty() && tenant.is_empty()
    });
    let new = if insert {
        let origin = origin
            .replace("vmselect", "vminsert")
            .replace(":8481", ":8480");
        format!("{origin}/insert/0/prometheus/api/v1/write")
    } else {
        new
    };
    let asked = [
        "/query",
        "/series",
        "/labels",
        "/targets",
        "/graph",
        "/metrics",
        "/federate",
    ]
    .iter()
    .any(|p| url.path.contains(p));
    // Logz.io takes samples without a path.
    let bare = matches!(
        url.path,
        "" | "/" | "/api/v1" | "/api/v1/" | "/prometheus" | "/prometheus/"
    ) && !url.host.contains("logz")
        || cloud && matches!(url.path, "/api/prom" | "/api/prom/")
        || insert && !tenant
        || crate::FULL
            && url.path == "/api/v1/write"
            && ["mimir", "cortex"].iter().any(|s| url.host.contains(s))
        || crate::FULL && other.is_some()
        || grpc
        || url.port == Some("8481");
    if url.path.contains("/loki/") {
        findings.push(warning(
            finding(
                format!("{text:?}, where Loki takes logs"),
                text!("a server that takes samples of Prometheus").as_str(),
                text!("Loki refuses every sample.").as_str(),
            )
            .fix(text!(
                "write the address of Mimir, Prometheus or another server that takes remote_write"
            )),
        ));
    } else if url.path.contains("/v1/metrics") {
        findings.push(warning(
            finding(
                format!("{text:?}, where OTLP is taken"),
                "a URL of remote_write",
                text!("The server refuses every sample: it expects OTLP.").as_str(),
            )
            .fix(text!(
                "write the server's URL for remote_write, often /api/v1/write or /api/v1/push"
            )),
        ));
    } else if bare || asked {
        let finding = warning(
            finding(
                format!("{text:?}, to which no samples are written"),
                text!("the server's path for remote_write").as_str(),
                text!("It answers 404 or 405: every sample is lost.").as_str(),
            )
            .fix_write(&new),
        );
        // A part that is asked is not the part that is written to.
        findings.push(if url.host.contains("query") {
            finding.fix(text!("write the address of the part that takes samples, such as thanos-receive:19291/api/v1/receive"))
        } else {
            finding.replace(node.place, in_quotes(&new))
        });
    } else if super::look::own_pod(values, path, &url) {
        findings.push(warning(
            finding(
                format!("{text:?}, Prometheus' own pod"),
                text!("the Service of the server").as_str(),
                text!("Nothing listens there: every sample is lost.").as_str(),
            )
            .fix(text!("write its Service and namespace")),
        ));
    }
}
