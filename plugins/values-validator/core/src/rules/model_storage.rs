//! A model's weights come from one place: a claim, a volume of the chart's own, an image, or a path of
//! the node. Of several, one is mounted.
//!
//! The chart refuses it too.

use super::Rule;
use super::look::models;
use crate::node::join;
use crate::{Findings, Node, Severity, Values};

/// Sources in `models[].deploy.storage`.
pub const RULE: Rule = Rule {
    code: "model-storage",
    severity: Severity::Error,
    title: text!("A model's weights come from several places"),
    check,
};

const SOURCES: [&str; 4] = ["existingClaim", "size", "image", "hostPath"];

fn check(values: &Values, findings: &mut Findings) {
    for model in models(values) {
        let Some(storage) = model.deploy.and_then(|d| d.child("storage")) else {
            continue;
        };
        let given: Vec<(&str, &Node)> = SOURCES
            .iter()
            .filter_map(|key| Some((*key, storage.child(key)?)))
            .filter(|(_, node)| node.as_str().is_some_and(|text| !text.is_empty()))
            .collect();
        let fixed = (storage.child("readOnly")).filter(|node| node.as_bool() == Some(true));
        let id = model.deploy.and_then(|deploy| deploy.child("model"));
        if let (Some(node), [(source, _)], Some(id)) = (fixed, &given[..], id)
            && *source != "size"
            && let Some(name) = id.as_str().filter(|name| !name.starts_with(['/', '$']))
        {
            let folder = (storage.child("mountPath").and_then(Node::as_str)).unwrap_or("/models");
            let last = name.rsplit('/').next().unwrap_or(name);
            let finding = RULE
                .says(
                    model.deploy_path("model"),
                    id.place,
                    text!("a name to download, and storage that is mounted read-only").to_string(),
                    text!("the path of the weights in the storage").as_str(),
                    text!("vLLM downloads the weights in place of reading those of the storage."),
                )
                .fix(format!(
                    "write {folder}/<path of the weights>, such as {folder}/{last}"
                ))
                .related(node.place, "read-only")
                .as_warning();
            findings.push(finding);
        }
        if let ([("size", size)], Some(node)) = (&given[..], fixed) {
            let finding = RULE
                .says(
                    join(&model.deploy_path("storage"), "readOnly"),
                    node.place,
                    text!("a new claim that is mounted read-only").to_string(),
                    text!("readOnly for a claim that already contains the weights").as_str(),
                    text!("The claim is empty, and vLLM cannot download the weights into it."),
                )
                .fix(text!("write existingClaim: <claim with the weights> in place of size, or remove readOnly"))
                .related(size.place, "the size").as_warning();
            findings.push(finding);
        }
        let [_, .., (_, last)] = given[..] else {
            continue;
        };
        let names: Vec<&str> = given.iter().map(|(key, _)| *key).collect();
        findings.push(
            RULE.at(model.deploy_path("storage"), last.key_place())
                .found(names.join(" and "))
                .expected("one of them")
                .why(text!(
                    "One is mounted; weights in the others are not found."
                ))
                .fix(remedy(&names)),
        );
    }
}

/// What to remove. Which of the two is meant nobody else can know; the class belongs to a claim of the chart's.
fn remedy(names: &[&str]) -> String {
    let ways: Vec<String> = (names.iter())
        .map(|kept| {
            let others: Vec<&str> = names.iter().filter(|name| *name != kept).copied().collect();
            let class = if *kept == "size" {
                ""
            } else {
                " (and storageClassName)"
            };
            format!("for {kept} remove {}{class}", others.join(" and "))
        })
        .collect();
    ways.join("; ")
}
