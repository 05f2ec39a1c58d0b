//! vLLM's images run as a user other than root from 0.23.0 on. An older one, as the chart starts it,
//! cannot read its own Python.
//!
//! The chart refuses it too.

use vllm_catalog::image::{NON_ROOT_SINCE, USER};

use super::Rule;
use super::look::models;
use crate::node::join;
use crate::{Findings, Node, Severity, Values};

/// `models[].deploy.runAsUser` against the image.
pub const RULE: Rule = Rule {
    code: "image-user",
    severity: Severity::Error,
    title: text!("An image of vLLM only runs as root"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for model in models(values) {
        let (Some(deploy), Some((tag, version))) = (model.deploy, model.release()) else {
            continue;
        };
        let user = deploy.child("runAsUser").and_then(Node::as_i64);
        let user = user.unwrap_or(i64::from(USER));
        if user == 0 || version >= NON_ROOT_SINCE {
            continue;
        }
        findings.push(
            RULE.at(join(&model.deploy_path("image"), "tag"), &tag.place)
                .found(format!("vLLM {version} as user {user}"))
                .expected(format!(
                    "vLLM {NON_ROOT_SINCE} or newer, or deploy.runAsUser: 0"
                ))
                .why(text!(
                    "Python is in a folder that only root can read there: the server cannot start."
                ))
                .fix(text!(
                    "take a newer image, or set runAsUser to 0 where Pod Security allows it"
                )),
        );
    }
}
