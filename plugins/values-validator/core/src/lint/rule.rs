//! What Prometheus needs of a group and of a rule besides its expression, after model/rulefmt: it refuses a whole
//! file for one of them.

use crate::codes::RULE_REFUSED;
use crate::finding::Findings;
use crate::gotemplate::{Dialect, read};
use crate::node::{Node, Value, join};
use crate::rules::{LONGEST, labels_of_texts, template_finding};
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
            let Some(text) = value.as_str() else { continue };
            if let Err(fault) = read(text, Dialect::Alert) {
                let path = format!("{path}.{key}.{name}");
                findings.push(template_finding(&path, value, text, fault));
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
        if name.is_none_or(empty) {
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
    // An empty one counts only where the other is not there either.
    let named = |key| rule.child(key).filter(|name| !empty(name));
    let (alert, record) = match (named("alert"), named("record")) {
        (None, None) => (rule.child("alert"), rule.child("record")),
        named => named,
    };
    let name = match (alert, record) {
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
    if empty(name) {
        findings.push(
            refused(path, name.place)
                .found("an empty name")
                .expected("a name")
                .fix("give the rule a name"),
        );
    }
    let expr = rule.child("expr");
    if let Some(expr) = expr.filter(|expr| matches!(expr.value, Value::Map(_) | Value::List(_))) {
        findings.push(
            refused(join(path, "expr"), expr.place)
                .found(expr.described())
                .expected("a PromQL expression")
                .fix("write the expression as one text"),
        );
        return;
    }
    if expr.is_none_or(empty) {
        findings.push(
            refused(path, expr.map_or(name.place, |expr| expr.place))
                .found("a rule without an expression")
                .expected("expr")
                .fix("add expr: …"),
        );
    }
    if record.is_some() {
        for key in ALERTS_ALONE {
            // Go cannot tell what is empty from what is not there.
            let zero = |value: &Node| match &value.value {
                Value::Map(map) => map.is_empty(),
                _ => empty(value) || value.as_seconds() == Some(0.0),
            };
            let Some(value) = rule.child(key).filter(|value| !zero(value)) else {
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
    for key in ["labels", "annotations"] {
        let Some(list) = rule.child(key).filter(|list| !empty(list)) else {
            continue;
        };
        if !matches!(list.value, Value::Map(_)) {
            findings.push(
                refused(join(path, key), list.place)
                    .found(list.described())
                    .expected("names, each with a text")
                    .fix(text!("write name: text, without a dash")),
            );
        }
        for (name, value) in list.entries() {
            if name.is_empty() || (name == "__name__" && key == "labels") {
                findings.push(
                    refused(format!("{path}.{key}.{name}"), value.key_place())
                        .found(format!("the name {name:?}"))
                        .expected(text!("a name that is not empty and not __name__"))
                        .fix("rename it"),
                );
            }
        }
    }
}

fn empty(node: &Node) -> bool {
    matches!(node.value, Value::Null) || node.as_str().is_some_and(|text| text.trim().is_empty())
}

fn duration(path: &str, node: &Node, key: &str, findings: &mut Findings) {
    let Some(value) = node.child(key) else { return };
    let zero = value.as_str() == Some("0") || value.as_f64() == Some(0.0);
    if zero
        || matches!(value.value, Value::Null)
        || value.as_seconds().is_some_and(|time| time <= LONGEST)
    {
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

#[cfg(test)]
mod tests {
    use crate::{Severity, Source, Version, lint};

    fn refused(file: &str) -> Vec<(String, u32)> {
        let report = lint(vec![Source::new("rules.yaml", file)], Version::NEWEST);
        let refused = report
            .findings
            .iter()
            .filter(|one| one.code == "rule-refused");
        assert!(refused.clone().all(|one| one.severity == Severity::Error));
        refused
            .map(|one| (one.path.clone(), one.place.unwrap_or_default().line))
            .collect()
    }

    #[test]
    fn groups_have_names_of_their_own_and_durations() {
        let rules = "rules: [{record: a, expr: up}]";
        let named = |name: &str, more: &str| format!("  - {{name: {name}, {more}{rules}}}\n");
        for good in [
            named("a", "") + &named("b", "interval: 30s, query_offset: 1m, "),
            named("a", "interval: 0s, "),
        ] {
            assert_eq!(refused(&format!("groups:\n{good}")), [], "{good}");
        }
        for (bad, path, line) in [
            (named("a", "") + &named("a", ""), "groups[1].name", 3),
            (named("", ""), "groups[0]", 2),
            (format!("  - {rules}\n"), "groups[0]", 2),
            (named("a", "interval: 5 min, "), "groups[0].interval", 2),
            (
                named("a", "query_offset: 1m1h, "),
                "groups[0].query_offset",
                2,
            ),
        ] {
            let found = refused(&format!("groups:\n{bad}"));
            assert_eq!(found, [(path.to_owned(), line)], "{bad}");
        }
    }

    #[test]
    fn files_of_others_are_not_held_to_prometheus_rules() {
        let grafana = "groups:\n  - {orgId: 1, name: a, rules: [{uid: x, title: t, data: []}]}\n";
        assert_eq!(refused(grafana), []);
        let victoria = "kind: VMRule\nspec:\n  groups:\n    - {name: a, rules: [{alert: A, expr: up == 0, for: 1.5h}]}\n";
        assert_eq!(refused(victoria), []);
        let ours = victoria.replace("VMRule", "PrometheusRule");
        assert_eq!(
            refused(&ours),
            [("spec.groups[0].rules[0].for".to_owned(), 4)]
        );
    }
}
