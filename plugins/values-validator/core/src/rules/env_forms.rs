//! Variables in the texts of exporters as other programs have them: `$(NAME)` of Kubernetes, `$NAME` of a shell,
//! `${env.NAME}`. The chart leaves `${NAME}`, `${env:NAME}` and these with `:-` and a default to the collector,
//! each where `tracing.collector.extraEnv` has NAME; anything else is sent as it is written.

use super::Rule;
use crate::finding::in_quotes;
use crate::sorted::Names;
use crate::{Findings, Node};

/// A variable in a text.
struct Used<'a> {
    /// As it is written.
    whole: &'a str,
    name: &'a str,
    /// What stands for it where it is not defined.
    default: Option<&'a str>,
    /// Whether the collector knows the form.
    known: bool,
    /// Whether it is told from a text by its form alone.
    sure: bool,
    /// Whether the name is a file's.
    file: bool,
}

/// How a variable begins and ends, the longer first.
const FORMS: [(&str, &str); 8] = [
    ("${{", "}}"),
    ("${", "}"),
    ("$(", ")"),
    ("$__env{", "}"),
    ("$env{", "}"),
    ("$env:", ""),
    ("{env:", "}"),
    ("$", ""),
];

fn plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The variable at the beginning of a text.
fn one(text: &str) -> Option<Used<'_>> {
    let (open, close) = FORMS.iter().find(|(open, _)| text.starts_with(open))?;
    let rest = &text[open.len()..];
    let bare = rest.trim_start();
    let scheme = [
        "env:", "env.", "ENV:", "ENV.", "Env.", "env/", "secrets.", "vars.", "file:",
    ];
    let scheme = scheme.iter().find(|scheme| bare.starts_with(*scheme));
    let inner = &bare[scheme.map_or(0, |scheme| scheme.len())..];
    let file = scheme == Some(&"file:");
    let end = inner.find(|c| !(plain(c) || file && "/.-".contains(c)));
    let (name, behind) = inner.split_at(end.unwrap_or(inner.len()));
    if name.is_empty() || !file && name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let start = text.len() - behind.len();
    let (end, closed) = match behind.find(close) {
        _ if close.is_empty() => (start, true),
        Some(at) => (start + at + close.len(), true),
        // The bracket is missing.
        None if behind.trim().is_empty() => (start, false),
        None => return None,
    };
    let more = if close.is_empty() || !closed {
        ""
    } else {
        &text[start..end - close.len()]
    };
    // A hyphen before capitals is one of the name.
    let capital = |c: char| !c.is_ascii_lowercase() && (plain(c) || c == '-');
    let hyphen = more.starts_with('-') && more.chars().all(capital);
    let (name, more) = if hyphen {
        (&text[start - name.len()..start + more.len()], "")
    } else {
        (name, more)
    };
    let default = [":-", ":=", "-", "=", ":"]
        .iter()
        .find_map(|with| more.strip_prefix(with));
    if default.is_none() && !more.trim().is_empty() {
        return None;
    }
    let ours = matches!(scheme, None | Some(&"env:")) && *open == "${" && closed;
    let known = ours && (more.is_empty() || more.starts_with(":-")) && bare == rest;
    Some(Used {
        whole: &text[..end],
        name,
        default,
        known,
        sure: *open != "$"
            && (scheme.is_some() || !name.contains(|c: char| c.is_ascii_lowercase())),
        file,
    })
}

fn all(text: &str) -> Vec<Used<'_>> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find(['$', '{']) {
        at += found;
        // `$$` is one sign that is meant.
        if text[at..].starts_with("$$") {
            at += 2;
            continue;
        }
        match one(&text[at..]) {
            Some(used) => {
                at += used.whole.len();
                all.push(used);
            }
            None => at += 1,
        }
    }
    all
}

pub(super) fn check(
    rule: &Rule,
    path: &str,
    node: &Node,
    defined: &Names,
    findings: &mut Findings,
) {
    let Some(text) = node.as_str().filter(|_| !node.is_default()) else {
        return;
    };
    for used in all(text) {
        let has = defined.contains(used.name);
        let whole = used.whole;
        // Of the collector's own form the rule says itself what it lacks.
        let told = used.known && used.default.is_none() && whole.starts_with("${env:");
        let inner = whole
            .strip_prefix("${env:")
            .and_then(|rest| rest.strip_suffix('}'));
        // A name that no program reads is found where it is defined.
        let told = told || inner.is_some_and(|name| defined.contains(name));
        if told || used.known && has || !has && !used.sure {
            continue;
        }
        let key = path.rsplit('.').next().unwrap_or(path);
        if whole.len() == used.name.len() + 1 && super::is_secret(key, text).is_some() {
            continue;
        }
        let names = defined.iter().filter(|name| *name != "GOMEMLIMIT");
        let near = crate::shape::nearest(used.name, names).filter(|_| !has && !used.file);
        let name = near.unwrap_or(used.name);
        let default = used
            .default
            .map(|text| format!(":-{text}"))
            .unwrap_or_default();
        let meant = format!("${{env:{name}{default}}}");
        let found = if used.known {
            format!(
                "{whole}, and no {} in tracing.collector.extraEnv",
                used.name
            )
        } else {
            format!("{whole}, which the collector does not fill in")
        };
        let finding = rule
            .at(path, &node.place)
            .found(found)
            .expected("${env:NAME}, with NAME in tracing.collector.extraEnv")
            .why("It is sent as it is written, and the receiver refuses every trace.");
        let written = |new: &str| in_quotes(&text.replacen(whole, new, 1));
        findings.push(if used.file {
            let (above, header) = path.rsplit_once('.').unwrap_or(("", path));
            if above.ends_with(".headers") {
                finding.fix(format!("write headersFrom: {{{header}: {{name: <Secret>, key: <key>}}}} beside headers, and take {header} out of headers"))
            } else {
                finding.fix("write ${env:NAME}, and NAME with a secretKeyRef in tracing.collector.extraEnv")
            }
        } else if has || near.is_some() {
            finding
                .fix(format!("write {meant}"))
                .replace(node.place, written(&meant))
        } else if let Some(default) = used.default.filter(|default| !default.is_empty()) {
            finding
                .fix(format!(
                    "write {default}, or add {name} to tracing.collector.extraEnv and write {meant}"
                ))
                .replace(node.place, written(default))
        } else {
            finding.fix(format!("write {meant}, and add the variable: tracing: {{collector: {{extraEnv: [{{name: {name}, valueFrom: {{secretKeyRef: {{name: …, key: …}}}}}}]}}}}"))
        });
    }
}
