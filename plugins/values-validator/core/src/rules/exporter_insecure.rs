//! `insecure: true`, or an endpoint that begins with `http://`, has an exporter send without TLS.
//! Certificates, `insecureSkipVerify` or `https://` beside it say that TLS was meant: at best they are not
//! used, at worst traces go out for everyone to read.
//!
//! The chart refuses it too.

#[cfg(feature = "full")]
mod unchecked;

use super::Rule;
use super::endpoint::{Endpoint, endpoints};
use crate::finding::in_quotes;
use crate::node::join;
use crate::{Findings, Node, Severity, Values};

/// What says that `tracing.exporters.*.*` sends without TLS, against what is for TLS.
pub const RULE: Rule = Rule {
    code: "exporter-insecure",
    severity: Severity::Error,
    title: text!("An exporter sends without TLS but has TLS settings"),
    check,
};

fn on<'a>(end: &Endpoint<'a>, key: &str) -> Option<&'a Node> {
    end.exporter
        .child(key)
        .filter(|node| node.as_bool() == Some(true))
}

fn check(values: &Values, findings: &mut Findings) {
    for end in endpoints(values) {
        #[cfg(feature = "full")]
        unchecked::check(&end, findings);
        let exporter = end.path.trim_end_matches(".endpoint");
        let insecure = on(&end, "insecure");
        let secret = end.exporter.child("tlsSecret");
        let secret = secret.filter(|node| node.entries().next().is_some());
        let name = |secret: &Node| {
            let name = secret.child("name").and_then(Node::as_str).unwrap_or("");
            format!("the Secret {name:?}")
        };
        let is = |scheme: &str| {
            end.scheme()
                .is_some_and(|found| found.eq_ignore_ascii_case(scheme))
        };
        let ((path, place), said, meant, beside) =
            if let (Some(insecure), Some(secret)) = (insecure, secret) {
                let at = (join(exporter, "insecure"), insecure.place);
                (at, "insecure: true".to_owned(), name(secret), secret)
            } else if let (true, Some(secret)) = (is("http"), secret) {
                let at = (end.path.clone(), end.node.place);
                (at, in_quotes(end.text), name(secret), secret)
            } else if let (true, Some(skip)) = (is("http"), on(&end, "insecureSkipVerify")) {
                let at = (end.path.clone(), end.node.place);
                let meant = "insecureSkipVerify: true".to_owned();
                (at, in_quotes(end.text), meant, skip)
            } else if let (true, Some(insecure)) = (is("https"), insecure) {
                let at = (join(exporter, "insecure"), insecure.place);
                let meant = in_quotes(end.text);
                (at, "insecure: true".to_owned(), meant, end.node)
            } else {
                continue;
            };
        findings.push(
            RULE.at(path, &place)
                .found(format!("{said} beside {meant}"))
                .expected("one of them")
                .why(text!("One says to send without TLS, the other is for TLS alone."))
                .fix(text!("for TLS write https:// and leave insecure out; without TLS write http:// and leave tlsSecret and insecureSkipVerify out"))
                .related(beside.place, "what is for TLS"),
        );
    }
}
