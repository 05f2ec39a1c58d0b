//! What the collector does not start with.

use super::super::endpoint::Endpoint;
use super::RULE;
use crate::Finding;
use crate::embedded::Text;
use crate::finding::in_quotes;
use crate::url::Url;

/// The cure of an address with a path.
pub(crate) const OVER_HTTP: &str =
    "move the exporter below otlphttp, with its address: what has a path is taken over HTTP";

/// What the collector does not start with.
pub(super) fn refused(end: &Endpoint<'_>) -> Option<Finding> {
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
        // What has a path is taken over HTTP, but at the port of gRPC.
        if crate::FULL && url.path.len() > 1 && url.port != Some("4317") {
            let finding = found("host:port without a path: gRPC has none", STOPS.as_str());
            return Some(finding.fix(OVER_HTTP));
        }
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
