//! Alertmanager checks its configuration strictly at its start: a key that it does not know, a duration
//! without its unit, a matcher that does not parse, a route to a receiver of another name or two
//! receivers of one name, and the pod crashes. No notification is sent then.

use super::Rule;
use super::alertmanager_receivers::{NEEDS, RECEIVERS};
use super::look::walk;
use super::time_intervals::faults;
use crate::embedded::Text;
use crate::gotemplate::{Dialect, Fault, closed, read};
use crate::node::join;
use crate::shape::{nearest, reworded};
use crate::sorted::{Names, Sorted};
use crate::url::Url;
use crate::{Finding, Findings, Node, Severity, Value, Values, re2, units};

/// `alertmanager.config` as Alertmanager reads it.
pub const RULE: Rule = Rule {
    code: "alertmanager-config",
    severity: Severity::Error,
    title: text!("A configuration that Alertmanager refuses"),
    check,
};

const CRASHES: Text =
    text!("Alertmanager refuses its configuration and does not start: no notification is sent.");

const TOP: Text = text!(
    "global route receivers inhibit_rules mute_time_intervals time_intervals templates tracing event_recorder"
);
const ROUTE: Text = text!(
    "receiver group_by continue match match_re matchers group_wait group_interval repeat_interval routes mute_time_intervals active_time_intervals labels"
);
const INHIBIT: Text = text!(
    "name source_match source_match_re source_matchers target_match target_match_re target_matchers equal sources"
);
const INTERVAL: &str = "name time_intervals";
const TIMES: Text = text!("times weekdays days_of_month months years location");
const GLOBAL: Text = text!(
    "resolve_timeout http_config smtp_from smtp_hello smtp_smarthost smtp_auth_username smtp_auth_password smtp_auth_password_file smtp_auth_secret smtp_auth_secret_file smtp_auth_identity smtp_require_tls smtp_tls_config smtp_force_implicit_tls slack_api_url slack_api_url_file slack_app_token slack_app_token_file slack_app_url pagerduty_url opsgenie_api_url opsgenie_api_key opsgenie_api_key_file wechat_api_url wechat_api_secret wechat_api_secret_file wechat_api_corp_id victorops_api_url victorops_api_key victorops_api_key_file telegram_api_url telegram_bot_token telegram_bot_token_file webex_api_url rocketchat_api_url rocketchat_token rocketchat_token_file rocketchat_token_id rocketchat_token_id_file jira_api_url mattermost_webhook_url mattermost_webhook_url_file"
);
/// Keys that hold a duration.
const DURATIONS: Text =
    text!("group_wait group_interval repeat_interval resolve_timeout timeout reopen_duration");

/// Keys that hold a list, and keys that hold true or false.
const LISTS: Text = text!(
    "routes receivers inhibit_rules time_intervals mute_time_intervals active_time_intervals templates group_by equal times weekdays days_of_month months years sources actions fields images links responders"
);
const SWITCHES: Text = text!(
    "continue send_resolved require_tls smtp_require_tls smtp_force_implicit_tls force_implicit_tls short_fields link_names disable_notifications html_mode update_alerts"
);

/// Keys that hold one text.
const PLAIN: Text = text!(
    "to from smarthost smtp_from smtp_smarthost channel url api_url webhook_url routing_key service_key receiver name"
);
/// Keys of `http_config`, from Prometheus' common library.
const HTTP: Text = text!(
    "basic_auth authorization oauth2 bearer_token bearer_token_file tls_config follow_redirects enable_http2 proxy_url no_proxy proxy_from_environment proxy_connect_header http_headers"
);

struct Reader<'a> {
    findings: &'a mut Findings,
    intervals: Vec<&'a str>,
    global: Option<&'a Node>,
    /// Names of this chart's alerts and of those added.
    alerts: Names,
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
    let alerts = (values.map("rules.alerts"))
        .map(|(_, name, _)| name)
        .chain(
            (values.list("rules.additionalAlerts")).filter_map(|(_, a)| a.child("alert")?.as_str()),
        )
        .collect();
    let mut reader = Reader {
        intervals,
        findings,
        global: config.child("global"),
        alerts,
    };
    let path = "alertmanager.config";
    if !matches!(config.value, Value::Map(_)) {
        return reader.say(
            path,
            config.key_place(),
            "a text",
            text!("a map: route and receivers below it, without |").as_str(),
            text!("remove the | behind config").as_str(),
        );
    }
    reader.keys(path, config, TOP.as_str());
    if let Some(global) = config.child("global") {
        let path = join(path, "global");
        reader.keys(&path, global, GLOBAL.as_str());
        reader.fields(&path, global);
    }
    match config.child("route") {
        Some(route) if !matches!(route.value, Value::Map(_)) => reader.say(
            &join(path, "route"),
            route.key_place(),
            route.described(),
            "a map",
            text!("write route: {receiver: …}, and further ones in its routes").as_str(),
        ),
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
        for (at, label) in items(rule, "equal") {
            let name = label.as_str().unwrap_or("");
            reader.known_label(&format!("{path}.equal[{at}]"), label, name, false);
        }
    }
    for key in ["time_intervals", "mute_time_intervals"] {
        for (at, interval) in items(config, key) {
            let path = format!("{path}.{key}[{at}]");
            reader.keys(&path, interval, INTERVAL);
            for (at, times) in items(interval, "time_intervals") {
                let path = format!("{path}.time_intervals[{at}]");
                reader.keys(&path, times, TIMES.as_str());
                for (path, place, found, expected, fix) in faults(&path, times) {
                    reader.say(&path, place, found, expected, fix);
                }
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
                let near =
                    nearest(key, known.split(' ')).or_else(|| reworded(key, known.split(' ')));
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
                    Some(near) if node.child(near).is_none_or(Node::is_default) => finding
                        .fix(format!("did you mean {near}?"))
                        .replace(value.key_place(), near),
                    _ => match known
                        .split(' ')
                        .find(|k| key.len() >= 4 && k.starts_with(key))
                    {
                        Some(near) if node.child(near).is_none() => finding
                            .fix(format!("did you mean {near}?"))
                            .replace(value.key_place(), near),
                        _ => finding.fix("remove the key"),
                    },
                });
            } else if DURATIONS.split(' ').any(|k| k == key) {
                self.duration(&below, value);
            } else {
                self.shape(&below, key, value);
            }
        }
    }

    /// Lists and booleans, which nothing else may stand for. Null is nothing to Alertmanager.
    fn shape(&mut self, path: &str, key: &str, node: &Node) {
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
                    self.push(
                        RULE.at(path, &node.place)
                            .found(written)
                            .expected("a duration above 0")
                            .why(CRASHES)
                            .fix("write 5m")
                            .replace(node.place, "5m"),
                    );
                }
            }
            None => {
                let number = written.parse::<u64>().is_ok();
                let finding = RULE
                    .at(path, &node.place)
                    .found(node.described())
                    .expected(text!("a duration with its unit, such as 30s, 5m or 4h"))
                    .why(CRASHES);
                let meant = if number {
                    Some(format!("{written}s"))
                } else {
                    units::meant(&written)
                };
                self.push(if let Some(meant) = meant {
                    finding
                        .fix(format!("write {meant}"))
                        .replace(node.place, meant)
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
        let mut grouped = Names::default();
        let several = items(route, "group_by").count() > 1;
        for (at, label) in items(route, "group_by") {
            let Some(name) = label.as_str() else { continue };
            let path_of = format!("{path}.group_by[{at}]");
            if !grouped.insert(name) {
                self.say(
                    &path_of,
                    label.place,
                    format!("{name}, twice"),
                    "each label once",
                    "remove one",
                );
            }
            if name == "..." && several {
                self.say(
                    &path_of,
                    label.place,
                    text!("'...' beside other labels").as_str(),
                    text!("'...' alone, which is every label, or the labels").as_str(),
                    text!("leave '...' alone, or remove it").as_str(),
                );
            }
            let labels = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && !name.starts_with(|c: char| c.is_ascii_digit());
            self.known_label(&path_of, label, name, false);
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
                    let finding = RULE
                        .at(format!("{path}.{key}[{at}]"), &name.place)
                        .found(format!("{text:?}, which is not in time_intervals"))
                        .expected("one of time_intervals")
                        .why(CRASHES);
                    let near = nearest(text, self.intervals.iter().copied());
                    self.push(match near {
                        Some(near) => finding
                            .fix(format!("did you mean {near}?"))
                            .replace(name.place, near),
                        None => finding.fix(text!("add it to time_intervals")),
                    });
                }
            }
        }
        for (at, below) in items(route, "routes") {
            self.route(&format!("{path}.routes[{at}]"), below, false);
        }
    }

    fn matchers(&mut self, path: &str, node: &Node, key: &str) {
        let Some(list) = node.child(key) else { return };
        let pairs: Option<Vec<String>> = match &list.value {
            Value::Map(_) => list
                .entries()
                .map(|(label, value)| Some(format!("'{label}={:?}'", value.as_str()?)))
                .collect(),
            _ => None,
        };
        if let Some(pairs) = pairs.filter(|pairs| !pairs.is_empty()) {
            let meant = format!("[{}]", pairs.join(", "));
            return self.push(
                RULE.at(join(path, key), list.place.max(list.key_place()))
                    .found(list.described())
                    .expected("a list of matchers")
                    .why(CRASHES)
                    .fix(format!("write {key}: {meant}"))
                    .replace(list.place, meant),
            );
        }
        if let (true, Some(text)) = (key.ends_with("matchers"), list.as_str()) {
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
                // As the operator's AlertmanagerConfig has them.
                let part = |key: &str| matcher.child(key).and_then(Node::as_str);
                let finding = RULE
                    .at(&path, &matcher.place)
                    .found(matcher.described())
                    .expected(text!("label, operator and text: severity=\"critical\""))
                    .why(CRASHES);
                self.push(match (part("name"), part("value")) {
                    (Some(name), Some(value)) => {
                        let operator = part("matchType").unwrap_or("=");
                        let meant = format!("'{name}{operator}{value:?}'");
                        finding
                            .fix(format!("write {meant}"))
                            .replace(matcher.place, meant)
                    }
                    _ => finding.fix(text!("write severity=\"critical\", or =~ for a pattern")),
                });
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
                    self.labelled(&path, matcher, &label, operator, &value);
                    let known = ["critical", "warning", "info", "none"];
                    let fits = |pattern: &str| {
                        re2::whole(pattern).is_none_or(|p| known.iter().any(|k| p.is_match(k)))
                    };
                    let none = match operator {
                        "=" => !value.is_empty() && !known.contains(&value.as_str()),
                        "=~" => {
                            !fits(&value) || { value.split('|') }
                                .any(|part| matches!(part, "warn" | "crit"))
                        }
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
                        if operator == "=~" && value.contains('|') {
                            let parts = value.split('|').map(|part| match part {
                                "warn" => "warning",
                                "crit" => "critical",
                                other => other,
                            });
                            let new = parts.collect::<Vec<_>>().join("|");
                            if new != value {
                                finding = finding
                                    .fix(format!("write severity=~{new:?}"))
                                    .replace(matcher.place, format!("'severity=~{new:?}'"));
                            }
                        } else if let Some(meant) = finding.fix.text.strip_prefix("write severity=")
                        {
                            let meant = format!("'severity={meant}'");
                            finding = finding.replace(matcher.place, meant);
                        }
                        self.push(finding);
                    }
                }
            }
        }
    }

    fn receiver(&mut self, path: &str, receiver: &Node) {
        let known = RECEIVERS.map(|(kind, _)| kind);
        for (key, value) in receiver.entries() {
            if matches!(key, "name" | "labels") {
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
                for (at, responder) in items(one, "responders") {
                    const TYPES: Text = text!("team teams user escalation schedule");
                    if let Some(node) = responder.child("type")
                        && let Some(text) = node.as_str()
                        && !text.contains("{{")
                        && !TYPES.split(' ').any(|t| t.eq_ignore_ascii_case(text))
                    {
                        self.say(
                            &format!("{below}.responders[{at}].type"),
                            node.place,
                            node.described(),
                            TYPES.replace(' ', ", "),
                            "write team",
                        );
                    }
                }
                self.needs(&below, key, one);
                self.fields(&below, one);
                let mut texts: Vec<(String, &Node)> = Vec::new();
                walk(one, &below, &mut |path, _, node| {
                    texts.push((path.to_owned(), node))
                });
                for (name, text) in texts {
                    if let Some(template) = text.as_str().filter(|t| t.contains("{{"))
                        && let Err(Fault {
                            text: found, meant, ..
                        }) = read(template, Dialect::Message)
                    {
                        let fix = match meant {
                            Some((word, new)) if word != new => format!("write {new} for {word}"),
                            _ if found.starts_with('`') && found.contains("function") => {
                                "write eq .Status \"firing\"".to_owned()
                            }
                            _ => text!("close each {{ with }}, and each block with {{ end }}")
                                .as_str()
                                .to_owned(),
                        };
                        let finding = RULE
                            .at(name, &text.place)
                            .found(found)
                            .expected(text!("a template that Alertmanager can expand"))
                            .why(CRASHES)
                            .fix(fix);
                        self.push(match closed(template, Dialect::Message) {
                            Some(new) => finding
                                .fix(format!("write {new}"))
                                .replace(text.place, format!("{new:?}")),
                            None => finding,
                        });
                    }
                }
            }
        }
    }

    /// What a receiver cannot do without, in itself or in `global`.
    fn needs(&mut self, path: &str, kind: &str, one: &Node) {
        for (of, fields, globals) in NEEDS {
            let in_global = |key: &str| self.global.is_some_and(|g| g.child(key).is_some());
            let given = fields.split(' ').any(|field| one.get(field).is_some())
                || globals.split(' ').any(in_global);
            if *of != kind || given {
                continue;
            }
            let first = fields.split(' ').next().unwrap_or("");
            let other = match first {
                "webhook_url" | "api_url" => one.child("url").or_else(|| one.child("webhook_url")),
                "routing_key" => one.child("integration_key"),
                "url" => one.child("webhook_url").or_else(|| one.child("api_url")),
                _ => None,
            };
            if let Some(other) = other {
                self.push(
                    RULE.at(path, other.key_place())
                        .found(format!("no {first}"))
                        .expected(first)
                        .why(CRASHES)
                        .fix(format!("write {first}"))
                        .replace(other.key_place(), first),
                );
                continue;
            }
            let mut expected = fields.replace(' ', " or ");
            if let Some(global) = globals.split(' ').next().filter(|g| !g.is_empty()) {
                expected.push_str(&format!(", or global.{global} for all"));
            }
            self.say(
                path,
                one.place,
                format!("no {first}"),
                expected,
                format!("add {first}"),
            );
        }
    }

    /// Addresses, and fields that exclude each other.
    fn fields(&mut self, path: &str, node: &Node) {
        for (name, value) in node.entries() {
            let below = join(path, name);
            if node.child(&format!("{name}_file")).is_some() {
                self.say(
                    &below,
                    value.place,
                    format!("{name} and {name}_file"),
                    "one of them",
                    format!("remove {name}, or {name}_file"),
                );
            }
            let Some(text) = value
                .as_str()
                .filter(|t| !t.contains("{{") && !t.is_empty())
            else {
                continue;
            };
            if matches!(name, "smarthost" | "smtp_smarthost") {
                let port = text
                    .rsplit_once(':')
                    .and_then(|(_, port)| port.parse::<u16>().ok());
                if port.is_none() || text.contains("://") {
                    let host = Url::of(text).host;
                    self.say(
                        &below,
                        value.place,
                        value.described(),
                        text!("host:port of the mail server").as_str(),
                        format!("write {host}:587, or {host}:25 for a relay without login"),
                    );
                }
            }
            let address =
                name == "url" || name.ends_with("api_url") || name.ends_with("webhook_url");
            let url = Url::of(text);
            if address && (!matches!(url.scheme, Some("http" | "https")) || url.host.is_empty()) {
                let host = text.rsplit_once("://").map_or(text, |(_, host)| host);
                self.say(
                    &below,
                    value.place,
                    if name == "url" {
                        value.described()
                    } else {
                        format!("a text without http:// or https:// in {name}")
                    },
                    text!("a URL with http:// or https://").as_str(),
                    if name == "url" {
                        let web = if url.public() || host.contains(".com") {
                            "https"
                        } else {
                            "http"
                        };
                        format!("write {web}://{host}")
                    } else {
                        "write https:// before it".into()
                    },
                );
            }
        }
    }

    /// A label that no alert has and that is near to one that they have.
    fn known_label(&mut self, path: &str, node: &Node, label: &str, route: bool) {
        const LABELS: [&str; 8] = [
            "alertname",
            "severity",
            "model",
            "model_name",
            "namespace",
            "pod",
            "instance",
            "cluster",
        ];
        let near = nearest(label, LABELS).filter(|near| label.len() > 4 && near.len() > 4);
        let Some(near) = near.filter(|_| !LABELS.contains(&label)) else {
            return;
        };
        let new = node.as_str().unwrap_or("").replacen(label, near, 1);
        let mut finding = RULE
            .at(path, &node.place)
            .found(format!("the label {label}"))
            .expected(text!(
                "a label that alerts have: alertname, severity, model, namespace, pod"
            ))
            .why(if route {
                text!("No alert has that label: the route takes none, or with != and !~ all.")
            } else {
                text!("No alert has that label: it is empty in all of them.")
            })
            .fix(format!("did you mean {near}?"))
            .replace(node.place, format!("'{new}'"));
        finding.severity = Severity::Warning;
        self.push(finding);
    }

    /// Labels and names of alerts that nothing has.
    fn labelled(&mut self, path: &str, matcher: &Node, label: &str, operator: &str, value: &str) {
        self.known_label(path, matcher, label, true);
        let mut warning =
            |found: String, expected: Text, why: Text, near: Option<&str>, old: &str| {
                let mut finding = RULE
                    .at(path, &matcher.place)
                    .found(found)
                    .expected(expected)
                    .why(why);
                finding.severity = Severity::Warning;
                self.findings.push(match near {
                    Some(near) => {
                        let new = matcher.as_str().unwrap_or("").replacen(old, near, 1);
                        finding
                            .fix(format!("did you mean {near}?"))
                            .replace(matcher.place, format!("'{new}'"))
                    }
                    None => finding.fix(text!(
                        "see docs/runbooks for the names of the chart's alerts"
                    )),
                });
            };
        if label != "alertname" || value.is_empty() || !matches!(operator, "=" | "=~") {
            return;
        }
        let ours = value.to_ascii_lowercase().starts_with("vllm")
            || self
                .alerts
                .iter()
                .any(|name| name.eq_ignore_ascii_case(value));
        let found = if operator == "=" {
            self.alerts.contains(value)
        } else {
            re2::whole(value).is_none_or(|p| self.alerts.iter().any(|name| p.is_match(name)))
        };
        if ours && !found {
            let near = nearest(value, self.alerts.iter());
            warning(
                format!("the alert {value:?}"),
                text!("the name of an alert in rules.alerts or rules.additionalAlerts"),
                text!("No alert of this release has that name: the route takes none of them."),
                near,
                value,
            );
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
    if let Some(label) = label.strip_suffix('~') {
        return Err(Some(format!("{label}=~{:?}", value.trim_matches('"'))));
    }
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
