//! The value of a key that Alertmanager knows: a list, a boolean or a text where it wants one, and a text that
//! the receiver's service can use.

use super::known::{HTTP, LISTS, PLAIN, SWITCHES};
use super::{CRASHES, RULE, Reader};
use crate::{Node, Severity, Value};

impl Reader<'_> {
    /// Lists and booleans, which nothing else may stand for. Null is nothing to Alertmanager.
    pub(super) fn shape(&mut self, path: &str, key: &str, node: &Node) {
        // Jira's fields are a map of anything.
        let listed =
            LISTS.split(' ').any(|k| k == key) && !(key == "fields" && path.contains("jira"));
        let switch = SWITCHES.split(' ').any(|k| k == key);
        let plain = PLAIN.split(' ').any(|k| k == key);
        if let (true, Value::List(items)) = (plain, &node.value) {
            let words: Option<Vec<&str>> = items.iter().map(Node::as_str).collect();
            let meant = words.map(|words| format!("'{}'", words.join(", ")));
            let finding = RULE
                .at(path, &node.place)
                .found(node.described())
                .expected(if key == "to" {
                    "one text, addresses with commas between them"
                } else {
                    "one text"
                })
                .why(CRASHES);
            self.push(match meant {
                Some(meant) => finding
                    .fix(format!("write {meant}"))
                    .replace(node.place, meant),
                None => finding.fix("write one text"),
            });
            return;
        }
        if let (true, Value::Null) = (key == "channel", &node.value) {
            let mut finding = RULE
                .at(path, node.key_place())
                .found(text!(
                    "channel without a text: what begins with # is a comment"
                ))
                .expected(text!("the channel in quotes"))
                .why(text!(
                    "Slack's API needs a channel, or uses the webhook's own."
                ))
                .fix(text!("put quotes around it: channel: \"#alerts\""));
            finding.severity = Severity::Warning;
            self.push(finding);
            return;
        }
        let pairs = matches!(
            key,
            "match"
                | "match_re"
                | "source_match"
                | "source_match_re"
                | "target_match"
                | "target_match_re"
        );
        if let (true, Value::List(_)) = (pairs, &node.value) {
            let meant = format!("{}matchers", key.split("match").next().unwrap_or(""));
            self.push(
                RULE.at(path, node.key_place())
                    .found(node.described())
                    .expected(format!("{meant}, which has a list"))
                    .why(CRASHES)
                    .fix(format!("write {meant}"))
                    .replace(node.key_place(), meant),
            );
            return;
        }
        if let (true, Value::Text(text)) = (
            matches!(
                key,
                "max_alerts" | "priority" | "message_thread_id" | "chat_id"
            ),
            &node.value,
        ) && key != "priority"
            && text.parse::<i64>().is_err()
        {
            return self.say(
                path,
                node.place,
                node.described(),
                "a number",
                "write a number",
            );
        }
        if key == "priority"
            && path.contains("opsgenie")
            && let Some(text) = node.as_str().filter(|t| !t.contains('{'))
            && !matches!(text, "P1" | "P2" | "P3" | "P4" | "P5")
        {
            let mut finding = RULE
                .at(path, &node.place)
                .found(node.described())
                .expected("P1, P2, P3, P4 or P5")
                .why(text!("Opsgenie uses P3 instead."))
                .fix(match text.to_ascii_lowercase().as_str() {
                    "critical" | "highest" => "write P1",
                    "high" | "warning" => "write P2",
                    _ => "write P3",
                });
            finding.severity = Severity::Warning;
            self.push(finding);
            return;
        }
        if key == "to"
            && let Some(text) = node
                .as_str()
                .filter(|t| !t.contains('@') && !t.contains('{'))
        {
            let mut finding = RULE
                .at(path, &node.place)
                .found(format!("{text:?}, without @"))
                .expected("an address such as team@example.com")
                .why(text!(
                    "The mail server refuses it: no notification is sent there."
                ))
                .fix("write the whole address");
            finding.severity = Severity::Warning;
            self.push(finding);
            return;
        }
        match key {
            "http_config" => {
                self.keys(path, node, HTTP.as_str());
                let logins = [
                    "basic_auth",
                    "authorization",
                    "oauth2",
                    "bearer_token",
                    "bearer_token_file",
                ];
                let mut given = logins.iter().filter_map(|login| node.child(login));
                if let (Some(first), Some(second)) = (given.next(), given.next()) {
                    self.push(
                        RULE.at(path, second.key_place())
                            .found("two logins")
                            .expected(text!(
                                "one of basic_auth, authorization, oauth2, bearer_token_file"
                            ))
                            .why(CRASHES)
                            .fix("remove one")
                            .related(first.key_place(), "the other one"),
                    );
                }
            }
            "basic_auth" => self.keys(path, node, "username username_file password password_file"),
            _ => {}
        }
        let right = match node.value {
            Value::Null => true,
            Value::List(_) => listed || !switch,
            Value::Bool(_) => switch || !listed,
            _ => !listed && !switch,
        };
        if right {
            return;
        }
        let finding = RULE
            .at(path, &node.place)
            .found(node.described())
            .expected(if listed { "a list" } else { "true or false" })
            .why(CRASHES);
        let text = node.as_str().unwrap_or("");
        self.push(match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" if switch => {
                finding.fix("write true").replace(node.place, "true")
            }
            "false" | "no" | "off" if switch => {
                finding.fix("write false").replace(node.place, "false")
            }
            _ if switch => finding.fix("write true or false"),
            _ if text.is_empty() => finding.fix(format!("write {key}: [{{…}}]")),
            _ if key == "templates" => finding
                .fix(format!("write {key}: [{text:?}]"))
                .replace(node.place, format!("[{text:?}]")),
            _ => {
                let items = text.replace(',', " ");
                let items: Vec<&str> = items.split_whitespace().collect();
                let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
                if items.iter().all(|item| item.chars().all(plain)) {
                    let list = format!("[{}]", items.join(", "));
                    finding
                        .fix(format!("write {key}: {list}"))
                        .replace(node.place, list)
                } else {
                    finding.fix(format!("write {key}: [{text:?}]"))
                }
            }
        });
    }
}
