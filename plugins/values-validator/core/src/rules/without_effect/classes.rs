//! Classes of storage that the one of all charts replaces.

use super::RULE;
use crate::rules::look::{models, on, text};
use crate::{Findings, Node, Values};

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let class = text(values, "global.storageClass");
    let Some(global) = values
        .get("global.storageClass")
        .filter(|_| !class.is_empty())
    else {
        return;
    };
    let mut say = |path: String, node: &Node| {
        let own = node.as_str().unwrap_or("");
        if own.is_empty() || own == class || node.is_default() {
            return;
        }
        findings.push(
            RULE.at(path, &node.place)
                .found(format!("storageClassName: {own}, and global.storageClass is {class}"))
                .expected("global.defaultStorageClass, which yields to a class of one's own")
                .why("global.storageClass is above every storageClassName: the claim gets that class.")
                .fix(format!("write global: {{defaultStorageClass: {class}}} in place of global.storageClass, or remove storageClassName"))
                .related(global.place, "the class of all"),
        );
    };
    for model in models(values) {
        let size = model.deploy.and_then(|deploy| deploy.get("storage.size"));
        let own = model
            .deploy
            .and_then(|deploy| deploy.get("storage.storageClassName"));
        if let Some(node) = own.filter(|_| size.is_some()) {
            say(
                format!("{}.storageClassName", model.deploy_path("storage")),
                node,
            );
        }
    }
    for part in ["prometheus", "alertmanager", "tracing", "grafana", "jaeger"] {
        let path = format!("{part}.storage.storageClassName");
        if let Some(node) = values
            .get(&path)
            .filter(|_| on(values, &format!("{part}.storage.persistent")))
        {
            say(path, node);
        }
    }
}
