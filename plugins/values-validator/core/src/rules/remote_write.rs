//! Prometheus takes one login for each server that it sends samples on to, and no header
//! `authorization`: with either mistake it refuses its whole configuration.
//!
//! The chart refuses it too.

#[cfg(feature = "full")]
mod urls;

use super::Rule;
use crate::{Findings, Node, Severity, Values};

/// `prometheus.remoteWrite[]`.
pub const RULE: Rule = Rule {
    code: "remote-write",
    severity: Severity::Error,
    title: text!("Prometheus refuses the login of remote_write"),
    check,
};

#[cfg(feature = "full")]
pub(super) use urls::schemes;

/// Where two of them are together, Prometheus refuses both.
pub(super) fn logins(rule: &Rule, path: &str, node: &Node, findings: &mut Findings) {
    if crate::FULL
        && let Some(kind) = node.get("authorization.type")
        && kind
            .as_str()
            .is_some_and(|text| text.eq_ignore_ascii_case("basic"))
    {
        findings.push(
            rule.at(format!("{path}.authorization.type"), &kind.place)
                .found(kind.described())
                .expected("basic_auth, for a login by name and password")
                .why("Prometheus refuses its whole configuration: authorization cannot be of the type basic.")
                .fix("write basic_auth: {username: …, password: …} in place of authorization; for a token, type: Bearer"),
        );
    }
    let groups: [&[&str]; 5] = [
        &[
            "basic_auth",
            "authorization",
            "oauth2",
            "bearer_token",
            "bearer_token_file",
        ],
        &["password", "password_file"],
        &["username", "username_file"],
        &["credentials", "credentials_file"],
        &["client_secret", "client_secret_file"],
    ];
    for group in groups {
        let mut given = (group.iter()).filter_map(|key| Some((key, node.child(key)?)));
        if let (Some((first, other)), Some((last, node))) = (given.next(), given.next_back()) {
            let finding = rule
                .at(format!("{path}.{last}"), &node.place)
                .found(format!("{first} and {last}"))
                .expected("one of them")
                .why(text!("Prometheus refuses its whole configuration."))
                .fix("leave one")
                .related(other.place, "the other one");
            #[cfg(feature = "full")]
            let finding = match (empty(first, other), empty(last, node)) {
                (true, false) => finding
                    .fix(format!("remove {first}, which has no credentials"))
                    .remove(other),
                (false, true) => finding
                    .fix(format!("remove {last}, which has no credentials"))
                    .remove(node),
                _ => finding,
            };
            findings.push(finding);
        }
    }
}

/// Whether a login lacks what it is for.
#[cfg(feature = "full")]
fn empty(key: &str, login: &Node) -> bool {
    let secrets: &[&str] = match key {
        "basic_auth" => &["password", "password_file"],
        "authorization" => &["credentials", "credentials_file"],
        "oauth2" => &["client_secret", "client_secret_file"],
        _ => return login.as_str() == Some(""),
    };
    secrets.iter().all(|secret| login.child(secret).is_none())
}

fn check(values: &Values, findings: &mut Findings) {
    for (path, server) in values.list("prometheus.remoteWrite") {
        logins(&RULE, &path, server, findings);
        for (name, node) in server.child("headers").iter().flat_map(|h| h.entries()) {
            if name.eq_ignore_ascii_case("authorization") {
                let finding = RULE.finds(format!("{path}.headers.{name}"), &node.place, text!("the header authorization"), text!("authorization: {credentials: {secretName: …, secretKey: …}}"), text!("Prometheus refuses its whole configuration; and a ConfigMap is no place for a secret."))
                        .fix(text!("put the token into a Secret and name it in authorization"));
                #[cfg(feature = "full")]
                let finding = by_scheme(finding, node.as_str().unwrap_or_default());
                findings.push(finding);
            }
        }
    }
}

/// What replaces a header of that scheme: a Secret with the password, or with a token of another kind.
#[cfg(feature = "full")]
fn by_scheme(finding: crate::Finding, value: &str) -> crate::Finding {
    let mut words = value.split_whitespace();
    let scheme = words.next().filter(|_| words.next().is_some());
    match scheme.unwrap_or_default() {
        basic if basic.eq_ignore_ascii_case("basic") => {
            let new = "basic_auth: {username: …, password: {secretName: …, secretKey: …}}";
            let fix = "in place of the header, with the password in that Secret";
            finding.expected(new).fix(format!("write {new} {fix}"))
        }
        other if other.is_empty() || other.eq_ignore_ascii_case("bearer") => finding,
        other => {
            let new = format!(
                "authorization: {{type: {other}, credentials: {{secretName: …, secretKey: …}}}}"
            );
            let fix = format!("write {new} in place of the header, with the token in that Secret");
            finding.expected(new).fix(fix)
        }
    }
}
