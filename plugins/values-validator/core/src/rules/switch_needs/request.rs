//! The kind of request that the probe sends, against what a model can answer.

use super::RULE;
use crate::node::join;
use crate::rules::look::{Model, models, on};
use crate::{Findings, Node, Values};

/// Parts of names of models that generate nothing, and the request that they answer.
const NAMES: &str = "embed embeddings\nbge-m3 embeddings\nbge-large embeddings\nbge-base embeddings\nbge-small embeddings\ngte-qwen embeddings\ngte-large embeddings\ne5-mistral embeddings\ne5-large embeddings\nmultilingual-e5 embeddings\nall-minilm embeddings\nrerank score\nreward pooling\nclassifier classify";
/// Tasks and conversions of vLLM's arguments, and the request that they leave.
const TASKS: &str =
    "embed embeddings\nembedding embeddings\nscore score\nreward pooling\nclassify classify";

/// What a model answers, and where that is said; an argument is above the name.
fn answers(model: &Model<'_>) -> Option<(&'static str, crate::Place)> {
    let table = |table: &'static str, fits: &dyn Fn(&str) -> bool| {
        let mut lines = table.lines().filter_map(|line| line.split_once(' '));
        lines
            .find(|(word, _)| fits(word))
            .map(|(_, request)| request)
    };
    for flag in ["--task", "--convert"] {
        if let Some(arg) = model.arg(flag)
            && let Some(request) = table(TASKS, &|word| word == arg.value)
        {
            return Some((request, arg.node.place));
        }
    }
    let generates = |flag: &str| model.arg(flag).is_some_and(|arg| arg.value == "generate");
    if generates("--runner") || generates("--task") {
        return None;
    }
    let node = model
        .deploy?
        .child("model")
        .or_else(|| model.node.child("name"))?;
    let name = node.as_str()?.to_ascii_lowercase();
    Some((table(NAMES, &|word| name.contains(word))?, node.place))
}

pub(super) fn check(values: &Values, findings: &mut Findings) {
    if !on(values, "probe.enabled") {
        return;
    }
    let of_all = values.get("probe.request");
    for model in models(values) {
        let own = model.node.get("probe.request");
        let Some(sent) = own.or(of_all).and_then(Node::as_str) else {
            continue;
        };
        let (wanted, place) = match (answers(&model), sent) {
            (Some((wanted, place)), "completions") => (wanted, place),
            (None, "embeddings" | "pooling" | "score" | "classify") => match talks(&model) {
                Some(node) => ("completions", node.place),
                None => continue,
            },
            _ => continue,
        };
        let path = join(&model.path, "probe.request");
        let at = own.map_or(place, |node| node.place);
        let finding = RULE
            .warning(path, &at)
            .found(if wanted == "completions" {
                format!("requests of the kind {sent} to a model that generates")
            } else {
                format!("requests of the kind {sent} to a model that does not generate")
            })
            .expected(format!("probe.request: {wanted}"))
            .why("vLLM answers them with an error: VllmProbeFailing fires.");
        findings.push(match own {
            Some(node) => finding.writes(node.place, wanted),
            None => finding.fix(format!(
                "add probe: {{request: {wanted}}} to the model's entry"
            )),
        });
    }
}

/// The name of a model that surely generates.
fn talks<'a>(model: &Model<'a>) -> Option<&'a Node> {
    let node = model.deploy?.child("model")?;
    let name = node.as_str()?.to_ascii_lowercase();
    let pooled = ["--task", "--convert", "--runner"]
        .iter()
        .any(|flag| model.arg(flag).is_some());
    let words = ["instruct", "-it", "chat", "thinking", "coder"];
    (!pooled && words.iter().any(|word| name.contains(word))).then_some(node)
}
