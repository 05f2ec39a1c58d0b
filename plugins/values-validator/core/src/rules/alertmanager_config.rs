//! Alertmanager checks its configuration strictly at its start: a key that it does not know, a duration
//! without its unit, a matcher that does not parse, a route to a receiver of another name or two
//! receivers of one name, and the pod crashes. Nobody is told of any alert then.

use super::Rule;
use crate::embedded::Text;
use crate::gotemplate::{Dialect, Fault, read};
use crate::node::join;
use crate::shape::nearest;
use crate::sorted::Sorted;
use crate::{Finding, Findings, Node, Severity, Value, Values, re2, units};

/// `alertmanager.config` as Alertmanager reads it.
pub const RULE: Rule = Rule {
    code: "alertmanager-config",
    severity: Severity::Error,
    title: text!("A configuration that Alertmanager refuses"),
    check,
};

const CRASHES: Text = text!(
    "Alertmanager refuses its configuration and does not start: nobody is told of any alert."
);

const TOP: Text = text!(
    "global route receivers inhibit_rules mute_time_intervals time_intervals templates tracing"
);
const ROUTE: Text = text!(
    "receiver group_by continue match match_re matchers group_wait group_interval repeat_interval routes mute_time_intervals active_time_intervals"
);
const INHIBIT: Text = text!(
    "name source_match source_match_re source_matchers target_match target_match_re target_matchers equal sources"
);
const INTERVAL: &str = "name time_intervals";
const TIMES: Text = text!("times weekdays days_of_month months years location");
const GLOBAL: Text = text!(
    "resolve_timeout http_config smtp_from smtp_hello smtp_smarthost smtp_auth_username smtp_auth_password smtp_auth_password_file smtp_auth_secret smtp_auth_secret_file smtp_auth_identity smtp_require_tls smtp_tls_config smtp_force_implicit_tls slack_api_url slack_api_url_file slack_app_token slack_app_token_file slack_app_url pagerduty_url opsgenie_api_url opsgenie_api_key opsgenie_api_key_file wechat_api_url wechat_api_secret wechat_api_secret_file wechat_api_corp_id victorops_api_url victorops_api_key victorops_api_key_file telegram_api_url telegram_bot_token telegram_bot_token_file webex_api_url rocketchat_api_url rocketchat_token rocketchat_token_file rocketchat_token_id rocketchat_token_id_file jira_api_url mattermost_webhook_url mattermost_webhook_url_file"
);
/// Kinds of receivers with their own keys; all take `send_resolved` and most `http_config`.
const RECEIVERS: [(&str, Text); 17] = [
    (
        "webhook_configs",
        text!("url url_file max_alerts timeout payload"),
    ),
    (
        "slack_configs",
        text!(
            "api_url api_url_file app_token app_token_file app_url channel username color title title_link pretext text fields short_fields footer fallback callback_id icon_emoji icon_url image_url thumb_url link_names mrkdwn_in actions timeout message_text update_message"
        ),
    ),
    (
        "email_configs",
        text!(
            "to from hello smarthost auth_username auth_password auth_password_file auth_secret auth_secret_file auth_identity headers html text require_tls tls_config force_implicit_tls threading"
        ),
    ),
    (
        "pagerduty_configs",
        text!(
            "routing_key routing_key_file service_key service_key_file url client client_url description details images links severity class component group source timeout"
        ),
    ),
    (
        "opsgenie_configs",
        text!(
            "api_key api_key_file api_url message description source details responders tags note priority entity actions update_alerts"
        ),
    ),
    (
        "victorops_configs",
        text!(
            "api_key api_key_file api_url routing_key message_type state_message entity_display_name monitoring_tool custom_fields"
        ),
    ),
    (
        "pushover_configs",
        text!(
            "user_key user_key_file token token_file title message url url_title device sound priority retry expire ttl html monospace"
        ),
    ),
    (
        "telegram_configs",
        text!(
            "api_url bot_token bot_token_file chat chat_id chat_id_file message message_thread_id disable_notifications parse_mode"
        ),
    ),
    (
        "msteams_configs",
        text!("webhook_url webhook_url_file title summary text"),
    ),
    (
        "msteamsv2_configs",
        text!("webhook_url webhook_url_file title text"),
    ),
    (
        "discord_configs",
        text!("webhook_url webhook_url_file title message content username avatar_url"),
    ),
    ("webex_configs", text!("api_url room_id message")),
    (
        "wechat_configs",
        text!(
            "api_secret api_secret_file api_url corp_id agent_id to_user to_party to_tag message message_type"
        ),
    ),
    (
        "sns_configs",
        text!("api_url sigv4 topic_arn phone_number target_arn subject message attributes"),
    ),
    (
        "jira_configs",
        text!(
            "api_url api_type project summary description labels priority issue_type reopen_transition resolve_transition wont_fix_resolution reopen_duration fields"
        ),
    ),
    (
        "rocketchat_configs",
        text!(
            "api_url channel token token_file token_id token_id_file color title title_link text fields short_fields emoji icon_url image_url thumb_url link_names actions"
        ),
    ),
    (
        "incidentio_configs",
        text!("url url_file alert_source_token alert_source_token_file max_alerts timeout"),
    ),
];
/// Keys that hold a duration.
const DURATIONS: Text =
    text!("group_wait group_interval repeat_interval resolve_timeout timeout reopen_duration");

struct Reader<'a> {
    findings: &'a mut Findings,
    intervals: Vec<&'a str>,
}

fn check(values: &Values, findings: &mut Findings) {
    let existing = values
        .get(text!("alertmanager.existingSecret").as_str())
        .and_then(Node::as_str);
    let (Some(config), None | Some("")) = (values.get("alertmanager.config"), existing) else {
        return;
    };
    let named = |key: &str| -> Vec<&str> {
        let items = config.child(key).map_or(&[][..], Node::items).iter();
        items
            .filter_map(|item| item.child("name")?.as_str())
            .collect()
    };
    let mut intervals = named("time_intervals");
    intervals.extend(named("mute_time_intervals"));
    let mut reader = Reader {
        intervals,
        findings,
    };
    let path = "alertmanager.config";
    reader.keys(path, config, TOP.as_str());
    if let Some(global) = config.child("global") {
        reader.keys(&join(path, "global"), global, GLOBAL.as_str());
    }
    match config.child("route") {
        Some(route) if !matches!(route.value, Value::Map(_)) => {}
        Some(route) => reader.route(&join(path, "route"), route, true),
        None => reader.say(
            path,
            config.place,
            "no route",
            "route: {receiver: …}",
            text!("add route with a receiver").as_str(),
        ),
    }
    reader.names(path, config, "receivers");
    reader.names(path, config, "time_intervals");
    for (at, receiver) in items(config, "receivers") {
        reader.receiver(&format!("{path}.receivers[{at}]"), receiver);
    }
    for (at, rule) in items(config, "inhibit_rules") {
        let path = format!("{path}.inhibit_rules[{at}]");
        reader.keys(&path, rule, INHIBIT.as_str());
        for key in ["source_matchers", "target_matchers"] {
            reader.matchers(&path, rule, key);
        }
    }
    for key in ["time_intervals", "mute_time_intervals"] {
        for (at, interval) in items(config, key) {
            let path = format!("{path}.{key}[{at}]");
            reader.keys(&path, interval, INTERVAL);
            for (at, times) in items(interval, "time_intervals") {
                reader.keys(
                    &format!("{path}.time_intervals[{at}]"),
                    times,
                    TIMES.as_str(),
                );
            }
        }
    }
}

fn items<'a>(node: &'a Node, key: &str) -> impl Iterator<Item = (usize, &'a Node)> {
    node.child(key)
        .map_or(&[][..], Node::items)
        .iter()
        .enumerate()
}

impl Reader<'_> {
    fn say(
        &mut self,
        path: &str,
        place: crate::Place,
        found: impl Into<String>,
        expected: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.push(
            RULE.at(path, &place)
                .found(found)
                .expected(expected)
                .why(CRASHES)
                .fix(fix),
        );
    }

    fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Keys that are none, and durations that are none.
    fn keys(&mut self, path: &str, node: &Node, known: &str) {
        for (key, value) in node.entries() {
            let below = join(path, key);
            if !known.split(' ').any(|k| k == key) {
                let near = nearest(key, known.split(' '));
                let finding = RULE
                    .at(&below, value.key_place())
                    .found(format!("the key {key:?}"))
                    .expected(if near.is_some() {
                        text!("a key that Alertmanager knows").as_str().to_owned()
                    } else {
                        known.replace(' ', ", ")
                    })
                    .why(CRASHES);
                self.push(match near {
                    Some(near) if node.child(near).is_none() => finding
                        .fix(format!("did you mean {near}?"))
                        .replace(value.key_place(), near),
                    _ => finding.fix("remove the key"),
                });
            } else if DURATIONS.split(' ').any(|k| k == key) {
                self.duration(&below, value);
            }
        }
    }

    fn duration(&mut self, path: &str, node: &Node) {
        let written = match &node.value {
            Value::Text(text) => text.clone(),
            Value::Int(number) => number.to_string(),
            _ => {
                return self.say(
                    path,
                    node.place,
                    node.described(),
                    text!("a duration such as 30s or 4h").as_str(),
                    "write 30s",
                );
            }
        };
        if written == "0" || written.is_empty() {
            return;
        }
        match units::seconds(&written) {
            Some(seconds) => {
                let needed = path.ends_with("group_interval") || path.ends_with("repeat_interval");
                if seconds == 0.0 && needed {
                    self.say(path, node.place, written, "a duration above 0", "write 5m");
                }
            }
            None => {
                let number = written.parse::<u64>().is_ok();
                let finding = RULE
                    .at(path, &node.place)
                    .found(node.described())
                    .expected(text!("a duration with its unit, such as 30s, 5m or 4h"))
                    .why(CRASHES);
                self.push(if number {
                    finding
                        .fix(format!("write {written}s"))
                        .replace(node.place, format!("{written}s"))
                } else {
                    finding.fix("write 30s, 5m or 4h")
                });
            }
        }
    }

    fn names(&mut self, path: &str, config: &Node, key: &str) {
        let mut seen = Sorted::default();
        for (at, item) in items(config, key) {
            let path = format!("{path}.{key}[{at}].name");
            let Some(node) = item.child("name") else {
                self.say(&path, item.place, "no name", "a name", "add name");
                continue;
            };
            let Some(name) = node.as_str() else { continue };
            if let Some(first) = seen.insert(name, node.place) {
                self.push(
                    RULE.at(&path, &node.place)
                        .found(format!("{name}, twice"))
                        .expected(text!("a name of its own for each"))
                        .why(CRASHES)
                        .fix(text!("rename one, or put both into one"))
                        .related(first, "the other one"),
                );
            }
        }
    }

    fn route(&mut self, path: &str, route: &Node, first: bool) {
        self.keys(path, route, ROUTE.as_str());
        match route.child("receiver") {
            None if first => self.say(
                &join(path, "receiver"),
                route.place,
                "no receiver",
                text!("the receiver of every alert that no route below takes").as_str(),
                "add receiver",
            ),
            _ => {}
        }
        if first {
            for key in ["match", "match_re", "matchers"] {
                if let Some(node) = route
                    .child(key)
                    .filter(|n| n.entries().count() + n.items().len() > 0)
                {
                    self.say(
                        &join(path, key),
                        node.key_place(),
                        format!("{key} in the first route"),
                        text!("a first route that takes every alert").as_str(),
                        text!("put it into a route below: routes: [{receiver: …, matchers: […]}]")
                            .as_str(),
                    );
                }
            }
        }
        self.matchers(path, route, "matchers");
        for (key, node) in route.child("match_re").into_iter().flat_map(Node::entries) {
            if let Some(why) = node.as_str().and_then(re2::refused) {
                self.say(
                    &join(&join(path, "match_re"), key),
                    node.place,
                    why,
                    text!("a regular expression of RE2").as_str(),
                    "close each bracket",
                );
            }
        }
        for (at, label) in items(route, "group_by") {
            let Some(name) = label.as_str() else { continue };
            let labels = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && !name.starts_with(|c: char| c.is_ascii_digit());
            if name != "..." && !labels {
                self.say(
                    &format!("{path}.group_by[{at}]"),
                    label.place,
                    format!("{name:?}"),
                    text!("a label's name, or '...'").as_str(),
                    "write the label's name",
                );
            }
        }
        for key in ["mute_time_intervals", "active_time_intervals"] {
            for (at, name) in items(route, key) {
                let text = name.as_str().unwrap_or("");
                if !self.intervals.contains(&text) {
                    self.say(
                        &format!("{path}.{key}[{at}]"),
                        name.place,
                        format!("{text:?}, which is not in time_intervals"),
                        "one of time_intervals",
                        text!("add it to time_intervals").as_str(),
                    );
                }
            }
        }
        for (at, below) in items(route, "routes") {
            self.route(&format!("{path}.routes[{at}]"), below, false);
        }
    }

    fn matchers(&mut self, path: &str, node: &Node, key: &str) {
        let Some(list) = node.child(key) else { return };
        if let Some(text) = list.as_str() {
            return self.say(
                &join(path, key),
                list.place,
                format!("the text {text:?}"),
                "a list of matchers",
                format!("write [{text:?}]"),
            );
        }
        for (at, matcher) in list.items().iter().enumerate() {
            let path = format!("{path}.{key}[{at}]");
            let Some(text) = matcher.as_str() else {
                continue;
            };
            match parts(text) {
                Err(meant) => {
                    let finding = RULE
                        .at(&path, &matcher.place)
                        .found(format!("{text:?}"))
                        .expected(text!("label, operator and text: severity=\"critical\""))
                        .why(CRASHES);
                    self.push(match meant {
                        Some(meant) => finding
                            .fix(format!("write {meant}"))
                            .replace(matcher.place, format!("'{meant}'")),
                        None => {
                            finding.fix(text!("write severity=\"critical\", or =~ for a pattern"))
                        }
                    });
                }
                Ok((label, operator, value)) => {
                    if operator.ends_with('~')
                        && let Some(why) = re2::refused(&value)
                    {
                        self.say(
                            &path,
                            matcher.place,
                            format!("{value:?}: {why}"),
                            text!("a regular expression of RE2").as_str(),
                            text!("close each bracket; write .* for any text").as_str(),
                        );
                    }
                    let known = ["critical", "warning", "info", "none"];
                    let fits = |pattern: &str| {
                        re2::whole(pattern).is_none_or(|p| known.iter().any(|k| p.is_match(k)))
                    };
                    let none = match operator {
                        "=" => !value.is_empty() && !known.contains(&value.as_str()),
                        "=~" => !fits(&value),
                        _ => false,
                    };
                    if label == "severity" && none {
                        let mut finding = RULE
                            .at(&path, &matcher.place)
                            .found(format!("severity {value:?}"))
                            .expected(text!(
                                "critical, warning or info: those of the chart's alerts"
                            ))
                            .why(text!(
                                "No alert of this chart has it: the route takes none of them."
                            ))
                            .fix(match value.to_ascii_lowercase().as_str() {
                                "page" | "high" | "error" | "p1" | "sev1" | "crit" => {
                                    text!("write severity=\"critical\"").as_str()
                                }
                                "low" | "warn" | "ticket" => {
                                    text!("write severity=\"warning\"").as_str()
                                }
                                _ => text!("write critical, warning or info").as_str(),
                            });
                        finding.severity = Severity::Warning;
                        self.push(finding);
                    }
                }
            }
        }
    }

    fn receiver(&mut self, path: &str, receiver: &Node) {
        let known = RECEIVERS.map(|(kind, _)| kind);
        for (key, value) in receiver.entries() {
            if key == "name" {
                continue;
            }
            let below = join(path, key);
            let Some((_, fields)) = RECEIVERS.iter().find(|(kind, _)| *kind == key) else {
                let finding = RULE
                    .at(&below, value.key_place())
                    .found(format!("the key {key:?}"))
                    .expected(text!("a kind of receiver, such as slack_configs, webhook_configs, email_configs or pagerduty_configs"))
                    .why(CRASHES);
                self.push(match nearest(key, known) {
                    Some(near) => finding
                        .fix(format!("did you mean {near}?"))
                        .replace(value.key_place(), near),
                    None => finding.fix("remove the key"),
                });
                continue;
            };
            if matches!(value.value, Value::Map(_)) {
                self.say(
                    &below,
                    value.place,
                    "a map",
                    "a list",
                    format!("write {key}: [{{…}}]"),
                );
                continue;
            }
            let fields = format!("{fields} send_resolved http_config");
            for (at, one) in value.items().iter().enumerate() {
                let below = format!("{below}[{at}]");
                self.keys(&below, one, &fields);
                let needs: &[&[&str]] = match key {
                    "webhook_configs" => &[&["url", "url_file"]],
                    "email_configs" => &[&["to"]],
                    "pagerduty_configs" => &[&[
                        "routing_key",
                        "routing_key_file",
                        "service_key",
                        "service_key_file",
                    ]],
                    "telegram_configs" => &[&["chat_id", "chat_id_file", "chat"]],
                    "discord_configs" | "msteams_configs" | "msteamsv2_configs" => {
                        &[&["webhook_url", "webhook_url_file"]]
                    }
                    "pushover_configs" => {
                        &[&["user_key", "user_key_file"], &["token", "token_file"]]
                    }
                    _ => &[],
                };
                for need in needs {
                    if !need.iter().any(|field| one.child(field).is_some()) {
                        self.say(
                            &below,
                            one.place,
                            format!("no {}", need[0]),
                            need.join(" or "),
                            format!("add {}", need[0]),
                        );
                    }
                }
                for (name, text) in one.entries() {
                    if let Some(template) = text.as_str().filter(|t| t.contains("{{"))
                        && let Err(Fault { text: found, .. }) = read(template, Dialect::Helm)
                    {
                        self.say(
                            &join(&below, name),
                            text.place,
                            found,
                            text!("a template that Alertmanager can expand").as_str(),
                            text!("close each {{ with }}, and each block with {{ end }}").as_str(),
                        );
                    }
                    if name == "url"
                        && text
                            .as_str()
                            .is_some_and(|url| !url.contains("://") && !url.contains("{{"))
                    {
                        self.say(
                            &join(&below, name),
                            text.place,
                            text.described(),
                            text!("a URL with http:// or https://").as_str(),
                            format!("write http://{}", text.as_str().unwrap_or("")),
                        );
                    }
                }
            }
        }
    }
}

/// Label, operator and text of a matcher; else what is meant, where that can be told.
fn parts(text: &str) -> Result<(String, &'static str, String), Option<String>> {
    let bare = text
        .trim()
        .trim_start_matches('{')
        .trim_end_matches('}')
        .trim();
    let operator = ["=~", "!~", "!=", "="]
        .into_iter()
        .filter_map(|op| Some((bare.find(op)?, op)))
        .min_by_key(|(at, op)| (*at, std::cmp::Reverse(op.len())));
    let Some((at, operator)) = operator else {
        let words: Vec<&str> = bare.split_whitespace().collect();
        return Err(match words[..] {
            [label, "is" | ":" | "eq", value] | [label, value] => Some(format!(
                "{}={:?}",
                label.trim_end_matches(':'),
                value.trim_matches('"')
            )),
            _ => bare.split_once(':').map(|(label, value)| {
                format!("{}={:?}", label.trim(), value.trim().trim_matches('"'))
            }),
        });
    };
    let label = bare[..at].trim();
    let value = bare[at + operator.len()..].trim();
    if value.starts_with('=') {
        return Err(Some(format!(
            "{label}={:?}",
            value.trim_start_matches('=').trim().trim_matches('"')
        )));
    }
    let quoted = value.len() >= 2 && value.starts_with('"') && value.ends_with('"');
    let half = !quoted && value.contains('"');
    let inner = if quoted {
        &value[1..value.len() - 1]
    } else {
        value
    };
    // Without quotes blanks and brackets end the text.
    let odd = !quoted && value.contains(|c: char| "{}!=~,\\'`".contains(c) || c.is_whitespace());
    if label.is_empty() || label.contains(char::is_whitespace) || half || odd {
        let meant = format!(
            "{label}{operator}\"{}\"",
            value.trim_matches(|c| c == '"' || c == '\'')
        );
        return Err((!label.is_empty() && !label.contains(char::is_whitespace)).then_some(meant));
    }
    Ok((
        label.trim_matches('"').to_owned(),
        operator,
        inner.replace("\\\\", "\\"),
    ))
}
