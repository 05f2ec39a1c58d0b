//! Steps of relabelling, of targets, samples and what is sent on: what Prometheus refuses, and labels that
//! are never there.

use vllm_catalog::{FAMILIES, Family};

use super::Rule;
use crate::embedded::Text;
use crate::node::{item, join};
use crate::shape::nearest;
use crate::{Finding, Findings, Node, Severity, re2};

mod meta;

/// Why a fault of one job matters.
pub(super) const REFUSES: Text =
    text!("Prometheus refuses its whole configuration and does not start.");

/// What is relabelled.
pub(super) enum Of<'a> {
    /// What is sent to a server.
    Server,
    /// What a scrape gives.
    Samples,
    /// The targets of this job.
    Targets(&'a Node),
}

/// Labels of every target until it is scraped.
const OWN: Text =
    text!("__address__ __scheme__ __metrics_path__ __scrape_interval__ __scrape_timeout__");

const EMPTY: Text = text!(
    "The label is never there, which is the empty text: a keep drops everything, a drop nothing."
);

/// All steps of a list; a step may read what one before it wrote.
pub(super) fn steps(
    rule: &Rule,
    path: &str,
    steps: Option<&Node>,
    of: &Of<'_>,
    findings: &mut Findings,
) {
    let steps = steps.map_or(&[][..], Node::items);
    let mut written: Vec<&str> = Vec::new();
    if let Of::Targets(job) = of {
        let configs = job.child("static_configs").map_or(&[][..], Node::items);
        let labels = configs.iter().filter_map(|config| config.child("labels"));
        written.extend(labels.flat_map(Node::entries).map(|(name, _)| name));
    }
    for (at, step) in steps.iter().enumerate() {
        let path = item(path, at);
        let action = (step.child("action").and_then(Node::as_str)).unwrap_or("replace");
        one(rule, &path, step, action, findings);
        if matches!(of, Of::Server) {
            keeps_nothing(rule, &path, step, action, findings);
        }
        let labels = step.child("source_labels").map_or(&[][..], Node::items);
        for (at, node) in labels.iter().enumerate() {
            let text = node.as_str().unwrap_or("");
            if !text.starts_with("__") || text.starts_with("__tmp") || written.contains(&text) {
                continue;
            }
            let path = format!("{path}.source_labels[{at}]");
            findings.0.extend(read(rule, &path, node, text, of));
        }
        let names = matches!(action, "labelmap" | "labeldrop" | "labelkeep");
        if let (true, Of::Targets(job), Some(node)) = (names, of, step.child("regex")) {
            let path = join(&path, "regex");
            findings.0.extend(meta::pattern(rule, &path, node, job));
        }
        if let Some(node) = step.child("target_label") {
            let text = node.as_str().unwrap_or("");
            let later = |step: &Node| {
                let labels = step.child("source_labels").map_or(&[][..], Node::items);
                labels.iter().any(|label| label.as_str() == Some(text))
            };
            let known = OWN.split(' ').any(|own| own == text);
            if let (Of::Targets(_), true, Some(near)) = (
                of,
                text.starts_with("__") && !known,
                nearest(text, OWN.split(' ')),
            ) && !steps.iter().any(later)
            {
                findings.push(near_miss(rule, &join(&path, "target_label"), node, near));
            }
            written.push(text);
        }
    }
}

/// A label that was misspelt.
fn near_miss(rule: &Rule, path: &str, node: &Node, near: &str) -> Finding {
    empty(rule, path, node)
        .expected(near)
        .fix(format!("did you mean {near}?"))
        .replace(node.place, near)
}

/// A label that is never there.
fn empty(rule: &Rule, path: &str, node: &Node) -> Finding {
    let mut finding = rule
        .at(path, &node.place)
        .found(node.described())
        .why(EMPTY);
    finding.severity = Severity::Warning;
    finding
}

/// What a step reads that nothing wrote.
fn read(rule: &Rule, path: &str, node: &Node, text: &str, of: &Of<'_>) -> Option<Finding> {
    let Of::Targets(job) = of else {
        if text == "__name__" {
            return None;
        }
        let finding = empty(rule, path, node)
            .expected(text!("a label that samples have; their name is __name__"));
        return Some(if text.starts_with("__meta_") {
            finding.fix(match of {
                Of::Samples => "move the step to relabel_configs: labels of the target are gone after the scrape",
                _ => "write a label of the series, such as __name__ or pod",
            })
        } else if text.contains("name") {
            finding
                .fix("write __name__")
                .replace(node.place, "__name__")
        } else {
            finding.fix(text!(
                "write a label of the series, such as __name__ or pod"
            ))
        });
    };
    if text == "__name__" {
        return Some(
            empty(rule, path, node)
                .expected(text!("a label of the target"))
                .fix(text!(
                    "move the step to metric_relabel_configs: a target has no name of a metric"
                )),
        );
    }
    if text.starts_with("__meta_") {
        return meta::label(rule, path, node, text, job);
    }
    if text.starts_with("__param_") || meta::any(job) || OWN.split(' ').any(|own| own == text) {
        return None;
    }
    nearest(text, OWN.split(' ')).map(|near| near_miss(rule, path, node, near))
}

/// What is wrong with a step alone.
fn one(rule: &Rule, path: &str, step: &Node, action: &str, findings: &mut Findings) {
    if let Some(node) = step.child("regex")
        && let Some(why) = node.as_str().and_then(re2::refused)
    {
        findings.push(
            rule.at(join(path, "regex"), &node.place)
                .found(format!("{:?}: {why}", node.as_str().unwrap_or("")))
                .expected(text!("a regular expression of RE2"))
                .why(REFUSES)
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
            findings.push(
                rule.at(join(path, key), node.key_place())
                    .found(format!("{key} with {action}"))
                    .expected(if action.starts_with("label") {
                        "regex alone, about the labels' names"
                    } else {
                        "source_labels and target_label alone"
                    })
                    .why(REFUSES)
                    .fix(format!("remove {key}"))
                    .remove(node),
            );
        }
    }
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
            let mut finding = rule
                .at(join(path, key), &node.place)
                .found(format!("{action} without {key}"))
                .expected(*key)
                .why(REFUSES)
                .fix(match first.filter(|_| *key == "target_label") {
                    Some(first) => format!("add {key}: {first}"),
                    None => format!("add {key}"),
                });
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
            let mut finding = rule
                .at(join(path, key), &node.place)
                .found(format!("${name}; the regex has {count} groups"))
                .expected(text!("a group of the regex, in brackets"))
                .why(text!("A group that is not there is the empty text: the label gets a wrong value or is removed."));
            finding.severity = Severity::Warning;
            findings.push(if number.is_none() && digits.parse().is_ok_and(|n: usize| n <= count) {
                let new = text.replace(
                    &format!("${name}"),
                    &format!("${{{digits}}}{}", &name[digits.len()..]),
                );
                finding
                    .fix(format!("write {new}"))
                    .replace(node.place, format!("{new:?}"))
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

/// A step that keeps series by a name that none of vLLM's and none of the chart's rules has, or that drops
/// all of them.
fn keeps_nothing(rule: &Rule, path: &str, step: &Node, action: &str, findings: &mut Findings) {
    let by_name = step
        .child("source_labels")
        .is_some_and(|labels| matches!(labels.items(), [one] if one.as_str() == Some("__name__")));
    let keep = action == "keep";
    let Some((node, pattern)) = (step.child("regex"))
        .filter(|_| by_name && (keep || action == "drop"))
        .and_then(|node| Some((node, re2::whole(node.as_str()?)?)))
    else {
        return;
    };
    let of_vllm = |family: &&Family| family.name.starts_with("vllm:");
    let series = |family: &Family, end: &str| pattern.is_match(&format!("{}{end}", family.name));
    let any = |family: &Family| {
        ["", "_bucket", "_sum", "_count"]
            .iter()
            .any(|end| series(family, end))
    };
    let mut recorded = crate::embedded::recorded().lines();
    let none_kept = keep
        && !FAMILIES.iter().filter(of_vllm).any(any)
        && !recorded.any(|name| pattern.is_match(name));
    let all_dropped = !keep
        && FAMILIES.iter().filter(of_vllm).all(any)
        && recorded.all(|name| pattern.is_match(name));
    if !none_kept && !all_dropped {
        return;
    }
    let text = node.as_str().unwrap_or("");
    let underscores = text.contains("vllm_");
    let mut finding = rule
        .at(join(path, "regex"), &node.place)
        .found(format!("{action} {text:?}"))
        .expected(text!("a pattern for whole names: vllm:.* for vLLM's, .+:.+ for recorded ones"))
        .why(if keep {
            text!("No series of vLLM and none that this chart records has such a name: nothing of them is sent.").as_str()
        } else {
            text!("Every series of vLLM and every one that this chart records has such a name: nothing of them is sent.").as_str()
        });
    finding.severity = Severity::Warning;
    findings.push(if keep && underscores {
        let new = text.replace("vllm_", "vllm:");
        finding
            .fix(format!("write {new:?}"))
            .replace(node.place, format!("{new:?}"))
    } else if !keep {
        finding.fix(text!(
            "remove the step, or name the series that are not wanted"
        ))
    } else if text.ends_with(':') && text.starts_with("vllm") {
        let new = format!("{text}.*");
        finding
            .fix(format!("write {new:?}"))
            .replace(node.place, format!("{new:?}"))
    } else {
        let finding = finding.fix(text!("write \"vllm:.*|.+:.+\""));
        // Another text may be meant for series of another job.
        if text.to_ascii_lowercase().contains("vllm") {
            finding.replace(node.place, "\"vllm:.*|.+:.+\"")
        } else {
            finding
        }
    });
}
