//! Prometheus expands `{{ … }}` in the labels and annotations of alerts, with its own functions and the
//! variables `$labels`, `$value`, `$externalLabels` and `$externalURL`. With one that it does not know it
//! refuses the whole file of rules. A label that the expression does not keep is empty in the text.

use super::Rule;
use super::expressions::{inside, length, quotes};
use super::look::walk_given;
use crate::finding::in_quotes;
use crate::gotemplate::{Dialect, Fault, closed, read};
use crate::promql::meaning::{Kept, kept};
use crate::promql::parse;
use crate::shape::nearest;
use crate::{Finding, Findings, Node, Place, Severity, Values};

/// Templates in `rules`.
pub const RULE: Rule = Rule {
    code: "alert-template",
    severity: Severity::Error,
    title: text!("A template of an alert that Prometheus cannot expand"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    let Some(rules) = values.get("rules") else {
        return;
    };
    walk_given(rules, "rules", &mut |path, _, node| {
        let place = path.contains(".labels") || path.contains(".annotations");
        if !place && path != "rules.dashboardUrl" {
            return;
        }
        let Some(text) = node.as_str() else { return };
        match read(text, Dialect::Alert) {
            Err(fault) => findings.push(finding(path, node, text, fault)),
            Ok(_) if !text.contains("{{") && (text.contains("$value") || text.contains("$labels")) => {
                let finding = RULE
                    .warning(path, &node.place)
                    .found(text!("a variable outside of {{ }}"))
                    .expected("{{ $value }}")
                    .why(text!("It appears in the text as it is written."))
                    .fix(text!("write {{ $value }}, {{ $labels.pod }}"));
                findings.push(finding);
            }
            Ok(_) if path == "rules.dashboardUrl" && text.contains("${") => findings.push(
                RULE.finds(path, &node.place, format!("{text:?}, with a variable of Grafana"), text!("labels as Prometheus writes them: {{ $labels.model_name }}"), text!("Prometheus does not expand ${…}: the link opens the dashboard without a model."))
                    .fix(text!("write {{ $labels.model_name }} instead")),
            ),
            Ok(_) => {}
        }
    });
    for (path, alert) in values.list("rules.additionalAlerts") {
        for (name, node) in alert
            .child("annotations")
            .into_iter()
            .flat_map(Node::entries)
        {
            if let Some(text) = node.as_str()
                && (name.ends_with("_url") || name.ends_with("Url"))
                && !text.contains("://")
                && !text.contains("{{")
                && text
                    .split('/')
                    .next()
                    .is_some_and(|host| host.contains('.'))
            {
                let finding = RULE
                    .finds(
                        format!("{path}.annotations.{name}"),
                        &node.place,
                        format!("{text:?}, without a scheme"),
                        text!("a URL with http:// or https://"),
                        text!("Messages show it as text, not as a link."),
                    )
                    .fix(format!("write https://{text}"))
                    .replace(node.place, format!("https://{text}"))
                    .as_warning();
                findings.push(finding);
            }
            const USUAL: [&str; 4] = ["summary", "description", "runbook_url", "dashboard_url"];
            // A word of its own, which messages list as any other.
            let near = nearest(name, USUAL).filter(|near| *near != name && name != "dashboard");
            if let Some(near) = near.filter(|near| {
                alert
                    .child("annotations")
                    .is_some_and(|a| a.child(near).is_none())
            }) {
                findings.push(
                    RULE.warning(format!("{path}.annotations.{name}"), node.key_place())
                        .found(format!("the annotation {name}"))
                        .expected(USUAL.join(", "))
                        .why(text!(
                            "Messages show the usual annotations: this text is in none of them."
                        ))
                        .meant(node.key_place(), near),
                );
            }
        }
        labels(&path, alert, findings);
    }
}

/// The labels that the texts of one alert use, against those that its expression gives.
pub(crate) fn labels(path: &str, alert: &Node, findings: &mut Findings) {
    for (name, node) in alert.child("labels").into_iter().flat_map(Node::entries) {
        let Some(text) = node.as_str() else { continue };
        if shows(text) {
            let finding = RULE.finds(format!("{path}.labels.{name}"), node.place, text!("the value in a label"), text!("the value in an annotation"), text!(
                    "Labels say which alert it is: with each new value a new alert waits for all of `for`, and may never fire."
                ))
                .fix(format!("move {name} to annotations")).as_warning();
            findings.push(finding);
        }
    }
    let expr = alert.child("expr").and_then(Node::as_str);
    let sides = expr
        .and_then(|text| parse(text).ok())
        .map(|expr| kept(&expr))
        .unwrap_or_default();
    for key in ["labels", "annotations"] {
        for (name, node) in alert.child(key).into_iter().flat_map(Node::entries) {
            let Some(text) = node.as_str() else { continue };
            for (at, label) in read(text, Dialect::Alert).unwrap_or_default() {
                let place = inside(node.place, text, at);
                let path = format!("{path}.{key}.{name}");
                let side = sides.iter().find(|side| !side.may_have(&label));
                match (side, lowered(&label)) {
                    (Some(side), _) => {
                        findings.push(dropped(&path, place, (node, text), &label, side));
                    }
                    (None, Some(lower)) => findings.push(
                        nowhere(&path, place)
                            .found(format!("$labels.{label}"))
                            .expected(format!("$labels.{lower}"))
                            .fix(format!("write $labels.{lower}")),
                    ),
                    (None, None) => {}
                }
            }
        }
    }
}

/// The usual name of a label: it is in lower case wherever it comes from.
fn lowered(label: &str) -> Option<String> {
    const USUAL: &str = "pod namespace model model_name instance job cluster";
    let lower = label.to_ascii_lowercase();
    (lower != label && USUAL.split(' ').any(|usual| usual == lower)).then_some(lower)
}

/// A label that no result has.
fn nowhere(path: &str, place: Place) -> Finding {
    RULE.warning(path, place).why(text!(
        "It is empty in the text, which does not say which one is meant."
    ))
}

/// A label that a text uses and one kind of the expression's results has not.
fn dropped(
    path: &str,
    at: Place,
    (node, text): (&Node, &str),
    label: &str,
    side: &Kept,
) -> Finding {
    let have = match side {
        Kept::Only(names) if names.is_empty() => "no label".to_owned(),
        Kept::Only(names) => format!("only {}", names.joined()),
        Kept::Without(_) => format!("all labels but {label}"),
    };
    let finding = nowhere(path, at)
        .found(format!("$labels.{label}, and the expression keeps {have}"))
        .expected(text!("a label that the result has"));
    let kept = match side {
        Kept::Only(names) => names,
        Kept::Without(_) => {
            return finding.fix(format!(
                "leave it out of the text, or write an expression that keeps {label}"
            ));
        }
    };
    let (old, near) = (format!("$labels.{label}"), nearest(label, kept.iter()));
    let near = kept
        .iter()
        .find(|one| one.starts_with(label) || label.strip_prefix(*one) == Some("_name"))
        .filter(|_| label != "model_name")
        .or(near);
    let lower = lowered(label);
    let label = lower.as_deref().unwrap_or(label);
    match near {
        Some(near) if text.matches(&old).count() == 1 => {
            let meant = text.replace(&old, &format!("$labels.{near}"));
            finding
                .fix(format!("write $labels.{near}"))
                .replace(node.place, in_quotes(&meant))
        }
        Some(near) => finding.fix(format!("write $labels.{near}")),
        None if kept.is_empty() => finding.fix(format!(
            "keep it: by ({label}), or leave it out of the text"
        )),
        None => finding.fix(format!(
            "keep it: by ({}{label}), or write $labels.{}",
            if crate::FULL {
                kept.iter().map(|one| format!("{one}, ")).collect()
            } else {
                String::new()
            },
            kept.iter().collect::<Vec<_>>().join(" or $labels.")
        )),
    }
}

/// Whether the value is a part of the text, and not only compared there to choose one of a few.
fn shows(text: &str) -> bool {
    let mut calls = text.split("{{").skip(1);
    calls.any(|call| {
        let call = call.split("}}").next().unwrap_or_default();
        let first = call.trim_start_matches(['-', ' ']);
        let chooses = ["if ", "else if "]
            .iter()
            .any(|word| first.starts_with(word));
        !chooses && (call.contains("$value") || call.contains(".Value"))
    })
}

/// Whether something stands between a function and the end of its part of the template.
fn arguments(rest: &str) -> bool {
    let end = rest.find(['|', '}']).unwrap_or(rest.len());
    !rest[..end].trim().trim_end_matches('-').is_empty()
}

/// A template that cannot be expanded.
pub(crate) fn finding(path: &str, node: &Node, text: &str, fault: Fault) -> Finding {
    let place = inside(node.place, text, fault.at);
    let finding = RULE
        .at(path, &place)
        .found(fault.text)
        .expected(text!("a template that Prometheus expands, such as {{ $labels.pod }} or {{ $value | humanize }}"))
        .why(if fault.late {
            text!("When the alert fires, its text is the message of this error.")
        } else {
            text!("Prometheus refuses the whole file of rules: no alert is left.")
        });
    match fault.meant {
        // A function of others, with the digits to round to.
        Some((word, meant)) if crate::FULL && meant.starts_with("humanize") && arguments(&text[fault.at + word.len()..]) => {
            finding.fix("write printf \"%.2f\" $value for two digits, humanizePercentage for a ratio, or humanize, which takes the value alone")
        }
        Some((word, meant)) => {
            let finding = finding.fix(format!("did you mean {meant}?"));
            let dotted = text[fault.at..]
                .strip_prefix(word.as_str())
                .is_some_and(|rest| rest.starts_with('.'));
            if quotes(node.place, text).is_some() && !(dotted && meant == "$value") {
                let mut edited = place;
                edited.end_column = place.column + length(&word);
                finding.replace(edited, meant)
            } else {
                finding
            }
        }
        None => match closed(text, Dialect::Alert) {
            Some(new) => finding
                .quotes(node.place, &new),
            None if fault.late => finding.fix(text!(
                "use what Prometheus gives a template: $labels, $value, and functions with their arguments"
            )),
            None => finding.fix(text!(
                "close each {{ with }}, and use Prometheus' functions and variables only"
            )),
        },
    }
}
