//! A selector with fewer labels picks what one with more picks too: `{app: vllm}` also picks the pods
//! of `{app: vllm, model: qwen3}` where the namespaces are the same. These pods are scraped for both
//! entries and count in both.

#[cfg(feature = "full")]
mod deployed;

use super::Rule;
use super::look::models;
use super::model_pods::Pick;
use crate::{Findings, Severity, Values};

/// Selectors of `models` that hold another's.
pub const RULE: Rule = Rule {
    code: "model-overlap",
    severity: Severity::Warning,
    title: text!("One model's selector picks another's pods too"),
    check,
};

/// The condition that leaves the narrower selector's pods out.
fn without(wide: &Pick, narrow: &Pick) -> Option<String> {
    let (key, value) = (narrow.labels.iter()).find(|(key, _)| !wide.labels.contains_key(key))?;
    Some(format!(
        "{{key: {key}, operator: NotIn, values: [{value}]}}"
    ))
}

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    deployed::check(values, findings);
    let picks: Vec<_> = models(values)
        .into_iter()
        .filter_map(|model| Some((Pick::of(&model)?, model)))
        .collect();
    for (wide, model) in &picks {
        let narrow = picks.iter().find(|(narrow, _)| {
            narrow != wide
                && wide.meets(narrow)
                && wide
                    .labels
                    .iter()
                    .all(|(k, v)| narrow.labels.get(k) == Some(v))
                && wide.expressions.is_subset(&narrow.expressions)
                && (wide.namespaces == narrow.namespaces
                    || wide.namespaces.contains("*")
                    || wide
                        .namespaces
                        .iter()
                        .any(|n| narrow.namespaces.contains(n)))
        });
        let Some((pick, other)) = narrow else {
            continue;
        };
        let at = model.node.child("selector").unwrap_or(model.node);
        findings.push(
            RULE.finds(
                format!("{}.selector", model.path),
                &at.place,
                format!("every pod of {:?} is picked as well", other.name),
                text!("selectors that no pod matches twice"),
                text!("These pods are scraped for both entries, and each request counts in both."),
            )
            .fix(match crate::FULL.then(|| without(wide, pick)).flatten() {
                Some(expression) => format!(
                    "add selectorExpressions: [{expression}] to this entry, or to its selector the label that only its pods have"
                ),
                None => text!("add the label that tells the two apart").as_str().to_owned(),
            })
            .related(other.node.place, "the entry with the narrower selector"),
        );
    }
}
