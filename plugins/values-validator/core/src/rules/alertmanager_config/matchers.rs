//! A list of matchers, and severities that no alert of the chart has.

use super::matcher::{parts, pieces};
use super::{CRASHES, RULE, Reader};
use crate::node::join;
use crate::{Node, Severity, Value, re2};

impl Reader<'_> {
    pub(super) fn matchers(&mut self, path: &str, node: &Node, key: &str) {
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
                RULE.finds(
                    join(path, key),
                    list.place.max(list.key_place()),
                    list.described(),
                    text!("a list of matchers"),
                    CRASHES,
                )
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
                let finding = RULE.finds(
                    &path,
                    &matcher.place,
                    matcher.described(),
                    text!("label, operator and text: severity=\"critical\""),
                    CRASHES,
                );
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
            // `{a="b", c!="d"}` has several.
            let several: Option<Vec<_>> = pieces(text).map(|one| parts(one).ok()).collect();
            if let Some(several) = several.filter(|several| several.len() > 1) {
                for (_, operator, value) in several {
                    self.pattern(&path, matcher, operator, &value);
                }
                continue;
            }
            match parts(text) {
                Err(meant) => {
                    let mut finding = RULE.finds(
                        &path,
                        &matcher.place,
                        format!("{text:?}"),
                        text!("label, operator and text: severity=\"critical\""),
                        CRASHES,
                    );
                    // Its older parser takes these marks as letters.
                    if meant.is_some() && text.contains('\'') {
                        finding.severity = Severity::Warning;
                        finding.why =
                            text!("Alertmanager looks for a text that has the marks ' in it.")
                                .to_string();
                    }
                    if text
                        .chars()
                        .all(|c| matches!(c, '{' | '}') || c.is_whitespace())
                    {
                        finding.severity = Severity::Warning;
                        finding.why = text!("It matches every alert.").to_string();
                    }
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
                    // `=` compares letter by letter, and no label of an alert has such a text.
                    if matches!(operator, "=" | "!=") && value.contains(['|', '*']) {
                        let pattern = if operator == "=" { "=~" } else { "!~" };
                        let text_of = value.replace(".*", "*").replace('*', ".*");
                        let meant = format!("{label}{pattern}{text_of:?}");
                        let finding = RULE.warns(
                            &path,
                            matcher.place,
                            format!("{text:?}"),
                            [
                                text!("=~ or !~ for a pattern"),
                                text!("= and != compare letter by letter."),
                                text!("write the pattern"),
                            ],
                        );
                        let finding = finding
                            .fix(format!("write {meant}"))
                            .replace(matcher.place, format!("'{meant}'"));
                        self.push(finding);
                        continue;
                    }
                    self.pattern(&path, matcher, operator, &value);
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
                        let found = format!("severity {value:?}");
                        let mut finding = (RULE.warns(
                            &path,
                            matcher.place,
                            found,
                            [
                                text!("critical, warning or info: those of the chart's alerts"),
                                text!(
                                    "No alert of this chart has it: the route takes none of them."
                                ),
                                text!("write critical, warning or info"),
                            ],
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

    fn pattern(&mut self, path: &str, matcher: &Node, operator: &str, value: &str) {
        if operator.ends_with('~')
            && let Some(why) = re2::refused(value)
        {
            self.say(
                path,
                matcher.place,
                format!("{value:?}: {why}"),
                text!("a regular expression of RE2").as_str(),
                text!("close each bracket; write .* for any text").as_str(),
            );
        }
    }
}
