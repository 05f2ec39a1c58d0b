//! Helm expands no template in a values file, and the chart passes its values on as they are: only
//! `extraObjects` may have one. `{{ .Values.domain }}` anywhere else stays as it is.

use super::Rule;
use super::look::walk_given;
use crate::{Findings, Severity, Values, codes};

/// Templates of helm in texts that nobody expands.
pub const RULE: Rule = Rule {
    code: "helm-template",
    severity: Severity::Error,
    title: text!("A template of Helm in a value that nothing expands"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    walk_given(&values.root, "", &mut |path, _, node| {
        let Some(text) = node.as_str() else { return };
        let helms = |action: &str| {
            let end = action.find("}}").unwrap_or(0);
            let of = [".Values.", ".Release.", ".Chart.", "include \"", "tpl "];
            of.iter().any(|word| action[..end].contains(word))
        };
        // What another rule says about the text is about more than its braces.
        let said = |f: &crate::Finding| f.path == path && f.code != codes::BAD_FORMAT.code;
        if node.is_default()
            || path.starts_with("extraObjects")
            || !text.split("{{").skip(1).any(helms)
            || findings.0.iter().any(said)
        {
            return;
        }
        let finding = RULE.says(
            path.to_owned(),
            node.place,
            node.described(),
            text!("the text itself; helm expands no template in values").as_str(),
            text!("It stays as it is, with its braces."),
        );
        let new = crate::FULL.then(|| expanded(values, text));
        findings.push(match new.flatten() {
            Some(new) => finding.quotes(node.place, &new),
            None => finding.fix(text!("write the text that the template would give")),
        });
    });
}

/// A text with the values in place of `{{ .Values.… }}`, where it has nothing else.
fn expanded(values: &Values, text: &str) -> Option<String> {
    let mut parts = text.split("{{");
    let mut new = parts.next()?.to_owned();
    for part in parts {
        let (action, rest) = part.split_once("}}")?;
        let value = values.get(action.trim().strip_prefix(".Values.")?)?;
        new.push_str(value.as_str().filter(|text| !text.contains("{{"))?);
        new.push_str(rest);
    }
    Some(new)
}
