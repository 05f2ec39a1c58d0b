//! Prefill and decode apart: who computes KV blocks and who takes them.

use super::super::say;
use super::written;
use crate::node::Node;
use crate::rules::look::{Arg, Model, models};
use crate::set::read_json;
use crate::{Finding, Findings, Values};

const FLAG: &str = "--kv-transfer-config";
/// A role, the part of a name that says that it is not meant, and the role that is.
const ROLES: [(&str, &str, &str); 2] = [
    ("kv_producer", "decode", "kv_consumer"),
    ("kv_consumer", "prefill", "kv_producer"),
];

/// An entry of which the role is known.
struct Pod<'a> {
    model: &'a Model<'a>,
    role: String,
}

fn role(arg: &Arg<'_>) -> Option<String> {
    let object = read_json(arg.value)?;
    Some(object.child("kv_role")?.as_str()?.to_owned())
}

pub(in crate::rules::vllm_value) fn check(values: &Values, findings: &mut Findings) {
    let models = models(values);
    let pods: Vec<Pod<'_>> = (models.iter())
        .filter_map(|model| {
            let role = role(&model.arg(FLAG)?)?;
            Some(Pod { model, role })
        })
        .collect();
    for (role, other, meant) in ROLES {
        let named = |word: &str, pod: &Pod<'_>| pod.model.name.to_ascii_lowercase().contains(word);
        // The name of the side that has this role.
        let own = if other == "decode" {
            "prefill"
        } else {
            "decode"
        };
        let mut wrong: Vec<&Pod<'_>> = (pods.iter())
            .filter(|pod| pod.role == role && named(other, pod) && !named(own, pod))
            .collect();
        let same = |pod: &&Pod<'_>| weights(pod) == pods.first().and_then(weights);
        let all = pods.len() > 1 && pods.iter().all(|pod| pod.role == role && same(&pod));
        // Where the other side is of another release, each name may say which this one is.
        if wrong.is_empty() && all && !pods.iter().all(|pod| named(own, pod)) {
            wrong.extend(pods.iter().rfind(|pod| !named(own, pod)));
        }
        for pod in wrong {
            findings.0.extend(said(pod, role, meant));
        }
    }
}

fn weights<'a>(pod: &Pod<'a>) -> Option<&'a str> {
    pod.model.deploy?.child("model").and_then(Node::as_str)
}

fn said(pod: &Pod<'_>, role: &str, meant: &str) -> Option<Finding> {
    let arg = pod.model.arg(FLAG)?;
    let (found, why) = if role == "kv_producer" {
        (
            format!(
                "{role} for {}, which nobody takes KV blocks from",
                pod.model.name
            ),
            "No pod receives KV blocks: each prompt is computed again where it is decoded.",
        )
    } else {
        (
            format!(
                "{role} for {}, which nobody sends KV blocks to",
                pod.model.name
            ),
            "No pod sends KV blocks: each prompt is computed again where it is decoded.",
        )
    };
    let finding = say(
        &arg.path,
        arg.holder,
        found,
        "kv_producer for prefill, kv_consumer for decode, or kv_both",
    )
    .why(why);
    let value = arg
        .value
        .replacen(&format!("\"{role}\""), &format!("\"{meant}\""), 1);
    let finding = written(finding, &arg, &value).as_warning();
    Some(finding)
}
