//! The plugin goes by a model's own limits where a span names the model. The chart has vLLM that it deploys say so;
//! for other servers `k8sAttributes.modelLabel` does, or else their `OTEL_SERVICE_NAME`, which no file has.

use super::RULE;
use crate::node::Node;
use crate::rules::look::{foreign, models, on, plugin, text};
use crate::{Findings, Severity, Values};

pub(super) fn check(values: &Values, findings: &mut Findings) {
    let named = on(values, "tracing.k8sAttributes.enabled")
        && !text(values, "tracing.k8sAttributes.modelLabel").is_empty();
    if named || !plugin(values) || foreign(values) {
        return;
    }
    for model in models(values) {
        let limit = ["e2eLatency", "timeToFirstToken", "decodeTime"]
            .into_iter()
            .find_map(|key| {
                let path = format!("thresholds.{key}.keepTrace");
                Some((format!("{}.{path}", model.path), model.node.get(&path)?))
            });
        let Some((path, node)) = limit.filter(|_| model.deploy.is_none()) else {
            continue;
        };
        // The label by which the model's pods are selected, where one has its name.
        let selector = model.node.child("selector").into_iter();
        let label = selector
            .flat_map(Node::entries)
            .find(|(_, value)| value.as_str() == Some(model.name))
            .map_or("<label>", |(label, _)| label);
        let mut finding = RULE
            .at(path, node.key_place())
            .found("a limit of one model, whose spans do not name it")
            .expected(
                "tracing.k8sAttributes.modelLabel: the pod label that contains the model's name",
            )
            .why(format!(
                "Unless OTEL_SERVICE_NAME of its servers is {}, the limits of all models decide.",
                model.name
            ))
            .fix(format!(
                "set tracing.k8sAttributes: {{enabled: true, modelLabel: {label}}}"
            ));
        finding.severity = Severity::Info;
        findings.push(finding);
    }
}
