//! Prometheus takes one login for each server that it sends samples on to, and no header
//! `authorization`: with either mistake it refuses its whole configuration.
//!
//! The chart refuses it too.

use super::Rule;
use crate::{Findings, Severity, Values};

/// `prometheus.remoteWrite[]`.
pub const RULE: Rule = Rule {
    code: "remote-write",
    severity: Severity::Error,
    title: text!("Prometheus refuses the login of remote_write"),
    check,
};

const LOGINS: [&str; 3] = ["basic_auth", "authorization", "oauth2"];

fn check(values: &Values, findings: &mut Findings) {
    for (path, server) in values.list("prometheus.remoteWrite") {
        let logins = LOGINS.map(|key| server.child(key).map(|node| (key, node)));
        let logins: Vec<_> = logins.into_iter().flatten().collect();
        if let [(first, _), .., (last, node)] = logins[..] {
            findings.push(
                RULE.at(format!("{path}.{last}"), &node.place)
                    .found(format!("{first} and {last}"))
                    .expected("one of them")
                    .why(text!("Prometheus refuses its whole configuration."))
                    .fix("leave one"),
            );
        }
        for (name, node) in server.child("headers").iter().flat_map(|h| h.entries()) {
            if name.eq_ignore_ascii_case("authorization") {
                findings.push(
                    RULE.at(format!("{path}.headers.{name}"), &node.place)
                        .found(text!("the header authorization"))
                        .expected(text!("authorization: {credentials: {secretName: …, secretKey: …}}"))
                        .why(text!("Prometheus refuses its whole configuration; and a ConfigMap is no place for a secret."))
                        .fix(text!("put the token into a Secret and name it in authorization")),
                );
            }
        }
    }
}
