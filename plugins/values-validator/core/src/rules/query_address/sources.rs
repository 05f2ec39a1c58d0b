//! Grafana's data sources: one default, asked by the server, of a plugin by its id, at a URL.

use super::{PORTS, RULE};
use crate::node::join;
use crate::{Findings, Node, Place, Severity, Values};

/// Looks at each and gives the addresses on: path, node, type.
pub(super) fn check<'a>(
    values: &'a Values,
    asked: &mut Vec<(String, &'a Node, &'a str)>,
    findings: &mut Findings,
) {
    let mut default = None;
    for (path, source) in values.list("grafana.datasources") {
        second_default(&path, source, &mut default, findings);
        asked_by_browser(&path, source, findings);
        let kind = source.child("type").and_then(Node::as_str).unwrap_or("");
        kind_in_capitals(&path, source, kind, findings);
        url(&path, source, kind, findings);
        if let Some(node) = source.child("url") {
            asked.push((join(&path, "url"), node, kind));
        }
    }
}

/// Grafana takes one default alone.
fn second_default(path: &str, source: &Node, default: &mut Option<Place>, findings: &mut Findings) {
    if source.child("isDefault").and_then(Node::as_bool) == Some(true) {
        match *default {
            None => *default = Some(source.place),
            Some(first) => {
                let node = source.child("isDefault").unwrap_or(source);
                let mut finding = RULE
                    .finds(
                        join(path, "isDefault"),
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
}

/// `access: direct` is gone from Grafana.
fn asked_by_browser(path: &str, source: &Node, findings: &mut Findings) {
    if let Some(node) = source.child("access")
        && node.as_str().is_some_and(|access| access != "proxy")
    {
        findings.push(
                RULE.at(join(path, "access"), &node.place)
                    .found(node.described())
                    .expected("proxy")
                    .why(text!(
                        "Grafana's server asks; browsers no longer do, and reach no Service of a cluster."
                    ))
                    .fix("write proxy")
                    .replace(node.place, "proxy"),
            );
    }
}

/// Ids of plugins are in small letters.
fn kind_in_capitals(path: &str, source: &Node, kind: &str, findings: &mut Findings) {
    let lower = kind.to_ascii_lowercase();
    if let (true, Some(node)) = (lower != kind, source.child("type")) {
        findings.push(
            RULE.finds(
                join(path, "type"),
                &node.place,
                node.described(),
                text!("the plugin's id, in small letters"),
                text!("Grafana has no such plugin: every query fails."),
            )
            .writes(node.place, &lower),
        );
    }
}

/// A URL without its scheme, or none where the kind of server needs one.
fn url(path: &str, source: &Node, kind: &str, findings: &mut Findings) {
    let lower = kind.to_ascii_lowercase();
    if let Some(node) = source.child("url")
        && let Some(text) = node
            .as_str()
            .filter(|t| !t.contains("://") && t.contains(':') && !t.contains('$'))
        && PORTS.iter().any(|(known, ..)| *known == lower)
    {
        findings.push(
            RULE.finds(
                join(path, "url"),
                &node.place,
                node.described(),
                text!("a URL with http:// or https://"),
                text!("Grafana knows no scheme for it: every query fails."),
            )
            .fix(format!("write http://{text}"))
            .replace(node.place, format!("\"http://{text}\"")),
        );
    }
    if source.child("url").is_none() && PORTS.iter().any(|(known, ..)| *known == kind) {
        findings.push(
            RULE.finds(
                join(path, "url"),
                &source.place,
                format!("a data source {kind} without url"),
                text!("the server's address alone"),
                text!("Nothing listens there: every query fails."),
            )
            .fix(text!("add url: http://<Service>.<namespace>.svc:<port>")),
        );
    }
}
