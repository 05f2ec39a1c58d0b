//! What steps let through: series of vLLM and those that the chart records.

use vllm_catalog::FAMILIES;

use crate::{Node, embedded, re2};

/// Names of series that are still sent.
pub(super) struct Sent {
    recorded: Vec<&'static str>,
    vllm: Vec<String>,
}

impl Sent {
    pub(super) fn all() -> Self {
        let families = FAMILIES.iter().map(|family| family.name);
        let families = families.filter(|name| name.starts_with("vllm:"));
        Self {
            recorded: embedded::recorded().collect(),
            vllm: families
                .flat_map(|name| {
                    ["", "_bucket", "_sum", "_count"].map(|end| format!("{name}{end}"))
                })
                .collect(),
        }
    }

    /// Takes away what a step by names does not let through; one by other labels may let all through.
    pub(super) fn passes(&mut self, step: &Node) {
        let labels = step.child("source_labels").map(Node::items);
        let by_name = matches!(labels, Some([one]) if one.as_str() == Some("__name__"));
        let pattern = step.child("regex").and_then(Node::as_str);
        let Some(pattern) = pattern.filter(|_| by_name).and_then(re2::whole) else {
            return;
        };
        let keep = step.child("action").and_then(Node::as_str) == Some("keep");
        self.recorded.retain(|name| pattern.is_match(name) == keep);
        self.vllm.retain(|name| pattern.is_match(name) == keep);
    }

    /// The label that goes and without which several series become one, and one of them.
    pub(super) fn merged(&self, gone: impl Fn(&str) -> bool) -> Option<(&'static str, String)> {
        let buckets = self
            .vllm
            .iter()
            .find(|name| name.ends_with("_seconds_bucket"));
        let raw = self.vllm.iter().find(|name| !name.ends_with("_bucket"));
        let of_pods = self.recorded.iter().find(|name| {
            let labels = embedded::recorded_labels(name).unwrap_or_default();
            let has = |label: &str| labels.split(',').any(|known| known == label);
            name.starts_with("pod:") && has("pod") && !has("instance")
        });
        match (buckets, of_pods, raw) {
            (Some(name), _, _) if gone("le") => Some(("le", name.clone())),
            (_, Some(name), _) if gone("pod") => Some(("pod", (*name).to_owned())),
            // The address of a pod tells them apart, too.
            (_, _, Some(name)) if gone("pod") && gone("instance") => Some(("pod", name.clone())),
            _ => None,
        }
    }
}

/// What has such a label.
pub(super) fn label_of(label: &str) -> &'static str {
    if label == "le" {
        "buckets of a histogram"
    } else {
        "pods"
    }
}

/// The pattern without one of its names, where it lists names; empty where it is the only one.
pub(in crate::rules) fn without(text: &str, name: &str) -> Option<String> {
    let bare = text
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    let bare = bare.unwrap_or(text);
    let all: Vec<&str> = bare.split('|').collect();
    let left: Vec<&str> = all.iter().copied().filter(|one| *one != name).collect();
    (left.len() < all.len() && !bare.contains(['(', ')'])).then(|| left.join("|"))
}
