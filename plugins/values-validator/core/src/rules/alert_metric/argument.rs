//! Series that vLLM fills with an argument only, where no entry has it.

use super::RULE;
use crate::promql::{Expr, dead};
use crate::rules::look::models;
use crate::{Finding, Node, Place, Values};
use vllm_catalog::{Presence, family_of_series};

/// Beginnings of names, and the arguments of which each needs one.
const STARTS: [(&str, &str); 11] = [
    ("vllm:nixl_", "--kv-transfer-config"),
    ("vllm:mooncake_", "--kv-transfer-config"),
    (
        "vllm:kv_offload_",
        "--kv-offloading-size --kv-transfer-config",
    ),
    ("vllm:sleep_mode_", "--enable-sleep-mode"),
    ("vllm:estimated_flops_", "--enable-mfu-metrics"),
    ("vllm:estimated_read_", "--enable-mfu-metrics"),
    ("vllm:estimated_write_", "--enable-mfu-metrics"),
    (
        "model:vllm_spec_decode_",
        "--speculative-config --spec-method",
    ),
    ("model:vllm_nixl_", "--kv-transfer-config"),
    ("model:vllm_mooncake_", "--kv-transfer-config"),
    (
        "model:vllm_kv_offload_",
        "--kv-offloading-size --kv-transfer-config",
    ),
];

/// The arguments of which a series needs one.
fn needed(name: &str) -> Option<&'static str> {
    if let Some((_, flags)) = STARTS.iter().find(|(start, _)| name.starts_with(start)) {
        return Some(flags);
    }
    let Presence::Optional(why) = family_of_series(name)?.presence else {
        return None;
    };
    why.split(' ').next().filter(|word| word.starts_with("--"))
}

/// Whether an entry's arguments have one of these, or may have it: a file of arguments, a variable, a command of
/// somebody's own.
fn given(deploy: &Node, flags: &str) -> bool {
    let mut texts = deploy
        .child("args")
        .map_or(&[][..], Node::items)
        .iter()
        .map(|node| node.as_str().unwrap_or("$("));
    texts.any(|text| {
        let text = text.replace('_', "-");
        text.starts_with("$(")
            || text.starts_with("-sc")
            || text.starts_with("--config")
            || flags.split(' ').any(|flag| text.starts_with(flag))
    })
}

/// An alert on what no entry's arguments turn on; nothing where vLLM runs that this chart does not deploy.
pub(super) fn check(
    values: &Values,
    path: &str,
    place: Place,
    expr: &Expr,
    name: &str,
) -> Option<Finding> {
    let flags = needed(name)?;
    let models = models(values);
    let without = models
        .iter()
        .all(|model| model.deploy.is_some_and(|deploy| !given(deploy, flags)));
    if models.is_empty() || !without || !dead(expr, &|own| own == name) {
        return None;
    }
    let flag = flags.split(' ').next().unwrap_or(flags);
    let finding = RULE
        .warning(path, place)
        .found(format!("{name}, without the argument {flag}"))
        .expected(text!("a series that vLLM exports or this chart records"))
        .why("vLLM fills it only with that argument, so the alert never fires.")
        .fix(match flag {
            "--speculative-config" | "--kv-transfer-config" | "--kv-offloading-size" => {
                format!("add {flag}=… to models[].deploy.args, or remove the alert")
            }
            _ => format!("add the argument {flag} to models[].deploy.args"),
        });
    let args = models[0].deploy.and_then(|deploy| deploy.child("args"));
    Some(match args.filter(|args| !args.is_default()) {
        Some(args) => finding.related(args.place, "arguments without it"),
        None => finding.related(models[0].node.place, "an entry without it"),
    })
}
