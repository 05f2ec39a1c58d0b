//! OpenTelemetry's variables in the environment change what vLLM sends: whether, by which protocol, and
//! how many traces. The chart's receiver takes gRPC, and the policy decides on whole traces: a sampler
//! before it leaves it none. `CUDA_VISIBLE_DEVICES` hides GPUs from the ranks that need them.

use super::Rule;
use super::look::{models, on};
use crate::{Findings, Node, Severity, Values};

/// `models[].deploy.env` against tracing and the number of ranks.
pub const RULE: Rule = Rule {
    code: "vllm-environment",
    severity: Severity::Warning,
    title: text!("A variable of the environment takes away what the chart sets up"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    let traced = on(values, "tracing.enabled");
    for model in models(values) {
        let Some(deploy) = model.deploy else { continue };
        let traced = traced && deploy.child("tracing").and_then(Node::as_bool) != Some(false);
        let size = |key: &str| deploy.child(key).and_then(Node::as_i64).unwrap_or(1);
        let ranks =
            size("tensorParallelSize") * size("pipelineParallelSize") * size("dataParallelSize");
        let env = deploy.child("env").map_or(&[][..], Node::items);
        for (at, variable) in env.iter().enumerate() {
            let [Some(name), Some(value)] = ["name", "value"].map(|key| variable.child(key)) else {
                continue;
            };
            let (Some(name), Some(text)) = (name.as_str(), value.as_str()) else {
                continue;
            };
            let lower = text.to_ascii_lowercase();
            let said = match name {
                "OTEL_SDK_DISABLED" if traced && lower == "true" => Some((
                    "vLLM sends no traces at all.",
                    "remove it, or set deploy.tracing: false".to_owned(),
                )),
                "OTEL_TRACES_EXPORTER" if traced && lower != "otlp" => Some((
                    "vLLM sends no traces to the collector.",
                    "remove it".to_owned(),
                )),
                "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL" | "OTEL_EXPORTER_OTLP_PROTOCOL"
                    if traced && lower != "grpc" =>
                {
                    Some((
                        "The chart names the collector's port for gRPC: every attempt to send fails.",
                        "remove it, or write grpc".to_owned(),
                    ))
                }
                "OTEL_TRACES_SAMPLER" if traced && !lower.ends_with("always_on") => Some((
                    "vLLM drops traces before the policy sees them, slow ones and errors too.",
                    "remove it: tracing.policy and tracing.sampling decide what is kept".to_owned(),
                )),
                "OTEL_EXPORTER_OTLP_INSECURE" | "OTEL_EXPORTER_OTLP_TRACES_INSECURE" => None,
                "CUDA_VISIBLE_DEVICES" | "HIP_VISIBLE_DEVICES" | "NVIDIA_VISIBLE_DEVICES" => {
                    let count =
                        i64::try_from(text.split(',').filter(|d| !d.trim().is_empty()).count())
                            .unwrap_or(0);
                    let all = matches!(lower.as_str(), "all" | "void" | "none");
                    (!all && count < ranks).then(|| {
                        (
                            "vLLM sees fewer GPUs than it has ranks, and ends at its start.",
                            "remove it: the pod sees the GPUs that it was given, and no others"
                                .to_owned(),
                        )
                    })
                }
                _ => None,
            };
            if let Some((why, fix)) = said {
                findings.push(
                    RULE.at(
                        format!("{}[{at}].value", model.deploy_path("env")),
                        &value.place,
                    )
                    .found(format!("{name}={text}"))
                    .expected(if name.contains("VISIBLE") {
                        format!("{ranks} GPUs for {ranks} ranks")
                    } else {
                        "tracing as the chart sets it up".to_owned()
                    })
                    .why(why)
                    .fix(fix),
                );
            }
        }
    }
}
