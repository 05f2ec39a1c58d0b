//! The chart writes some arguments of `vllm serve` itself, from other keys. vLLM takes the last one
//! given, so `args` win, and what the chart made of the key (the Service's port, the probes, the label
//! with the model's name) no longer fits.

#[cfg(feature = "full")]
mod server;

use super::Rule;
use super::look::{Model, models, on};
use crate::{Findings, Node, Severity, Values};

/// `models[].deploy.args` against the arguments that the chart writes.
pub const RULE: Rule = Rule {
    code: "args-clash",
    severity: Severity::Error,
    title: text!("An argument overrides what the chart itself sets"),
    check,
};

/// Flag and the key that sets it.
const WRITTEN: [(&str, &str); 5] = [
    ("--model", "deploy.model"),
    ("--served-model-name", "name, and deploy.servedNames"),
    ("--port", "port"),
    (
        "--host",
        "nothing: the chart's probes and scrapes need every address",
    ),
    ("--otlp-traces-endpoint", "tracing"),
];

fn check(values: &Values, findings: &mut Findings) {
    for model in models(values) {
        #[cfg(feature = "full")]
        server::none(&model, findings);
        for (flag, key) in WRITTEN {
            let Some(arg) = model.arg(flag) else {
                continue;
            };
            if same(&model, values, flag, arg.value) {
                continue;
            }
            findings.push(
                RULE.at(arg.path.clone(), &arg.node.place)
                    .found(format!("{flag} {}", arg.value))
                    .expected(format!("what sets it: {key}"))
                    .why(text!("vLLM takes the last one, and what the chart made of its own no longer fits."))
                    .fix(instead(flag, arg.value)),
            );
        }
    }
}

/// Whether it says what the chart says, or what the chart leaves open.
fn same(model: &Model<'_>, values: &Values, flag: &str, value: &str) -> bool {
    let deploy = |key: &str| model.deploy.and_then(|deploy| deploy.child(key));
    match flag {
        "--host" => matches!(value, "0.0.0.0" | "::" | "[::]"),
        "--port" => {
            let port = model
                .node
                .child("port")
                .and_then(Node::as_i64)
                .unwrap_or(8000);
            value == port.to_string()
        }
        "--served-model-name" => value == model.name,
        "--model" => value == deploy("model").and_then(Node::as_str).unwrap_or(model.name),
        "--otlp-traces-endpoint" => {
            !on(values, "tracing.enabled")
                || deploy("tracing").and_then(Node::as_bool) == Some(false)
        }
        _ => false,
    }
}

/// Where the same is said in this chart.
fn instead(flag: &str, value: &str) -> String {
    match flag {
        "--port" => format!("take {flag} out of args, or set port to {value}"),
        "--model" => format!("take {flag} out of args, or set deploy.model to {value}"),
        "--served-model-name" => {
            format!("take {flag} out of args; another name goes to deploy.servedNames: [{value}]")
        }
        _ => format!("take {flag} out of args"),
    }
}
