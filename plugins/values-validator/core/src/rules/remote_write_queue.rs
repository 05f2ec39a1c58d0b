//! What Prometheus refuses, or sends to nobody, in `remote_write`: two servers of one name, a relabelling
//! whose pattern does not parse or that lacks what its action needs, versions of TLS by another name,
//! a URL to which no samples can be written.

use super::{Rule, look};
use crate::embedded::Text;
use crate::node::join;
use crate::sorted::Sorted;
use crate::url::Url;
use crate::{Findings, Node, Severity, Values, re2};

/// `prometheus.remoteWrite[]` beside its logins.
pub const RULE: Rule = Rule {
    code: "remote-write-queue",
    severity: Severity::Error,
    title: text!("A server of remote_write that Prometheus refuses or cannot write to"),
    check,
};

const REFUSES: Text = text!("Prometheus refuses its whole configuration and does not start.");

fn check(values: &Values, findings: &mut Findings) {
    let mut names = Sorted::default();
    let mut urls = Sorted::default();
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
            address(&join(&path, "url"), node, url, findings);
            let to = look::sends(url, server);
            let filtered = server.child("write_relabel_configs").is_some();
            if !filtered && let Some(first) = urls.insert(to, node.place) {
                let mut finding = RULE
                    .at(join(&path, "url"), &node.place)
                    .found("the same URL twice")
                    .expected("each server once")
                    .why(text!(
                        "Every sample is sent twice; the server refuses the second as a duplicate."
                    ))
                    .fix("remove one of them")
                    .related(first, "the other one");
                finding.severity = Severity::Warning;
                findings.push(finding);
            }
        }
        for (at, step) in server
            .child("write_relabel_configs")
            .map_or(&[][..], Node::items)
            .iter()
            .enumerate()
        {
            relabelling(
                &format!("{path}.write_relabel_configs[{at}]"),
                step,
                findings,
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
                        .found(format!("{less} {a}, {more} {b}"))
                        .expected(format!("{less} not above {more}"))
                        .why(text!("Prometheus cannot start so many, and sends nothing."))
                        .fix(format!("lower {less}, or raise {more}"))
                        .related(high.place, more.to_owned()),
                );
            }
        }
    }
}

fn relabelling(path: &str, step: &Node, findings: &mut Findings) {
    let action = step
        .child("action")
        .and_then(Node::as_str)
        .unwrap_or("replace");
    if let Some(node) = step.child("regex")
        && let Some(why) = node.as_str().and_then(re2::refused)
    {
        findings.push(
            RULE.at(join(path, "regex"), &node.place)
                .found(format!("{:?}: {why}", node.as_str().unwrap_or("")))
                .expected(text!("a regular expression of RE2"))
                .why(REFUSES)
                .fix(text!(
                    "close each bracket; RE2 knows no lookahead: drop with an action drop instead"
                )),
        );
    }
    let needs: &[&str] = match action {
        "replace" | "lowercase" | "uppercase" => &["target_label"],
        "hashmod" => &["target_label", "modulus"],
        "keep" | "drop" => &["source_labels"],
        "keepequal" | "dropequal" => &["source_labels", "target_label"],
        _ => &[],
    };
    for key in needs {
        let empty = |n: &Node| n.as_str() == Some("");
        if step.child(key).is_none_or(empty) {
            let node = step.child("action").unwrap_or(step);
            let mut finding = RULE
                .at(join(path, key), &node.place)
                .found(format!("{action} without {key}"))
                .expected(key.to_owned())
                .why(REFUSES)
                .fix(format!("add {key}"));
            if *key == "source_labels" {
                finding.severity = Severity::Warning;
                finding = finding.why(text!(
                    "It compares the empty text: every series is kept, or every one dropped."
                ));
            }
            findings.push(finding);
        }
    }
}

fn address(path: &str, node: &Node, text: &str, findings: &mut Findings) {
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
        (Some("19291"), _) => "/api/v1/receive",
        (_, host) if host.contains("mimir") || host.contains("cortex") => "/api/v1/push",
        (_, host) if host.contains("thanos") => "/api/v1/receive",
        (_, host) if host.ends_with("grafana.net") => "/api/prom/push",
        _ => "/api/v1/write",
    };
    let new = format!("{}{write}", url.origin(text));
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
    let bare = matches!(url.path, "" | "/" | "/api/v1" | "/api/v1/");
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
        findings.push(warning(
            finding(
                format!("{text:?}, to which no samples are written"),
                text!("the server's path for remote_write").as_str(),
                text!("It answers 404 or 405: every sample is lost.").as_str(),
            )
            .fix(format!("write {new}"))
            .replace(node.place, format!("{new:?}")),
        ));
    } else if url.local() {
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
