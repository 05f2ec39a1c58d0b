//! Secrets that stand in values are not printed: neither in a finding nor in an excerpt of the file.

use crate::finding::{Detail, Report};
use crate::node::{Node, Value};
use crate::rules::is_secret;
use crate::sorted::sort;

/// Puts `*` in the place of every secret that the values have, in the findings and in the sources.
pub fn mask(values: &Node, report: &mut Report) {
    let mut secrets = Vec::new();
    collect(values, "", &mut secrets);
    if secrets.is_empty() {
        return;
    }
    // The longest first: one may be a part of another.
    sort(&mut secrets, |a, b| b.len().cmp(&a.len()));
    secrets.dedup();
    for finding in &mut report.findings {
        let finding: &mut Detail = finding;
        for text in [
            &mut finding.found,
            &mut finding.expected,
            &mut finding.why,
            &mut finding.fix.text,
        ] {
            hide(text, &secrets);
        }
        // An edit that writes a secret again is not shown.
        if (finding.fix.replacement.as_ref()).is_some_and(|edit| {
            secrets
                .iter()
                .any(|secret| edit.text.contains(secret.as_str()))
        }) {
            finding.fix.replacement = None;
        }
    }
    for source in &mut report.sources {
        hide(&mut source.text, &secrets);
    }
}

fn hide(text: &mut String, secrets: &[String]) {
    for secret in secrets {
        if text.contains(secret.as_str()) {
            *text = text.replace(secret.as_str(), &"*".repeat(secret.chars().count()));
        }
    }
}

fn collect(node: &Node, key: &str, secrets: &mut Vec<String>) {
    if node.place.is_untouched() {
        return;
    }
    match &node.value {
        Value::Map(map) => {
            // The value of a variable is as secret as its name.
            let name = node.child("name").and_then(Node::as_str).unwrap_or("");
            for (below, child) in map {
                let (section, key) = (key, below);
                // Grafana puts a variable's value there: its name is none.
                if crate::FULL && section == "secureJsonData" && refers(child) {
                    continue;
                }
                collect(child, if key == "value" { name } else { key }, secrets);
            }
        }
        Value::List(items) => items.iter().for_each(|item| collect(item, key, secrets)),
        // What the key says is no secret: `password: password`.
        Value::Text(text) if !node.is_default() && text != key => {
            secrets.extend(is_secret(key, text));
        }
        _ => {}
    }
}

/// Whether it is `$NAME`.
fn refers(node: &Node) -> bool {
    let name = node.as_str().and_then(|text| text.strip_prefix('$'));
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    name.is_some_and(|name| name.chars().all(plain))
}

#[cfg(test)]
mod tests {
    use crate::{Input, Set, SetKind, Source, check};

    #[test]
    fn a_secret_is_hidden_however_it_is_given() {
        let secret = "Geheim12345";
        let set = Set::new(
            SetKind::Set,
            format!("grafana.admin.password={secret},grafana.admni=1"),
        );
        let file = format!("grafana: {{admin: {{password: {secret}}}, admni: 1}}\n");
        for (sources, sets) in [
            (Vec::new(), vec![set.clone()]),
            (vec![Source::new("a.yaml", file)], Vec::new()),
            (vec![Source::new("a.yaml", "{}")], vec![set]),
        ] {
            let report = check(&Input { sources, sets });
            assert!(report.failed());
            let shown = format!("{report:?}");
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
