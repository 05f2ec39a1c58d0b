//! Of two variables with one name Kubernetes takes the last. Those that the chart sets are needed:
//! `OTEL_RESOURCE_ATTRIBUTES` says of which model a span is, `HOME` can be written to. `VLLM_PORT` is
//! vLLM's own, and no port to serve on. `GOMEMLIMIT` keeps the collector below its limit, as one of
//! somebody's own may.

#[cfg(feature = "full")]
mod go_limit;

use super::Rule;
use super::look::walk_given;
use crate::sorted::Sorted;
use crate::{Findings, Node, Severity, Values};

/// Names of variables, against each other and the chart's.
pub const RULE: Rule = Rule {
    code: "env-clash",
    severity: Severity::Warning,
    title: text!("A variable is set twice, or replaces one of the chart's"),
    check,
};

const OF_VLLM: [&str; 5] = [
    "HOME",
    "POD_NAME",
    "OTEL_SERVICE_NAME",
    "OTEL_RESOURCE_ATTRIBUTES",
    "VLLM_PORT",
];

/// Whether the model of a variable has its token from `huggingFaceToken`.
fn given_token(values: &Values, path: &str) -> bool {
    let model = path.split(".deploy.").next().unwrap_or(path);
    let token = values.get(&format!("{model}.deploy.huggingFaceToken.secretName"));
    token
        .and_then(Node::as_str)
        .is_some_and(|name| !name.is_empty())
}

/// Whether a service has a name of somebody's own with the model's in it.
fn named(values: &Values, path: &str, name: &str, item: &Node) -> bool {
    let model = path.split(".deploy.").next().unwrap_or(path);
    let entry = values
        .get(&format!("{model}.name"))
        .and_then(Node::as_str)
        .unwrap_or_default();
    let own = |text: &str| !entry.is_empty() && text.contains(entry);
    name == "OTEL_SERVICE_NAME" && item.child("value").and_then(Node::as_str).is_none_or(own)
}

/// Whether it is what the chart writes too.
fn same(name: &str, item: &Node) -> bool {
    let field = item.get("valueFrom.fieldRef.fieldPath");
    name == "POD_NAME" && field.and_then(Node::as_str) == Some("metadata.name")
}

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    go_limit::check(values, findings);
    walk_given(&values.root, "", &mut |path, key, node| {
        let taken = match key {
            "env" if path.starts_with("models[") => &OF_VLLM[..],
            "extraEnv" => &[],
            _ => return,
        };
        let mut seen: Sorted<&Node> = Sorted::default();
        for (index, item) in node.items().iter().enumerate() {
            let Some(name) = item.child("name") else {
                continue;
            };
            let Some(text) = name.as_str() else {
                continue;
            };
            let path = format!("{path}[{index}].name");
            if let Some(first) = seen.insert(text, name) {
                findings.push(
                    RULE.at(path, &name.place)
                        .found(format!("{text} again"))
                        .expected("each name once")
                        .why(text!("Kubernetes takes the last and says nothing."))
                        .fix(text!("leave one of them out"))
                        .related(first.place, "the first of them"),
                );
            } else if crate::FULL && named(values, &path, text, item) || same(text, item) {
                // The name of a service that says of which model it is, or what the chart has itself.
            } else if taken.contains(&text) || text == "HF_TOKEN" && given_token(values, &path) {
                findings.push(
                    RULE.at(path, &name.place)
                        .found(format!("{text}, which the chart sets"))
                        .expected("another name")
                        .why(text!("What the chart set is lost: it needs it."))
                        .fix("leave it out"),
                );
            }
        }
    });
}
