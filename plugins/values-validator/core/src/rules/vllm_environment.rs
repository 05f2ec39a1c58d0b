//! OpenTelemetry's variables in the environment change what vLLM sends: whether, by which protocol, and
//! how many traces. The chart's receiver takes gRPC, and the policy decides on whole traces: a sampler
//! before it leaves it none. `CUDA_VISIBLE_DEVICES` hides GPUs from the ranks that need them.

#[cfg(feature = "full")]
mod offline;
#[cfg(feature = "full")]
mod words;

use super::Rule;
use super::look::{models, on};
use crate::embedded::Text;
use crate::{Findings, Node, Severity, Values};

/// `models[].deploy.env` against tracing and the number of ranks.
pub const RULE: Rule = Rule {
    code: "vllm-environment",
    severity: Severity::Warning,
    title: text!("An environment variable disables what the chart sets up"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    let traced = on(values, "tracing.enabled");
    for model in models(values) {
        let Some(deploy) = model.deploy else { continue };
        #[cfg(feature = "full")]
        offline::check(values, &model, findings);
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
            // Names of vLLM's own, as people set them.
            const NAMES: Text = text!(
                "VLLM_ATTENTION_BACKEND VLLM_USE_V1 VLLM_LOGGING_LEVEL VLLM_API_KEY VLLM_HOST_IP VLLM_PORT VLLM_CACHE_ROOT VLLM_CONFIG_ROOT VLLM_CPU_KVCACHE_SPACE VLLM_CPU_OMP_THREADS_BIND VLLM_WORKER_MULTIPROC_METHOD VLLM_ALLOW_LONG_MAX_MODEL_LEN VLLM_ALLOW_RUNTIME_LORA_UPDATING VLLM_NO_USAGE_STATS VLLM_DO_NOT_TRACK VLLM_ENGINE_ITERATION_TIMEOUT_S VLLM_RPC_TIMEOUT VLLM_TRACE_FUNCTION VLLM_USE_MODELSCOPE VLLM_USE_FLASHINFER_SAMPLER VLLM_FLASH_ATTN_VERSION VLLM_ENABLE_V1_MULTIPROCESSING VLLM_ALL2ALL_BACKEND VLLM_USE_DEEP_GEMM VLLM_NIXL_SIDE_CHANNEL_HOST VLLM_NIXL_SIDE_CHANNEL_PORT VLLM_SKIP_WARMUP VLLM_TARGET_DEVICE VLLM_LOGGING_CONFIG_PATH VLLM_CONFIGURE_LOGGING VLLM_PP_LAYER_PARTITION VLLM_ROCM_USE_AITER VLLM_LOG_STATS_INTERVAL HF_TOKEN HF_HOME HF_HUB_OFFLINE HF_ENDPOINT HF_HUB_CACHE HF_HUB_ENABLE_HF_TRANSFER HF_HUB_DISABLE_TELEMETRY"
            );
            let own = name.starts_with("VLLM_") || name.starts_with("HF_");
            if own
                && !NAMES.split(' ').any(|known| known == name)
                && let Some(near) = NAMES
                    .split(' ')
                    .find(|known| strsim::damerau_levenshtein(known, name) == 1)
                && let Some(node) = variable.child("name")
            {
                findings.push(
                    RULE.finds(
                        format!("{}[{at}].name", model.deploy_path("env")),
                        &node.place,
                        format!("the variable {name}"),
                        text!("a variable that vLLM reads"),
                        text!("vLLM reads no such variable: the value does nothing."),
                    )
                    .meant(node.place, near),
                );
            }
            let lower = text.to_ascii_lowercase();
            #[cfg(feature = "full")]
            findings
                .0
                .extend(words::check(&model, at, name, value, traced));
            closed(&model.deploy_path("env"), at, name, value, findings);
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

/// Variables of which vLLM takes some words only, case apart, and those words.
const CLOSED: &str = "\
VLLM_LOGGING_LEVEL DEBUG INFO WARNING ERROR CRITICAL WARN FATAL NOTSET
VLLM_WORKER_MULTIPROC_METHOD spawn fork
VLLM_USE_V1 1 0
VLLM_USE_FLASHINFER_SAMPLER 1 0
VLLM_ENABLE_V1_MULTIPROCESSING 1 0
VLLM_USE_DEEP_GEMM 1 0
VLLM_CONFIGURE_LOGGING 1 0";

/// A word that the variable does not take: vLLM ends at its start.
fn closed(path: &str, at: usize, name: &str, value: &Node, findings: &mut Findings) {
    let words = |line: &'static str| line.strip_prefix(name)?.strip_prefix(' ');
    let (Some(known), Some(text)) = (CLOSED.lines().find_map(words), value.as_str()) else {
        return;
    };
    // An empty one, or a number for a switch, is as it may be.
    let number = text.parse::<u32>().is_ok() && known.ends_with('0');
    if number
        || known
            .split(' ')
            .any(|word| word.eq_ignore_ascii_case(text.trim()))
    {
        return;
    }
    let meant = match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "enabled" if known.ends_with('0') => Some("1"),
        "false" | "no" | "off" | "disabled" if known.ends_with('0') => Some("0"),
        "information" => Some("INFO"),
        _ => crate::shape::nearest(text, known.split(' ')),
    };
    let some: Vec<&str> = known.split(' ').take(5).collect();
    let mut finding = RULE
        .at(format!("{path}[{at}].value"), &value.place)
        .found(format!("{name}={text}"))
        .expected(some.join(", "))
        .why(text!("vLLM does not know the word, and ends at its start."));
    finding = match meant {
        Some(meant) => finding.quotes(value.place, meant),
        None => finding.fix(format!("write one of {}", some.join(", "))),
    };
    findings.push(finding);
}
