//! Steps that leave nothing to send.

use crate::finding::in_quotes;
use vllm_catalog::{FAMILIES, Family};

use crate::node::join;
use crate::rules::Rule;
use crate::{Findings, Node, re2};

/// A pattern of a shell as one of RE2: `vllm:*` is `vllm:.*`.
fn globbed(text: &str) -> String {
    let mut new = String::new();
    for c in text.chars() {
        if c == '*' && new.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ':' | '_')) {
            new.push('.');
        }
        new.push(c);
    }
    new
}

/// A step that keeps series by a name that none of vLLM's and none of the chart's rules has, or that drops
/// all of them.
pub(super) fn nothing(rule: &Rule, path: &str, step: &Node, action: &str, findings: &mut Findings) {
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
    let mut recorded = crate::embedded::recorded();
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
    // Recorded names have it behind their level.
    let underscores = text.contains("vllm_") && !(crate::FULL && text.contains(":vllm_"));
    let finding = rule
        .warning(join(path, "regex"), &node.place)
        .found(format!("{action} {text:?}"))
        .expected(text!("a pattern for whole names: vllm:.* for vLLM's, .+:.+ for recorded ones"))
        .why(if keep {
            text!("No series of vLLM and none that this chart records has such a name: nothing of them is sent.").as_str()
        } else {
            text!("Every series of vLLM and every one that this chart records has such a name: nothing of them is sent.").as_str()
        });
    let meant = crate::FULL.then(|| globbed(text)).filter(|meant| {
        let known = |pattern: regex_lite::Regex| {
            crate::embedded::recorded().any(|name| pattern.is_match(name))
                || FAMILIES
                    .iter()
                    .filter(of_vllm)
                    .any(|family| pattern.is_match(family.name))
        };
        keep && meant != text && re2::whole(meant).is_some_and(known)
    });
    #[cfg(feature = "full")]
    if let Some(action) = step.child("action").filter(|_| keep && unwanted(text)) {
        findings.push(
            finding
                .fix("write action: drop: such series are those that are left out")
                .replace(action.place, "drop"),
        );
        return;
    }
    findings.push(if let Some(meant) = meant {
        finding.quotes(node.place, &meant)
    } else if keep && underscores {
        let new = text.replace("vllm_", "vllm:");
        finding
            .fix_write(&in_quotes(&new))
            .replace(node.place, in_quotes(&new))
    } else if !keep {
        finding.fix(text!(
            "remove the step, or name the series that are not wanted"
        ))
    } else if text.ends_with(':') && text.starts_with("vllm") {
        let new = format!("{text}.*");
        finding
            .fix_write(&in_quotes(&new))
            .replace(node.place, in_quotes(&new))
    } else if let Some(new) = dotted(text).filter(|_| keep) {
        finding
            .fix_write(&in_quotes(&new))
            .replace(node.place, in_quotes(&new))
    } else {
        let finding = finding.fix(text!("write \"vllm:.*|.+:.+\""));
        #[cfg(feature = "full")]
        let finding = finding.fix(
            "write \"vllm:.*|.+:.+\": vLLM's series, and recorded ones, whose names have colons",
        );
        // Another text may be meant for series of another job.
        if text.to_ascii_lowercase().contains("vllm") {
            finding.replace(node.place, "\"vllm:.*|.+:.+\"")
        } else {
            finding
        }
    });
}

/// Whether a pattern names what people leave out: times of creation, and what a process says of itself.
#[cfg(feature = "full")]
fn unwanted(text: &str) -> bool {
    text.ends_with("_created")
        || ["go_", "process_", "python_"]
            .iter()
            .any(|start| text.trim_start_matches(['^', '(']).starts_with(start))
}

/// Steps that each keep something, and together nothing: what one keeps another drops.
#[cfg(feature = "full")]
pub(super) fn together(rule: &Rule, path: &str, steps: &[Node], findings: &mut Findings) {
    let mut names: Vec<String> = crate::embedded::recorded().map(str::to_owned).collect();
    for family in FAMILIES
        .iter()
        .filter(|family| family.name.starts_with("vllm:"))
    {
        names.extend(["", "_bucket", "_sum", "_count"].map(|end| format!("{}{end}", family.name)));
    }
    let mut first: Option<(&Node, &str)> = None;
    for (at, step) in steps.iter().enumerate() {
        let by_name = (step.child("source_labels"))
            .is_some_and(|all| matches!(all.items(), [one] if one.as_str() == Some("__name__")));
        let keep = step.child("action").and_then(Node::as_str) == Some("keep");
        let Some((node, text)) = (step.child("regex"))
            .filter(|_| by_name && keep)
            .and_then(|node| Some((node, node.as_str()?)))
        else {
            continue;
        };
        let Some(pattern) = re2::whole(text).filter(|_| !unwanted(text)) else {
            return;
        };
        // One that keeps nothing by itself is said already.
        let before = names.clone();
        names.retain(|name| pattern.is_match(name));
        if let Some((other, kept)) = first.filter(|_| names.is_empty() && !before.is_empty()) {
            let new = in_quotes(&format!("{kept}|{text}"));
            let finding = rule
                .warning(join(&crate::node::item(path, at), "regex"), &node.place)
                .found(format!("keep {text:?}, behind keep {kept:?}"))
                .expected("one step that keeps all that is wanted")
                .why("What the first step keeps, this one drops: nothing is sent.")
                .fix(format!(
                    "write one step in place of both, with regex: {new}"
                ))
                .related(other.place, "what the first one keeps");
            findings.push(finding);
            return;
        }
        first = first.or(Some((node, text)));
    }
}

/// The alternatives of a pattern, without those in brackets.
fn alternatives(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut all) = (0, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '|' if depth == 0 => {
                all.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    all.push(&text[start..]);
    all
}

/// A pattern as a shell has it, or the beginning of a name, as a pattern of whole names.
fn dotted(text: &str) -> Option<String> {
    if !crate::FULL {
        return None;
    }
    let fits = |new: &String| {
        let mut known = crate::embedded::recorded();
        re2::whole(new).is_some_and(|pattern| known.any(|name| pattern.is_match(name)))
    };
    if text.contains(":*") {
        return Some(text.replace(":*", ":.*")).filter(fits);
    }
    // Only behind the beginning of a name: up is whole.
    let each = |name: &str| match name.ends_with([':', '_']) {
        true => format!("{name}.+"),
        false => name.to_owned(),
    };
    let names: Vec<String> = alternatives(text).into_iter().map(each).collect();
    let names = Some(names.join("|")).filter(|new| new != text && fits(new));
    // Levels in brackets, and without the colon behind them.
    let text = text.strip_suffix('$').unwrap_or(text);
    let whole = if text.contains('|') && !text.contains('(') {
        format!("({text})")
    } else {
        text.to_owned()
    };
    let mut ends = if text.contains(':') {
        [".+", ":.+"].into_iter()
    } else {
        [":.+", ".+"].into_iter()
    };
    names.or_else(|| ends.find_map(|end| Some(format!("{whole}{end}")).filter(fits)))
}
