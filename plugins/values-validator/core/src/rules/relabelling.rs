//! Steps of relabelling, of targets, samples and what is sent on: what Prometheus refuses, and labels that
//! are never there.

#[cfg(feature = "full")]
mod anchored;
#[cfg(feature = "full")]
mod fixed;
mod keeps;
#[cfg(feature = "full")]
mod kept;
mod label;
#[cfg(feature = "full")]
mod merged;
mod meta;
#[cfg(feature = "full")]
mod names;
mod say;
mod step;

use super::Rule;
use crate::node::{item, join};
use crate::shape::nearest;
use crate::{Findings, Node};
use label::OWN;
use say::near_miss;

#[cfg(feature = "full")]
pub(super) use kept::without;
pub(super) use label::Of;
pub(super) use step::REFUSES;

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
    #[cfg(feature = "full")]
    match of {
        Of::Targets(_) => anchored::pods(rule, path, steps, findings),
        Of::Server => {
            keeps::together(rule, path, steps, findings);
            merged::check(rule, path, steps, findings);
        }
        Of::Samples => {}
    }
    for (at, step) in steps.iter().enumerate() {
        let path = item(path, at);
        let action = (step.child("action").and_then(Node::as_str)).unwrap_or("replace");
        step::one(rule, &path, step, action, findings);
        if matches!(of, Of::Server) {
            keeps::nothing(rule, &path, step, action, findings);
        }
        findings.0.extend(step::lost(
            rule,
            &path,
            step,
            action,
            matches!(of, Of::Targets(_)),
        ));
        let labels = step.child("source_labels").map_or(&[][..], Node::items);
        for (at, node) in labels.iter().enumerate() {
            let text = node.as_str().unwrap_or("");
            if !text.starts_with("__") || text.starts_with("__tmp") || written.contains(&text) {
                continue;
            }
            let path = format!("{path}.source_labels[{at}]");
            findings.0.extend(label::read(rule, &path, node, text, of));
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
