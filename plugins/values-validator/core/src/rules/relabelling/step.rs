//! What is wrong with a step alone.

use crate::embedded::Text;
use crate::node::join;
use crate::rules::Rule;
use crate::{Finding, Findings, Node, Severity, re2};

/// Why a fault of one job matters.
pub(in crate::rules) const REFUSES: Text =
    text!("Prometheus refuses its whole configuration and does not start.");

/// Labels that people take for the one of the name.
const NAMELIKE: [&str; 6] = [
    "metric",
    "metric_name",
    "metricname",
    "_name",
    "_name_",
    "name_",
];

/// Whether names of vLLM's series or of recorded ones fit the pattern, and not just any text.
fn of_metrics(text: &str) -> bool {
    let Some(pattern) = re2::whole(text) else {
        return false;
    };
    let mut recorded = crate::embedded::recorded();
    let vllm = |family: &vllm_catalog::Family| pattern.is_match(family.name);
    !pattern.is_match("x")
        && (recorded.any(|name| pattern.is_match(name)) || vllm_catalog::FAMILIES.iter().any(vllm))
}

/// What removes the name of samples or the address of targets, and `name` where `__name__` is meant.
pub(super) fn lost(
    rule: &Rule,
    path: &str,
    step: &Node,
    action: &str,
    targets: bool,
) -> Option<Finding> {
    let node = step.child("regex")?;
    let text = node.as_str()?;
    let needed = if targets { "__address__" } else { "__name__" };
    let keep = action == "labelkeep";
    if keep || action == "labeldrop" {
        if re2::whole(text)?.is_match(needed) == keep {
            return None;
        }
        let found = format!("{action} {text:?}, which removes {needed}");
        let finding = rule.warns(&join(path, "regex"), node.place, found, [
            text!("a pattern that leaves __name__ of samples and __address__ of targets"),
            text!("Samples without a name and targets without an address are refused, all of them."),
            text!("name these labels in labelkeep, or take them out of labeldrop"),
        ]);
        return Some(if keep {
            finding.replace(node.place, format!("{:?}", format!("__.+|{text}")))
        } else {
            finding
        });
    }
    let [label] = step.child("source_labels")?.items() else {
        return None;
    };
    const NAMES: Text = text!("vllm go_ process_ python_ http_ node_ DCGM_ kube_ container_");
    let begin = text.trim_start_matches(['^', '(']);
    let of_name = NAMES.split(' ').any(|start| begin.starts_with(start));
    let given = label.as_str()?;
    let other = crate::FULL && given != "name" && NAMELIKE.contains(&given);
    let of_name = of_name || crate::FULL && of_metrics(text);
    (!targets && of_name && (other || given == "name")).then(|| {
        let found = if crate::FULL {
            format!("the label {given}, with a pattern of names of metrics")
        } else {
            text!("the label name, with a pattern of names of metrics").to_string()
        };
        (rule.warns(
            &join(path, "source_labels"),
            label.place,
            found,
            [
                text!("__name__"),
                text!("The name of a metric is in the label __name__."),
                text!("write __name__"),
            ],
        ))
        .replace(label.place, "__name__")
    })
}

/// What Prometheus refuses of it, and groups that are not there.
pub(super) fn one(rule: &Rule, path: &str, step: &Node, action: &str, findings: &mut Findings) {
    if let Some(node) = step.child("regex")
        && let Some(why) = node.as_str().and_then(re2::refused)
    {
        findings.push(
            rule.says(
                join(path, "regex"),
                node.place,
                format!("{:?}: {why}", node.as_str().unwrap_or("")),
                "a regular expression of RE2",
                REFUSES,
            )
            .fix(text!(
                "close each bracket; RE2 knows no lookahead: drop with an action drop instead"
            )),
        );
    }
    let (needs, refused): (&[&str], &[&str]) = match action {
        "replace" | "lowercase" | "uppercase" => (&["target_label"], &[]),
        "hashmod" => (&["target_label", "modulus"], &[]),
        "keep" | "drop" => (&["source_labels"], &[]),
        "keepequal" | "dropequal" => (
            &["source_labels", "target_label"],
            &["regex", "modulus", "replacement"],
        ),
        "labeldrop" | "labelkeep" => (
            &[],
            &["source_labels", "target_label", "modulus", "replacement"],
        ),
        _ => (&[], &[]),
    };
    for key in refused {
        if let Some(node) = step.child(key).filter(|n| n.as_str() != Some("$1")) {
            let finding = rule
                .says(
                    join(path, key),
                    node.key_place(),
                    format!("{key} with {action}"),
                    if action.starts_with("label") {
                        "regex alone, about the labels' names"
                    } else {
                        "source_labels and target_label alone"
                    },
                    REFUSES,
                )
                .fix(format!("remove {key}"))
                .remove(node);
            #[cfg(feature = "full")]
            let finding = super::names::meant(finding, step, action, key);
            findings.push(finding);
        }
    }
    #[cfg(feature = "full")]
    super::names::every(rule, path, step, action, findings);
    let first = (step
        .child("source_labels")
        .map_or(&[][..], Node::items)
        .first())
    .and_then(Node::as_str)
    .filter(|first| first.starts_with("__address"));
    for key in needs {
        let nothing = |n: &Node| n.as_str() == Some("");
        if step.child(key).is_none_or(nothing) {
            let node = step.child("action").unwrap_or(step);
            let found = format!("{action} without {key}");
            let mut finding = (rule.says(join(path, key), node.place, found, key, REFUSES)).fix(
                match first.filter(|_| *key == "target_label") {
                    Some(first) => format!("add {key}: {first}"),
                    None => format!("add {key}"),
                },
            );
            if *key == "source_labels" {
                finding.severity = Severity::Warning;
                finding = finding.why(text!(
                    "It compares the empty text: every series is kept, or every one dropped."
                ));
            }
            findings.push(finding);
        }
    }
    if matches!(action, "replace" | "labelmap") {
        groups(rule, path, step, findings);
    }
}

/// A group that the pattern does not have is the empty text.
fn groups(rule: &Rule, path: &str, step: &Node, findings: &mut Findings) {
    let pattern = step.child("regex").and_then(Node::as_str);
    let Some(pattern) = re2::whole(pattern.unwrap_or("(.*)")) else {
        return;
    };
    let count = pattern.captures_len() - 1;
    let default = ("regex", "$1");
    let given = ["replacement", "target_label"].map(|key| Some((key, step.child(key)?.as_str()?)));
    let given = match given {
        [None, other] if step.child("replacement").is_none() => [Some(default), other],
        given => given,
    };
    for (key, text) in given.into_iter().flatten() {
        let Some(node) = step.child(key) else {
            continue;
        };
        // sed's groups.
        if crate::FULL
            && let Some((before, rest)) = text.split_once('\\')
            && let Some(digit) = rest.chars().next().filter(char::is_ascii_digit)
            && (1..=count).any(|known| digit.to_digit(10) == u32::try_from(known).ok())
        {
            let new = format!("{before}${rest}").replace('\\', "$");
            let finding = rule
                .warning(join(path, key), &node.place)
                .found(format!("\\{digit}"))
                .expected(format!("${digit}"))
                .why("A backslash is a letter here: the label gets this text itself.")
                .fix(format!("write {new}"))
                .replace(node.place, format!("{new:?}"));
            findings.push(finding);
        }
        // Two make one of them, and no group.
        for (before, rest) in text.match_indices('$').map(|(at, _)| text.split_at(at)) {
            let rest = &rest[1..];
            if before.ends_with('$') || rest.starts_with('$') {
                continue;
            }
            let braced = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            let name = braced.map_or(&rest[..end.unwrap_or(rest.len())], |(name, _)| name);
            let number = name.parse::<usize>().ok();
            let known = number.is_some_and(|number| number <= count)
                || pattern.capture_names().flatten().any(|known| known == name);
            if known || name.is_empty() {
                continue;
            }
            let digits = name.trim_start_matches(|c: char| c.is_ascii_digit());
            let digits = &name[..name.len() - digits.len()];
            let finding = rule
                .warning(join(path, key), &node.place)
                .found(format!("${name}; the regex has {count} groups"))
                .expected(text!("a group of the regex, in brackets"))
                .why(text!("A group that is not there is the empty text: the label gets a wrong value or is removed."));
            findings.push(if number.is_none() && digits.parse().is_ok_and(|n: usize| n <= count) {
                let new = text.replace(
                    &format!("${name}"),
                    &format!("${{{digits}}}{}", &name[digits.len()..]),
                );
                finding
                    .quotes(node.place, &new)
            } else if count == 0 {
                finding.fix(text!("put ( ) around the part of the regex that is meant, or write a replacement without $1"))
            } else {
                let all: Vec<String> = (1..=count).map(|n| format!("${n}")).collect();
                finding.fix(format!("write {}", all.join(" or ")))
            });
            break;
        }
    }
}
