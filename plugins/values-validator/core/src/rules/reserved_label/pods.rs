//! Labels of pods that the chart sets itself: its own win, and the given ones are gone.

use super::{OWN, RULE};
use crate::rules::look::{models, walk_given};
use crate::{Findings, Node, Values};

pub(super) fn check(values: &Values, findings: &mut Findings) {
    walk_given(&values.root, "", &mut |path, key, node| {
        if key == "podLabels" && !path.starts_with("models") {
            labels(path, node, &OWN[..6], findings);
        }
    });
    for model in models(values) {
        if let Some(node) = model.deploy.and_then(|deploy| deploy.child("podLabels")) {
            // Those of the release are not among a model's: an upgrade of the chart restarts no model.
            let own = ["app", OWN[0], OWN[1], OWN[2], OWN[6]];
            labels(&model.deploy_path("podLabels"), node, &own, findings);
        }
    }
}

fn labels(path: &str, node: &Node, own: &[&str], findings: &mut Findings) {
    for (key, value) in node.entries() {
        if value.is_default()
            || !own.contains(&key)
            || key == "app" && value.as_str() == Some("vllm")
        {
            continue;
        }
        let finding = RULE
            .warning(crate::node::join(path, key), &value.key_place())
            .found(key)
            .expected("a label that the chart does not set")
            .why("The chart's own value is kept, and this one is dropped: what selects pods by it finds none.")
            .fix(format!("remove it, or write it under another name, such as team-{}", key.rsplit('/').next().unwrap_or(key)));
        findings.push(finding);
    }
}
