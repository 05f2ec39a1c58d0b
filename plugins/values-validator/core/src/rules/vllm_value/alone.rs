//! Values that vLLM's parser takes and its engine does not: none of what there must be some of, a switch both ways, a
//! file without its folder.

use super::{RULE, say};
use crate::rules::concurrency::integer;
use crate::rules::look::Model;
use crate::{Findings, Node};

/// Numbers of which vLLM needs one at least, and what to write.
const SOME: [(&str, &str); 7] = [
    ("--max-num-seqs", "256"),
    ("--max-num-batched-tokens", "8192"),
    ("--max-model-len", "32768"),
    ("--max-loras", "1"),
    ("--max-lora-rank", "16"),
    ("--block-size", "16"),
    ("--api-server-count", "1"),
];

pub(super) fn check(model: &Model<'_>, findings: &mut Findings) {
    for (flag, instead) in SOME {
        let Some(arg) = model.arg(flag) else { continue };
        let number = integer(arg.value);
        // Kernels take blocks of these.
        let odd = flag == "--block-size"
            && number.is_some_and(|size| size % 16 != 0 && size != 1 && size != 8);
        if number == Some(0) || odd {
            let old = arg.holder.as_str().unwrap_or("");
            let new = format!("{}{instead}", old.strip_suffix(arg.value).unwrap_or(""));
            let expected = if odd {
                "a multiple of 16"
            } else {
                "a number above 0"
            };
            let finding = say(
                &arg.path,
                arg.holder,
                format!("{flag}={}", arg.value),
                expected,
            );
            findings.push(if flag == "--max-model-len" {
                finding.fix("write the longest context that is wanted, such as 32768, or remove it for the model's own")
            } else {
                finding.quotes(arg.holder.place, &new)
            });
        }
    }
    both(model, findings);
    template(model, findings);
}

/// A switch that is on and off.
fn both(model: &Model<'_>, findings: &mut Findings) {
    let args = model.deploy.and_then(|deploy| deploy.child("args"));
    for (at, node) in args.map_or(&[][..], Node::items).iter().enumerate() {
        let text = node.as_str().unwrap_or("").replace('_', "-");
        let Some(rest) = text.strip_prefix("--no-") else {
            continue;
        };
        let Some(other) = model.arg(&format!("--{rest}")) else {
            continue;
        };
        findings.push(
            RULE.warning(format!("{}[{at}]", model.deploy_path("args")), &node.place)
                .found(format!("{text} beside --{rest}"))
                .expected("one of the two")
                .why("vLLM takes the last and says nothing.")
                .fix("remove the one that is not meant")
                .related(other.node.place, "the other"),
        );
    }
}

/// The name of a template without its folder: the process starts in one that has none.
fn template(model: &Model<'_>, findings: &mut Findings) {
    let Some(arg) = model.arg("--chat-template") else {
        return;
    };
    let file = arg.value.ends_with(".jinja") || arg.value.ends_with(".jinja2");
    if file && !arg.value.contains(['/', '$', '{']) {
        let value = arg.value;
        findings.push(
            say(
                &arg.path,
                arg.holder,
                format!("--chat-template={value}, without its folder"),
                "the whole path of a mounted file",
            )
            .fix(format!(
                "write /templates/{value}, and mount the file: volumes: [{{name: templates, configMap: {{name: <ConfigMap>}}}}], volumeMounts: [{{name: templates, mountPath: /templates}}]"
            ))
            // An image of somebody's own may have it there.
            .as_warning(),
        );
    }
}
