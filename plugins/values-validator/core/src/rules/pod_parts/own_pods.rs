//! A spread constraint counts the pods that its selector selects: of others than the object's own it says nothing.

use super::RULE;
use super::uncounted::without;
use crate::node::{item, join};
use crate::rules::look::{models, on};
use crate::{Findings, Node, Values};

/// The labels of a pod, as far as they are known: its own, and those that the values add.
struct Labels<'a> {
    own: Vec<(&'static str, String)>,
    added: Vec<&'a Node>,
}

impl Labels<'_> {
    /// Whether the pod surely has not that label with that value.
    fn lacks(&self, key: &str, value: &str) -> bool {
        if let Some((_, own)) = self.own.iter().find(|(name, _)| *name == key) {
            return !own.is_empty() && own != value;
        }
        let given = self
            .added
            .iter()
            .find_map(|labels| labels.child(key)?.as_str());
        given != Some(value)
    }
}

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let common = values.get("commonLabels");
    for model in models(values) {
        let Some(deploy) = model.deploy else { continue };
        let own = vec![
            ("app", "vllm".to_owned()),
            ("app.kubernetes.io/component", "vllm".to_owned()),
            // The release's name and what overrides the chart's are not known here.
            ("app.kubernetes.io/name", String::new()),
            ("app.kubernetes.io/instance", String::new()),
            ("pod-template-hash", String::new()),
            ("vllm-monitoring/model", model.slug()),
        ];
        let added = [deploy.child("podLabels"), common]
            .into_iter()
            .flatten()
            .collect();
        let fix = "remove labelSelector: the chart writes the model's own pods";
        spread(
            &join(&model.path, "deploy"),
            deploy,
            &Labels { own, added },
            fix,
            findings,
        );
    }
    for (part, component) in [
        ("prometheus", "prometheus"),
        ("alertmanager", "alertmanager"),
        ("grafana", "grafana"),
        ("jaeger", "jaeger"),
        ("probe", "probe"),
        ("tracing.collector", "collector"),
    ] {
        let Some(node) = values.get(part) else {
            continue;
        };
        let switch = if component == "collector" {
            "tracing.enabled".to_owned()
        } else {
            format!("{part}.enabled")
        };
        if part != "prometheus" && !on(values, &switch) {
            continue;
        }
        let own = vec![
            ("app.kubernetes.io/component", component.to_owned()),
            ("app.kubernetes.io/name", String::new()),
            ("app.kubernetes.io/instance", String::new()),
            ("app.kubernetes.io/version", String::new()),
            ("app.kubernetes.io/managed-by", String::new()),
            ("helm.sh/chart", String::new()),
            ("pod-template-hash", String::new()),
            ("apps.kubernetes.io/pod-index", String::new()),
        ];
        let added = [node.child("podLabels"), common]
            .into_iter()
            .flatten()
            .collect();
        let fix = format!(
            "write labelSelector: {{matchLabels: {{app.kubernetes.io/component: {component}}}}}"
        );
        spread(part, node, &Labels { own, added }, &fix, findings);
    }
}

fn spread(path: &str, pod: &Node, labels: &Labels<'_>, fix: &str, findings: &mut Findings) {
    let path = join(path, "topologySpreadConstraints");
    let list = pod
        .child("topologySpreadConstraints")
        .map_or(&[][..], Node::items);
    for (at, one) in list.iter().enumerate() {
        let Some(selector) = one.child("labelSelector") else {
            // The chart adds the selector to those of models.
            if let Some(selector) = fix.strip_prefix("write ") {
                findings.push(without(item(&path, at), one, selector));
            }
            continue;
        };
        let wanted = selector
            .child("matchLabels")
            .into_iter()
            .flat_map(Node::entries);
        let missed = { wanted }.find(|(key, value)| {
            value
                .as_str()
                .is_some_and(|text| !text.contains("{{") && labels.lacks(key, text))
        });
        let Some((key, value)) = missed else { continue };
        let path = format!("{path}[{at}].labelSelector.matchLabels");
        let finding = RULE
            .warning(join(&path, key), &value.place)
            .found(format!("{key}: {}, which these pods do not have", value.as_str().unwrap_or("")))
            .expected("labels of the pods that are spread")
            .why("The scheduler counts other pods: these are not spread, and may all be on one node.")
            .fix(fix);
        findings.push(finding);
    }
}
