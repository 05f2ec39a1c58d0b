//! What Alertmanager reads and the receiver's service does not take, and two logins.

use super::{CRASHES, RULE, Reader};
use crate::embedded::Text;
use crate::node::join;
use crate::{Finding, Node, Value};

const LOGINS: [&str; 5] = [
    "basic_auth",
    "authorization",
    "oauth2",
    "bearer_token",
    "bearer_token_file",
];

impl Reader<'_> {
    /// Of a receiver of that kind.
    pub(super) fn service(&mut self, path: &str, kind: &str, one: &Node) {
        if let Some(http) = one.child("http_config") {
            self.logins(&join(path, "http_config"), http);
        }
        let warning = |key: &str, place, found: String, expected: Text, why: Text| {
            (RULE.at(join(path, key), &place).found(found))
                .expected(expected)
                .why(why)
                .as_warning()
        };
        let mut found: Vec<Finding> = Vec::new();
        let key = |start: &str| one.entries().find(|(key, _)| key.starts_with(start));
        if let (Some((old, node)), Some((new, _))) = (key("service_key"), key("routing_key")) {
            found.push(
                warning(
                    old,
                    node.key_place(),
                    format!("{old} and {new}"),
                    text!("one of them"),
                    text!("Alertmanager sends to the old API with service_key, and ignores routing_key."),
                )
                .fix(format!("remove {old}, or {new} where the service has the old API"))
                .remove(node),
            );
        }
        if let Some(node) = one.child("channel").filter(|n| n.value == Value::Null) {
            found.push(
                warning(
                    "channel",
                    node.key_place(),
                    text!("channel without a text: what begins with # is a comment").to_string(),
                    text!("the channel in quotes"),
                    text!("Slack's API needs a channel, or uses the webhook's own."),
                )
                .fix(text!("put quotes around it: channel: \"#alerts\"")),
            );
        }
        let plain = |key: &str| {
            let node = one.child(key)?;
            Some((node, node.as_str().filter(|text| !text.contains('{'))?))
        };
        if let ("opsgenie_configs", Some((node, text))) = (kind, plain("priority"))
            && !matches!(text, "P1" | "P2" | "P3" | "P4" | "P5")
        {
            found.push(
                warning(
                    "priority",
                    node.place,
                    node.described(),
                    text!("P1, P2, P3, P4 or P5"),
                    text!("Opsgenie uses P3 instead."),
                )
                .fix(match text.to_ascii_lowercase().as_str() {
                    "critical" | "highest" => "write P1",
                    "high" | "warning" => "write P2",
                    _ => "write P3",
                }),
            );
        }
        if let Some((node, text)) = plain("to").filter(|(_, text)| !text.contains('@')) {
            found.push(
                warning(
                    "to",
                    node.place,
                    format!("{text:?}, without @"),
                    text!("an address such as team@example.com"),
                    text!("The mail server refuses it: no notification is sent there."),
                )
                .fix(text!("write the whole address")),
            );
        }
        self.findings.0.append(&mut found);
    }

    fn logins(&mut self, path: &str, http: &Node) {
        let mut given = LOGINS.iter().filter_map(|login| http.child(login));
        if let (Some(first), Some(second)) = (given.next(), given.next()) {
            self.push(
                RULE.finds(
                    path,
                    second.key_place(),
                    "two logins",
                    text!("one of basic_auth, authorization, oauth2, bearer_token_file"),
                    CRASHES,
                )
                .fix("remove one")
                .related(first.key_place(), "the other one"),
            );
        }
    }
}
