//! Labels that others of the server's series have, and this one has not.

use super::super::{Reader, Topic};
use vllm_catalog::{FAMILIES, Family, Unit};

impl Reader<'_> {
    /// A label of another family, such as model_name of the series of requests over HTTP.
    pub(super) fn elsewhere(
        &mut self,
        family: &Family,
        known: &[&str],
        (at, label): (usize, &str),
        why: &'static str,
    ) {
        // Another server may have the series of HTTP, where others are scraped, too.
        let lacking = self.context.targets.lacking;
        let own = family.name.starts_with("vllm:") || lacking.contains(&"team");
        let others = FAMILIES
            .iter()
            .filter(|other| other.name.starts_with("vllm:"));
        let has = |family: &Family| family.labels.iter().any(|own| own.name == label);
        // What is about a configuration has its own labels, and those of newer releases.
        if family.unit == Unit::Info || lacking.is_empty() || !own || !others.into_iter().any(has) {
            return;
        }
        let entry = label == "model_name";
        let fix = if entry {
            "write model, which names the entry of models; on both sides of an operator".to_owned()
        } else {
            format!("remove {label}, or read a series that has it")
        };
        let doubt = self.doubt(
            Topic::Selector,
            at,
            format!("the label {label} on {}", family.name),
            format!("a label that it has: {}", known.join(", ")),
            why,
            fix,
        );
        if let Some(doubt) = doubt {
            doubt.sure = false;
            doubt.edit = entry.then(|| (at, label.to_owned(), "model".to_owned()));
        }
    }
}
