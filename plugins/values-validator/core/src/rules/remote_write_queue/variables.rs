//! Variables of the environment, which Prometheus replaces in `external_labels` alone.

use super::RULE;
use crate::finding::in_quotes;
use crate::rules::look::walk;
use crate::{Findings, Node, Values};

/// Names in `$NAME`, `${NAME}` and `$(NAME)`, each with the text that stands for it.
fn variables(text: &str) -> Vec<(&str, &str)> {
    let mut all = Vec::new();
    for (at, _) in text.match_indices('$') {
        let rest = &text[at + 1..];
        let braced = [('{', '}'), ('(', ')')]
            .into_iter()
            .find_map(|(open, close)| {
                let end = rest.strip_prefix(open)?.find(close)?;
                Some((&rest[1..=end], &text[at..at + end + 3]))
            });
        let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        let end = rest.find(|c| !plain(c)).unwrap_or(rest.len());
        let (name, whole) = braced.unwrap_or((&rest[..end], &text[at..=at + end]));
        if name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(plain) {
            all.push((name, whole));
        }
    }
    all
}

/// Whether Prometheus puts a group of a pattern, and no variable, there.
fn group(path: &str) -> bool {
    path.contains("relabel_configs")
}

/// Variables that stay as they are written.
pub(super) fn left(values: &Values, path: &str, server: &Node, findings: &mut Findings) {
    let mut texts = Vec::new();
    walk(server, path, &mut |path, _, node| {
        // Of a login in a header another rule says where it belongs.
        let login = path
            .to_ascii_lowercase()
            .ends_with(".headers.authorization");
        if !group(path)
            && !login
            && let Some(text) = node.as_str()
        {
            texts.push((path.to_owned(), node, text));
        }
    });
    for (path, node, text) in texts {
        let names = variables(text);
        let Some((_, first)) = names.first() else {
            continue;
        };
        let finding = RULE
            .warning(path.clone(), &node.place)
            .found(format!("the variable {first}"))
            .expected("the value itself")
            .why("Prometheus replaces variables in external_labels alone: here the name itself is sent.");
        let known = names
            .iter()
            .try_fold(text.to_owned(), |new, (name, whole)| {
                Some(new.replace(whole, given(values, name)?))
            });
        findings.push(match known {
            Some(new) => finding
                .fix(format!("write {new}"))
                .replace(node.place, in_quotes(&new)),
            None if path.ends_with("password") || path.ends_with("credentials") => {
                finding.fix("name the Secret that has it: {secretName: …, secretKey: …}")
            }
            None => finding.fix(format!("write the value that {first} stands for")),
        });
    }
}

/// What `prometheus.extraEnv` gives a variable.
fn given<'a>(values: &'a Values, name: &str) -> Option<&'a str> {
    values
        .list("prometheus.extraEnv")
        .find_map(|(_, variable)| {
            let own = variable.child("name")?.as_str() == Some(name);
            variable.child("value")?.as_str().filter(|_| own)
        })
}
