//! A selector with fewer labels picks what one with more picks too: `{app: vllm}` also picks the pods
//! of `{app: vllm, model: qwen3}` where the namespaces are the same. These pods are scraped for both
//! entries and count in both.

#[cfg(feature = "full")]
mod apart;
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

/// Whether a selector picks the pods of another one, too.
fn holds(wide: &Pick, narrow: &Pick) -> bool {
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
}

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    deployed::check(values, findings);
    let picks: Vec<_> = models(values)
        .into_iter()
        .filter_map(|model| Some((Pick::of(&model)?, model)))
        .collect();
    for (wide, model) in &picks {
        let narrow = picks.iter().find(|(narrow, _)| holds(wide, narrow));
        let Some((_, other)) = narrow else {
            continue;
        };
        let at = model.node.child("selector").unwrap_or(model.node);
        let finding = RULE
            .finds(
                format!("{}.selector", model.path),
                &at.place,
                format!("every pod of {:?} is picked as well", other.name),
                text!("selectors that no pod matches twice"),
                text!("These pods are scraped for both entries, and each request counts in both."),
            )
            .fix(text!("add the label that tells the two apart"))
            .related(other.node.place, "the entry with the narrower selector");
        #[cfg(feature = "full")]
        let finding = match apart::apart(wide, model, &picks) {
            Some(words) => finding.fix(words),
            None => finding,
        };
        findings.push(finding);
    }
}
