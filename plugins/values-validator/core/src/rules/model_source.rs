//! `deploy.model` is an id of Hugging Face, `organisation/name`, or a path in the storage. Left out, the
//! entry's name is taken. A name without an organisation, a URL, a blank, or a path that is not mounted:
//! vLLM ends at its start, again and again.

#[cfg(feature = "full")]
mod gated;
#[cfg(feature = "full")]
mod idle;
#[cfg(feature = "full")]
mod mounted;
#[cfg(feature = "full")]
mod paths;

use super::Rule;
use super::look::models;
use crate::finding::in_quotes;
use crate::node::join;
use crate::{Findings, Node, Severity, Values};

/// `models[].deploy.model` as vLLM reads it.
pub const RULE: Rule = Rule {
    code: "model-source",
    severity: Severity::Warning,
    title: text!("A model that vLLM cannot find"),
    check,
};

const STOPS: &str = "vLLM finds no such model and ends, again and again.";

fn check(values: &Values, findings: &mut Findings) {
    for model in models(values) {
        let Some(deploy) = model.deploy else { continue };
        #[cfg(feature = "full")]
        {
            findings.0.extend(gated::check(&model));
            mounted::check(&model, findings);
            paths::check(&model, findings);
        }
        let given = deploy.child("model");
        let (path, node) = match given {
            Some(node) => (model.deploy_path("model"), node),
            None => match model.node.child("name") {
                Some(node) => (join(&model.path, "name"), node),
                None => continue,
            },
        };
        let Some(text) = node.as_str().filter(|text| !text.is_empty()) else {
            continue;
        };
        let storage = |key: &str| {
            deploy
                .get(&format!("storage.{key}"))
                .and_then(Node::as_str)
                .unwrap_or("")
        };
        let stored = ["existingClaim", "size", "image", "hostPath"]
            .iter()
            .any(|key| !storage(key).is_empty());
        let mounts = deploy
            .child("volumeMounts")
            .map_or(&[][..], Node::items)
            .iter();
        let mounted: Vec<&str> = mounts
            .filter_map(|m| m.child("mountPath")?.as_str())
            .collect();
        let finding = |found: String, expected: &str| {
            RULE.at(path.clone(), &node.place)
                .found(found)
                .expected(expected)
                .why(STOPS)
        };
        let remote = ["s3://", "gs://", "az://", "oci://"]
            .iter()
            .any(|start| text.starts_with(start));
        if let Some((_, rest)) = text
            .split_once("huggingface.co/")
            .or_else(|| text.split_once("hf.co/"))
        {
            let id: Vec<&str> = rest.split('/').take(2).collect();
            let id = id.join("/");
            findings
                .push(finding(format!("the URL {text:?}"), "the id alone").writes(node.place, &id));
        } else if let Some(id) = text.strip_prefix("hf://").or_else(|| {
            text.strip_suffix('/')
                .filter(|id| !id.starts_with('/') && !text.contains("://"))
        }) {
            findings.push(finding(in_quotes(text), "the id alone").writes(node.place, id));
        } else if text.contains("://") && !remote {
            findings.push(
                finding(
                    format!("the URL {text:?}"),
                    "an id of Hugging Face, or a path",
                )
                .fix(text!(
                    "write organisation/name, or download it into deploy.storage and name its path"
                )),
            );
        } else if text.contains(char::is_whitespace) && given.is_some() {
            let parts: Vec<&str> = text.split('/').map(str::trim).collect();
            let new = parts.join("/").replace(char::is_whitespace, "-");
            findings.push(
                finding(format!("{text:?}, with a blank"), "an id without blanks").fix(format!(
                    "write the id as Hugging Face has it, perhaps {new}"
                )),
            );
        } else if text.starts_with('/') || text.starts_with("./") || text.starts_with('~') {
            let base = match storage("mountPath") {
                "" => "/models",
                base => base,
            };
            let below = |base: &str| {
                text == base
                    || text
                        .strip_prefix(base.trim_end_matches('/'))
                        .is_some_and(|rest| rest.starts_with('/'))
            };
            let there = (stored && below(base)) || mounted.iter().any(|base| below(base));
            if !there {
                let finding = finding(
                    if stored {
                        format!("{text}, and the storage is mounted at {base}")
                    } else {
                        format!("{text}, and no storage")
                    },
                    "a path below a mount",
                );
                let name = text.rsplit('/').next().unwrap_or(text);
                let finding = match deploy.get("storage.mountPath") {
                    Some(node) => finding.related(node.place, "the mount"),
                    None => finding,
                };
                #[cfg(feature = "full")]
                if let Some(volume) = idle::idle(deploy) {
                    let folder = text.rsplit_once('/').map_or(text, |(folder, _)| folder);
                    let folder = if folder.is_empty() { text } else { folder };
                    findings.push(finding.fix(idle::mount(Some(volume), folder)));
                    continue;
                }
                findings.push(if stored {
                    finding.fix(format!(
                        "write {}/{name}, or set storage.mountPath",
                        base.trim_end_matches('/')
                    ))
                } else {
                    finding.fix(text!(
                        "name where the weights are: storage: {existingClaim: …}"
                    ))
                });
            }
        } else if let Some((id, revision)) = text.split_once('@').filter(|_| !remote) {
            findings.push(
                finding(format!("{text:?}, with a revision"), "the id alone")
                    .fix(format!("write {id}, and args: [--revision={revision}]"))
                    .replace(node.place, id),
            );
        } else if let Some(id) = (text
            .split_once(':')
            // vLLM reads a file of GGUF by its kind of weights behind the repository.
            .filter(|_| !remote && text.contains('/') && !text.contains("GGUF")))
        .map(|(id, _)| id.to_owned())
        .or_else(|| text.contains('\\').then(|| text.replace('\\', "/")))
        {
            findings.push(
                finding(in_quotes(text), "the id alone: organisation/name").writes(node.place, &id),
            );
        } else if !text.contains('/') && !remote && !custom(model.node) {
            findings.push(match given {
                Some(_) => finding(
                    format!("{text:?}, without an organisation"),
                    "organisation/name, as Hugging Face has it, or a path",
                )
                .fix(format!(
                    "write <organisation>/{text}, such as Qwen/Qwen3-8B"
                )),
                None => finding(
                    format!("no deploy.model, so {text:?} is downloaded"),
                    "deploy.model",
                )
                .fix(text!(
                    "add deploy.model: organisation/name, such as Qwen/Qwen3-8B"
                )),
            });
        }
    }
}

/// Whether something else says where the model is: another model by an argument, or an image that has it.
fn custom(entry: &Node) -> bool {
    let args = entry.get("deploy.args").map_or(&[][..], Node::items);
    let named = args
        .iter()
        .filter_map(Node::as_str)
        .any(|arg| arg.starts_with("--model") && !arg.starts_with("--model-"));
    let image = entry
        .get("deploy.image.repository")
        .and_then(Node::as_str)
        .unwrap_or("vllm/vllm-openai");
    named || !image.contains("vllm-openai")
}
