//! Labels that a step reads.

use super::meta;
use super::say::{empty, near_miss};
use crate::embedded::Text;
use crate::rules::Rule;
use crate::shape::nearest;
use crate::{Finding, Node};

/// What is relabelled.
pub(in crate::rules) enum Of<'a> {
    /// What is sent to a server.
    Server,
    /// What a scrape gives.
    Samples,
    /// The targets of this job.
    Targets(&'a Node),
}

/// Labels of every target until it is scraped.
pub(super) const OWN: Text =
    text!("__address__ __scheme__ __metrics_path__ __scrape_interval__ __scrape_timeout__");

/// What a step reads that nothing wrote.
pub(super) fn read(
    rule: &Rule,
    path: &str,
    node: &Node,
    text: &str,
    of: &Of<'_>,
) -> Option<Finding> {
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
