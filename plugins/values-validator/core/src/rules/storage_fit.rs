//! Disks that do not fit what is put on them: ReadWriteOnce for replicas on several nodes, ReadOnlyMany for a
//! claim that is still empty, fewer bytes than the weights have, a limit of samples above the disk, queues
//! of traces that are larger than their volume.
//!
//! The chart refuses such queues too.

#[cfg(feature = "full")]
mod block;
#[cfg(feature = "full")]
mod ephemeral;
#[cfg(feature = "full")]
mod filling;

use super::Rule;
use super::look::{models, on};
use crate::node::join;
use crate::{Finding, Findings, Node, Severity, Values, units};
use vllm_catalog::number::Shown;

/// `*.storage` against what is stored.
pub const RULE: Rule = Rule {
    code: "storage-fit",
    severity: Severity::Warning,
    title: text!("A volume does not fit what is stored on it"),
    check,
};

const GIB: f64 = 1_073_741_824.0;

/// Bytes of the weights as the model's name tells: `235B` parameters, half a byte each at least.
pub(super) fn weights(name: &str) -> Option<f64> {
    let words = name.split(['-', '_', '/', ' ']);
    let billions = words.filter_map(|word| {
        let digits = word.strip_suffix(['b', 'B'])?;
        crate::units::float(digits)
    });
    billions.reduce(f64::max).map(|b| b * 0.5e9)
}

/// How many exporters have a queue.
pub(super) fn queues(values: &Values) -> usize {
    let named = ["otlp", "otlphttp"].map(|kind| {
        let of_kind = values.get(&format!("tracing.exporters.{kind}"));
        of_kind.map_or(0, |of_kind| of_kind.entries().count())
    });
    (named[0] + named[1] + usize::from(on(values, "jaeger.enabled"))).max(1)
}

/// The exporters' queues against the volume that contains them; the chart refuses the same.
fn queue(values: &Values, findings: &mut Findings) {
    let (Some(size), Some(disk)) = (
        values.get("tracing.queue.size"),
        values.get("tracing.storage.size"),
    ) else {
        return;
    };
    let (Some(each), Some(room)) = (size.as_quantity(), disk.as_quantity()) else {
        return;
    };
    let queues = queues(values);
    #[expect(clippy::cast_precision_loss, reason = "a number of exporters")]
    let all = each * queues as f64;
    if on(values, "tracing.enabled") && on(values, "tracing.storage.persistent") && all > room {
        let mut finding = RULE
            .at("tracing.queue.size", size.place)
            .found(format!(
                "{} for each of {queues} exporters",
                size.as_str().unwrap_or("")
            ))
            .expected(format!(
                "together at most the volume, {}",
                disk.as_str().unwrap_or("")
            ))
            .why(text!(
                "Queued traces fill the volume, and new ones are lost."
            ))
            .fix(text!(
                "remove it for half of the volume, or raise tracing.storage.size"
            ))
            .related(disk.place, "the volume");
        finding.severity = Severity::Error;
        findings.push(finding);
    }
}

const SEVERAL: &str = "ReadWriteMany for replicas on several nodes";
const ONE_NODE: &str =
    "One node alone may mount it: replicas that need another node are never scheduled.";

/// A claim that not every replica can mount.
fn mounted(path: String, mode: &Node, word: &str, most: i64, expected: &str, why: &str) -> Finding {
    RULE.at(path, &mode.place)
        .found(format!("{word} for {most} replicas"))
        .expected(expected)
        .why(why)
}

/// The same of a claim that one node alone may mount.
#[cfg(feature = "full")]
pub(super) fn once(path: String, mode: &Node, word: &str, most: i64) -> Finding {
    mounted(path, mode, word, most, SEVERAL, ONE_NODE)
        .fix(text!("write ReadWriteMany, with a class that has it"))
}

/// A claim that does not contain the weights.
pub(super) fn small(path: String, size: &Node, text: &str, name: &str, least: f64) -> Finding {
    RULE.at(path, &size.place)
        .found(format!("{text} for the weights of {name}"))
        .expected(format!("{}Gi or more", Shown((least * 2.0 / GIB).ceil())))
        .why(text!(
            "The download fills the disk, and vLLM ends, again and again."
        ))
        .fix(if let Some(digits) = text.strip_suffix("Mi") {
            format!("write {digits}Gi")
        } else {
            "write the size of the weights and some room".to_owned()
        })
}

fn check(values: &Values, findings: &mut Findings) {
    for model in models(values) {
        let Some(deploy) = model.deploy else { continue };
        #[cfg(feature = "full")]
        ephemeral::check(&model, findings);
        let base = model.deploy_path("storage");
        let storage = |key: &str| {
            Some((
                deploy.get(&format!("storage.{key}"))?,
                deploy.get(&format!("storage.{key}"))?.as_str()?,
            ))
        };
        let Some((size, text)) = storage("size").filter(|(_, text)| !text.is_empty()) else {
            continue;
        };
        let replicas = model
            .node
            .child("replicas")
            .and_then(Node::as_i64)
            .unwrap_or(1);
        let most = model
            .autoscaling()
            .and_then(|a| a.child("maxReplicas")?.as_i64())
            .unwrap_or(replicas);
        if let Some((mode, word)) = storage("accessMode") {
            let finding = |expected: &str, why: &str| {
                mounted(join(&base, "accessMode"), mode, word, most, expected, why)
            };
            match word {
                "ReadWriteOncePod" if most > 1 => findings.push(finding("ReadWriteMany for several replicas", "One pod alone may mount it: the others are never scheduled.").fix(text!("write ReadWriteMany, with a class that has it"))),
                "ReadWriteOnce" if most > 1 => findings.push(finding(SEVERAL, ONE_NODE).fix(text!("write ReadWriteMany, with a class that has it"))),
                "ReadOnlyMany" => findings.push(
                    finding("a claim that vLLM may fill, or existingClaim for one that is filled", "The claim is made empty, and nobody may write to it: vLLM finds no weights.").fix(text!("write ReadWriteMany, or name a filled claim in existingClaim")),
                ),
                _ => {}
            }
        }
        let name = deploy
            .child("model")
            .and_then(Node::as_str)
            .unwrap_or(model.name);
        if let (Some(bytes), Some(least)) = (units::quantity(text), weights(name))
            && bytes >= 1_048_576.0
            && bytes < least
        {
            findings.push(small(join(&base, "size"), size, text, name, least));
        }
    }
    queue(values, findings);
    #[cfg(feature = "full")]
    block::check(values, findings);
    samples(values, findings);
}

/// Bytes of a size as Prometheus writes it: 40GB are 40 * 1024³.
fn binary(text: &str) -> Option<f64> {
    let amount = text.strip_suffix('B')?;
    units::quantity(&if amount.ends_with(['K', 'M', 'G', 'T', 'P', 'E']) {
        format!("{amount}i")
    } else {
        amount.to_owned()
    })
}

/// The limit of Prometheus' samples against its disk.
fn samples(values: &Values, findings: &mut Findings) {
    let prometheus = |key: &str| values.get(&format!("prometheus.{key}"));
    let (true, Some(limit), Some(size)) = (
        on(values, "prometheus.storage.persistent"),
        prometheus("retentionSize"),
        prometheus("storage.size"),
    ) else {
        return;
    };
    let (Some(text), Some(disk)) = (limit.as_str(), size.as_quantity()) else {
        return;
    };
    let bytes = binary(text);
    #[cfg(feature = "full")]
    if bytes.is_some() || text.is_empty() {
        filling::check(values, bytes, disk, findings);
    }
    if bytes.is_some_and(|bytes| bytes > disk * 0.95) {
        findings.push(
            RULE.finds(
                "prometheus.retentionSize",
                &limit.place,
                format!(
                    "{text} of samples on a disk of {}",
                    size.as_str().unwrap_or("")
                ),
                text!("at most 80 % of the disk"),
                text!("The disk is full before the oldest samples make room: Prometheus stops."),
            )
            .fix(text!(
                "raise prometheus.storage.size, or remove retentionSize for 80 % of it"
            ))
            .related(size.place, "the disk"),
        );
    }
}
