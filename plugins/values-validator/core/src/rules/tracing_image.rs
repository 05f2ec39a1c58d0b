//! vLLM's images come with OpenTelemetry from 0.17.0 on. An older one stops at its start when the
//! tracing flag is given, and the pod restarts for ever. `deploy.tracing: false` leaves the flag out.
//! Images of your own may have OpenTelemetry added, which helps from vLLM 0.10.2 on.

use vllm_catalog::Version;
use vllm_catalog::spans::TRACING_SINCE;

use super::Rule;
use super::look::{models, on};
use crate::node::join;
use crate::{Findings, Node, Severity, Values};

/// `models[].deploy.image` against tracing.
pub const RULE: Rule = Rule {
    code: "tracing-image",
    severity: Severity::Error,
    title: "An image of vLLM is too old to trace",
    check,
};

/// The first release whose package depends on OpenTelemetry (vLLM's requirements/common.txt).
const SINCE: Version = Version::new(0, 17, 0);
/// Whose images are known; of others nobody knows what was added.
const REPOSITORY: &str = "vllm/vllm-openai";

fn check(values: &Values, findings: &mut Findings) {
    if !on(values, "tracing.enabled") {
        return;
    }
    for model in models(values) {
        let Some(deploy) = model.deploy else {
            continue;
        };
        let traces = deploy.child("tracing").and_then(Node::as_bool) != Some(false);
        let Some(image) = deploy.child("image").filter(|_| traces) else {
            continue;
        };
        let repository = image.child("repository").and_then(Node::as_str);
        let Some(tag) = image.child("tag") else {
            continue;
        };
        let Some(version) = tag.as_str().and_then(|t| Version::parse(t).ok()) else {
            continue;
        };
        let published = repository.unwrap_or(REPOSITORY).ends_with(REPOSITORY);
        let since = if published { SINCE } else { TRACING_SINCE };
        if version >= since {
            continue;
        }
        findings.push(
            RULE.at(join(&model.deploy_path("image"), "tag"), tag.place)
                .found(format!("vLLM {version}, with tracing on"))
                .expected(format!("vLLM {since} or newer, or deploy.tracing: false"))
                .why("The image lacks OpenTelemetry: vLLM stops at the tracing flag, again and again.")
                .fix("set deploy.tracing to false for this model, or take a newer image"),
        );
    }
}
