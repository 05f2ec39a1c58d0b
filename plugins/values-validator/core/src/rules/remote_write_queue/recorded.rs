//! Recorded series that are dropped where they are what is meant to be sent.

use super::RULE;
use crate::node::{item, join};
use crate::{Findings, Node, Values, re2};
use vllm_catalog::FAMILIES;

/// A step that drops all that the chart records, and leaves vLLM's own series, where nobody else evaluates the rules.
pub(super) fn dropped(values: &Values, path: &str, server: &Node, findings: &mut Findings) {
    if values.list("rules.export.engines").next().is_some() {
        return;
    }
    let key = "write_relabel_configs";
    let steps = server.child(key).map_or(&[][..], Node::items);
    for (at, step) in steps.iter().enumerate() {
        let path = join(&item(&join(path, key), at), "action");
        let labels = step.child("source_labels").map(Node::items);
        let by_name = matches!(labels, Some([one]) if one.as_str() == Some("__name__"));
        let action = step.child("action");
        let drops = action.filter(|node| by_name && node.as_str() == Some("drop"));
        let regex = step.child("regex").and_then(Node::as_str);
        let (Some(action), Some(pattern)) = (drops, regex.and_then(re2::whole)) else {
            continue;
        };
        let raw = FAMILIES.iter().any(|family| pattern.is_match(family.name));
        // The levels that dashboards read, all of them: nobody sends the rest without them.
        let mut read = crate::embedded::recorded().filter(|name| {
            let level = name.split(':').next().unwrap_or_default();
            matches!(level, "entry" | "model" | "pod")
        });
        if raw || !read.all(|name| pattern.is_match(name)) {
            continue;
        }
        let finding = RULE
            .warning(path, action.place)
            .found("a step that drops every series that this chart records")
            .expected("keep, where recorded series are what is sent")
            .why("The store gets vLLM's series alone: dashboards and alerts there find none of those that they read.");
        findings.push(finding.writes(action.place, "keep"));
    }
}
