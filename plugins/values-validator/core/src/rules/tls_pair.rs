//! A certificate of a client needs its key, and a key its certificate: one alone, and the program that
//! should send with it does not start.

use super::Rule;
use super::look::walk_given;
use crate::{Findings, Node, Severity, Value, Values};

/// `tlsSecret`, `tls_config` and `tlsConfig`.
pub const RULE: Rule = Rule {
    code: "tls-pair",
    severity: Severity::Error,
    title: text!("A certificate without its key"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    walk_given(&values.root, "", &mut |path, key, node| {
        if !matches!(key, "tlsSecret" | "tls_config" | "tlsConfig")
            || !matches!(node.value, Value::Map(_))
        {
            return;
        }
        let given = |word: &str| {
            let mut of = node.entries().filter(|(key, value)| {
                key.starts_with(word)
                    && value.as_str() != Some("")
                    && !matches!(value.value, Value::Null)
            });
            of.next()
        };
        let (found, other) = match (given("cert"), given("key")) {
            (Some(cert), None) => (
                cert,
                if key == "tls_config" {
                    "key_file"
                } else if key == "tlsConfig" {
                    "keySecret"
                } else {
                    "key: tls.key"
                },
            ),
            (None, Some(own)) => (
                own,
                if key == "tls_config" {
                    "cert_file"
                } else if key == "tlsConfig" {
                    "cert"
                } else {
                    "cert: tls.crt"
                },
            ),
            _ => return,
        };
        let (name, at): (&str, &Node) = found;
        // The chart's own keys take a key of a Secret, in place of a path.
        let other = match (name, other) {
            _ if !crate::FULL || matches!(at.value, Value::Text(_)) => other,
            ("cert", "key_file") => "key: {secretName: <Secret>, secretKey: tls.key}",
            ("key", "cert_file") => "cert: {secretName: <Secret>, secretKey: tls.crt}",
            _ => other,
        };
        findings.push(
            RULE.finds(
                format!("{path}.{name}"),
                &at.place,
                format!("{name} without {}", other.split(':').next().unwrap_or("")),
                text!("both, or neither"),
                text!("The program needs both for a client's certificate, and does not start."),
            )
            .fix(format!("add {other}, or remove {name}")),
        );
    });
}
