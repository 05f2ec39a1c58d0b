//! What several rules look for in the values.

use vllm_catalog::Version;

use crate::node::{Node, Value, Values, join, push, push_index};
pub use crate::units::duration;
use crate::url::Url;

/// Whether the switch at a path is on.
pub fn on(values: &Values, path: &str) -> bool {
    values.get(path).and_then(Node::as_bool) == Some(true)
}

/// The text at a path; empty where there is none.
pub fn text<'a>(values: &'a Values, path: &str) -> &'a str {
    values.get(path).and_then(Node::as_str).unwrap_or("")
}

/// Whether the Prometheus is surely not this chart's: a mode that names another's.
pub fn foreign_prometheus(values: &Values) -> bool {
    !matches!(text(values, "metrics.mode"), "standalone" | "auto" | "")
}

/// Whether an address is the own pod's, of the part whose value asks for it, and no container of the user's may
/// listen there.
pub fn own_pod(values: &Values, path: &str, url: &Url<'_>) -> bool {
    let section = path.split('.').next().unwrap_or(path);
    let section = if section == "tracing" {
        "tracing.collector"
    } else {
        section
    };
    url.local()
        && values
            .list(&format!("{section}.extraContainers"))
            .next()
            .is_none()
}

/// Seconds of the duration at a path.
pub fn seconds(values: &Values, path: &str) -> Option<f64> {
    values.get(path)?.as_seconds()
}

/// Whether the plugin decides, not an OTTL condition; the chart's template `engine`.
pub fn plugin(values: &Values) -> bool {
    match text(values, "tracing.policy.engine") {
        "auto" => !text(values, "tracing.collector.image.repository").is_empty(),
        engine => engine == "wasm",
    }
}

/// Whether it is a policy of somebody else's, with settings of its own.
pub fn foreign(values: &Values) -> bool {
    plugin(values) && !text(values, "tracing.policy.module.configMap").is_empty()
}

/// Every `keepTrace` of a latency that something reads, with its path: the one of all models, and
/// where the plugin decides those of single ones.
pub fn keep_traces<'a>(values: &'a Values, latency: &str) -> Vec<(String, &'a Node)> {
    let below = format!("thresholds.{latency}.keepTrace");
    let of_all = values.get(&below).map(|node| (below.clone(), node));
    let of_one = plugin(values).then(|| values.list("models")).into_iter();
    let of_one = of_one.flatten().filter_map(|(path, model)| {
        let node = model.get(&below)?;
        Some((format!("{path}.{below}"), node))
    });
    of_all.into_iter().chain(of_one).collect()
}

/// The repository of vLLM's own images, also below a mirror's host.
const PUBLISHED: &str = "vllm/vllm-openai";

/// One entry of `models`.
#[derive(Debug, Clone)]
pub struct Model<'a> {
    /// `models[0]`
    pub path: String,
    /// The entry.
    pub node: &'a Node,
    /// Its name.
    pub name: &'a str,
    /// What is deployed, where this chart deploys it.
    pub deploy: Option<&'a Node>,
}

/// The entries of `models` that have a name.
pub fn models(values: &Values) -> Vec<Model<'_>> {
    values
        .list("models")
        .filter_map(|(path, node)| {
            Some(Model {
                path,
                node,
                name: node.child("name")?.as_str()?,
                deploy: node
                    .child("deploy")
                    .filter(|d| d.child("enabled").and_then(Node::as_bool) == Some(true)),
            })
        })
        .collect()
}

impl Model<'_> {
    /// The name as a part of objects' names, as the chart's template `slug` makes it.
    pub fn slug(&self) -> String {
        let lower = self.name.to_ascii_lowercase();
        let dashed = lower.replace(|c: char| !matches!(c, 'a'..='z' | '0'..='9'), "-");
        let cut: String = dashed.chars().take(40).collect();
        cut.trim_matches('-').to_owned()
    }

    /// What scales it, where something does.
    pub fn autoscaling(&self) -> Option<&Node> {
        let autoscaling = self.node.child("autoscaling")?;
        let on = autoscaling.child("enabled").and_then(Node::as_bool) == Some(true);
        on.then_some(autoscaling)
    }

    /// The path of a key of `deploy`.
    pub fn deploy_path(&self, key: &str) -> String {
        join(&join(&self.path, "deploy"), key)
    }

    /// The tag of a deployed image and the release of vLLM that it is; none where that cannot be
    /// known, as in the chart's template `vllmRelease`: another repository numbers as it likes.
    pub fn release(&self) -> Option<(&Node, Version)> {
        let image = self.deploy?.child("image")?;
        let repository = image.child("repository").and_then(Node::as_str);
        if repository
            .is_some_and(|own| own != PUBLISHED && !own.ends_with(&format!("/{PUBLISHED}")))
        {
            return None;
        }
        let tag = image.child("tag")?;
        Some((tag, Version::parse(tag.as_str()?).ok()?))
    }

    /// An argument of `vllm serve` in `deploy.args`, given as `--flag=value`, as two items, or
    /// alone (an empty value); the last one wins, as it does for vLLM.
    pub fn arg(&self, flag: &str) -> Option<Arg<'_>> {
        let args = self.deploy?.child("args")?.items();
        let (index, node) = args.iter().enumerate().rfind(|(_, node)| {
            let text = node.as_str().unwrap_or("");
            text.split_once('=')
                .map_or(text, |(name, _)| name)
                .replace('_', "-")
                == flag
        })?;
        let text = node.as_str().unwrap_or("");
        let next = args.get(index + 1);
        let next = next.filter(|next| next.as_str().is_some_and(|n| !n.starts_with("--")));
        let (value, holder) = match text.split_once('=') {
            Some((_, value)) => (value, node),
            None => (
                next.and_then(Node::as_str).unwrap_or(""),
                next.unwrap_or(node),
            ),
        };
        Some(Arg {
            path: format!("{}[{index}]", self.deploy_path("args")),
            node,
            value,
            holder,
        })
    }
}

/// An argument of `vllm serve`.
#[derive(Debug, Clone)]
pub struct Arg<'a> {
    /// `models[0].deploy.args[2]`
    pub path: String,
    /// The item with the flag.
    pub node: &'a Node,
    /// What it is set to.
    pub value: &'a str,
    /// The item with the value: the same, or the next.
    pub holder: &'a Node,
}

/// An address and the headers that are sent to it, as one text: the same for what goes to one receiver
/// under one name.
pub fn sends(address: &str, to: &Node) -> String {
    let mut text = address.to_owned();
    for (name, value) in to.child("headers").into_iter().flat_map(Node::entries) {
        for part in ["\n", name, "=", value.as_str().unwrap_or("")] {
            text.push_str(part);
        }
    }
    text
}

/// Every node with its path and key, parents before children.
pub fn walk<'a>(node: &'a Node, path: &str, visit: &mut dyn FnMut(&str, &str, &'a Node)) {
    below(node, &mut path.to_owned(), true, visit);
}

/// The same of what somebody gave: with each map that has a part of it, without what the chart has itself.
/// That is nine tenths of the values, and right where nothing else bears on it.
pub fn walk_given<'a>(node: &'a Node, path: &str, visit: &mut dyn FnMut(&str, &str, &'a Node)) {
    below(node, &mut path.to_owned(), false, visit);
}

/// One text for all paths: a rule that looks at a thousand values would otherwise make a thousand.
fn below<'a>(
    node: &'a Node,
    path: &mut String,
    all: bool,
    visit: &mut dyn FnMut(&str, &str, &'a Node),
) {
    let length = path.len();
    match &node.value {
        Value::Map(map) => {
            for (key, child) in map {
                if !all && child.place.is_untouched() {
                    continue;
                }
                push(path, key);
                visit(path, key, child);
                below(child, path, all, visit);
                path.truncate(length);
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                push_index(path, index);
                visit(path, "", item);
                below(item, path, all, visit);
                path.truncate(length);
            }
        }
        _ => {}
    }
}
