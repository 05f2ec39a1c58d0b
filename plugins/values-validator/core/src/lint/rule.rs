//! What Prometheus needs of a group and of a rule besides its expression, after model/rulefmt: it refuses a whole
//! file for one of them.

use super::named;
use crate::codes::RULE_REFUSED;
use crate::finding::Findings;
use crate::gotemplate::{Dialect, read};
use crate::node::{Node, Value, join};
use crate::rules::labels_of_texts;
use crate::shape::nearest;
use crate::sorted::Sorted;
use crate::{Finding, Place};

/// Keys of a rule. The last two are VictoriaMetrics' own.
const KEYS: [&str; 9] = [
    "record",
    "alert",
    "expr",
    "for",
    "keep_firing_for",
    "labels",
    "annotations",
    "debug",
    "update_entries_limit",
];
/// Those that a recording rule must not have.
const ALERTS_ALONE: [&str; 3] = ["for", "keep_firing_for", "annotations"];

/// The templates of an alert, and the labels that they use.
pub(super) fn texts(path: &str, alert: &Node, findings: &mut Findings) {
    for key in ["labels", "annotations"] {
        for (name, value) in alert.child(key).into_iter().flat_map(Node::entries) {
            if let Some(Err(fault)) = value.as_str().map(|text| read(text, Dialect::Alert)) {
                findings.push(
                    named("alert-template", &format!("{path}.{key}.{name}"), value)
                        .found(fault.text)
                        .expected(text!("a template that Prometheus expands"))
                        .why(text!(
                            "Prometheus refuses the whole file of rules: no alert is left."
                        ))
                        .fix(text!(
                            "close each {{ with }}, and use Prometheus' functions and variables only"
                        )),
                );
            }
        }
    }
    labels_of_texts(path, alert, findings);
}

/// The rules of a list of groups. Grafana's own files of alerts have groups too, whose rules have `data` in place of
/// an expression.
pub(super) fn group(path: &str, node: &Node, findings: &mut Findings) {
    let Some(groups) = node.child("groups") else {
        return;
    };
    let path = join(path, "groups");
    let mut names = Sorted::<Place>::default();
    for (at, group) in groups.items().iter().enumerate() {
        let Some(rules) = group.child("rules") else {
            continue;
        };
        let path = format!("{path}[{at}]");
        let foreign = |rule: &Node| rule.child("data").is_some() || rule.child("uid").is_some();
        if rules.items().iter().any(foreign) {
            continue;
        }
        duration(&path, group, "interval", findings);
        duration(&path, group, "query_offset", findings);
        let name = group.child("name");
        if let Some((name, text)) = name.and_then(|name| Some((name, name.as_str()?)))
            && let Some(first) = names.insert(text, name.place)
        {
            findings.push(
                refused(format!("{path}.name"), name.place)
                    .found(format!("the group {text} a second time"))
                    .expected(text!("a name that no other group of the file has"))
                    .fix("rename the group")
                    .related(first, "the other one"),
            );
        }
        if name.is_none_or(|name| name.as_str() == Some("")) {
            findings.push(
                refused(path.as_str(), group.place)
                    .found("a group without a name")
                    .expected("name")
                    .fix("add name: …"),
            );
        }
        for (at, item) in rules.items().iter().enumerate() {
            rule(&format!("{path}.rules[{at}]"), item, findings);
        }
    }
}

fn rule(path: &str, rule: &Node, findings: &mut Findings) {
    let Value::Map(_) = rule.value else {
        findings.push(
            refused(path, rule.place)
                .found(rule.described())
                .expected(text!("a rule: alert or record, and expr"))
                .fix(text!("write - alert: … and expr: … below it")),
        );
        return;
    };
    for (key, value) in rule.entries() {
        if KEYS.contains(&key) {
            continue;
        }
        let finding = refused(join(path, key), value.key_place())
            .found(format!("the key {key}"))
            .expected(KEYS[..7].join(", "));
        findings.push(match nearest(key, KEYS) {
            Some(near) if rule.child(near).is_none() => finding
                .fix(format!("did you mean {near}?"))
                .replace(value.key_place(), near),
            _ => finding.fix(text!("remove it, or put it below labels or annotations")),
        });
    }
    let name = match (rule.child("alert"), rule.child("record")) {
        (Some(_), Some(record)) => {
            findings.push(
                refused(path, record.key_place())
                    .found("alert and record in one rule")
                    .expected("one of them")
                    .fix(text!("write two rules, each with its expr")),
            );
            return;
        }
        (None, None) => {
            findings.push(
                refused(path, rule.place)
                    .found("neither alert nor record")
                    .expected("one of them")
                    .fix(text!("write alert: Name to notify, record: level:metric:operation to store the result")),
            );
            return;
        }
        (Some(name), None) | (None, Some(name)) => name,
    };
    if matches!(name.value, Value::Null) || name.as_str().is_some_and(|text| text.trim().is_empty())
    {
        findings.push(
            refused(path, name.place)
                .found("an empty name")
                .expected("a name")
                .fix("give the rule a name"),
        );
    }
    let expr = rule.child("expr");
    let empty = |expr: &Node| {
        matches!(expr.value, Value::Null)
            || expr.as_str().is_some_and(|text| text.trim().is_empty())
    };
    if expr.is_none_or(empty) {
        findings.push(
            refused(path, expr.map_or(name.place, |expr| expr.place))
                .found("a rule without an expression")
                .expected("expr")
                .fix("add expr: …"),
        );
    }
    if rule.child("record").is_some() {
        for key in ALERTS_ALONE {
            let Some(value) = rule.child(key) else {
                continue;
            };
            findings.push(
                refused(join(path, key), value.key_place())
                    .found(format!("{key} in a recording rule"))
                    .expected("record, expr, labels")
                    .fix(format!("remove {key}: only alerts have it"))
                    .remove(value),
            );
        }
    }
    duration(path, rule, "for", findings);
    duration(path, rule, "keep_firing_for", findings);
    if let Some(value) = rule
        .get("labels")
        .and_then(|labels| labels.child("__name__"))
    {
        findings.push(
            refused(format!("{path}.labels.__name__"), value.key_place())
                .found("the label __name__")
                .expected(text!("a label's name that does not begin with __"))
                .fix("rename the label"),
        );
    }
}

fn duration(path: &str, node: &Node, key: &str, findings: &mut Findings) {
    let Some(value) = node.child(key) else { return };
    if value.as_seconds().is_some() || value.as_str() == Some("0") || value.as_f64() == Some(0.0) {
        return;
    }
    let finding = refused(join(path, key), value.place)
        .found(value.described())
        .expected(text!("a duration as Prometheus writes it: 30s, 5m, 1h30m"));
    let meant = match &value.value {
        Value::Text(text) => crate::units::meant(text),
        _ => None,
    };
    findings.push(match meant {
        Some(meant) => finding
            .fix(format!("write {meant}"))
            .replace(value.place, meant),
        None => finding.fix(text!("write a number and its unit")),
    });
}

fn refused(path: impl Into<String>, place: Place) -> Finding {
    RULE_REFUSED.at(path, place).why(text!(
        "Prometheus refuses the whole file of rules: no alert is left."
    ))
}
