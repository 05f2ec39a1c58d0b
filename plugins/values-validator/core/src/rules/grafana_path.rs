//! The path of the address by which users open Grafana. Without `serve_from_sub_path` Grafana serves at `/`, which
//! is right behind a proxy that takes the path off. The routes of this chart leave it on, unless an annotation has
//! the controller rewrite it; what another proxy does is not in the file.

use super::Rule;
use super::look::on;
use crate::node::Node;
use crate::url::Url;
use crate::{Findings, Severity, Values};

/// Words in the keys of annotations that have a controller change the path.
const REWRITES: [&str; 6] = [
    "rewrite",
    "middleware",
    "strip-path",
    "path-transform",
    "snippet",
    "filters",
];

pub(super) fn check(rule: &Rule, values: &Values, findings: &mut Findings) {
    let path = "grafana.rootURL";
    let Some((node, text)) = values
        .get(path)
        .and_then(|node| Some((node, node.as_str()?)))
    else {
        return;
    };
    let served = "grafana.ini.server.serve_from_sub_path";
    let given = values.get(served);
    let own = Url::of(text).path.trim_end_matches('/');
    let says = |given: &Node| given.as_bool() != Some(false) && given.as_str() != Some("false");
    if own.is_empty() || !text.contains("://") || given.is_some_and(says) {
        return;
    }
    let routes = ["grafana.ingress", "grafana.httpRoute"];
    let open: Vec<&str> = (routes.into_iter())
        .filter(|route| on(values, &format!("{route}.enabled")))
        .collect();
    let rewritten = |route: &&str| {
        let all = values.get(&format!("{route}.annotations"));
        all.into_iter()
            .flat_map(Node::entries)
            .any(|(key, _)| REWRITES.iter().any(|word| key.contains(word)))
    };
    if open.iter().any(rewritten) || open.is_empty() && given.is_some() {
        return;
    }
    let mut finding = rule
        .at(path, &node.place)
        .found(format!("the path of {text}"))
        .expected(format!("{served}: true"));
    finding = if let Some(route) = open.first() {
        finding.severity = Severity::Warning;
        finding
            .why(format!(
                "{route} leaves the path on, and Grafana serves at /: pages are not found."
            ))
            .fix(format!("set {served}: true"))
    } else {
        finding.severity = Severity::Info;
        finding
            .why("Grafana serves at /: behind a proxy that leaves the path on, pages are not found. Behind one that takes it off all is well.")
            .fix(format!("set {served}: true, unless the proxy takes {own} off"))
    };
    findings.push(match given {
        Some(given) => finding.replace(given.place, "true"),
        None => finding,
    });
}
