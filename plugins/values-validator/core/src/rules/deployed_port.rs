//! `port` of a model that something else deploys may be a container port's name. A model that this
//! chart deploys has no port yet: vLLM needs the number to listen on, and listens on one.
//!
//! The chart refuses it too.

use super::Rule;
use super::look::models;
use crate::{Findings, Severity, Values};

/// `models[].port` of a deployed model.
pub const RULE: Rule = Rule {
    code: "deployed-port",
    severity: Severity::Error,
    title: text!("A deployed model's port is a name, or there are several"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    for model in models(values).iter().filter(|m| m.deploy.is_some()) {
        if let Some(ports) = model.node.child("ports")
            && ports.items().len() > 1
        {
            findings.push(
                RULE.finds(
                    format!("{}.ports", model.path),
                    &ports.place,
                    format!("{} ports", ports.items().len()),
                    text!("one port, such as port: 8000"),
                    text!("A pod of this chart serves one port: the others would count as down."),
                )
                .fix(text!("write port with the one number, and remove ports")),
            );
        }
        let Some(port) = model.node.child("port") else {
            continue;
        };
        let Some(name) = port.as_str() else {
            continue;
        };
        if name.bytes().all(|b| b.is_ascii_digit()) {
            continue; // as the chart's template reads it
        }
        findings.push(
            RULE.finds(
                format!("{}.port", model.path),
                &port.place,
                format!("the name {name:?}"),
                text!("a number, such as 8000"),
                text!("vLLM is started with --port, and a name says no number."),
            )
            .fix(text!("write the number, or leave port out for 8000")),
        );
    }
}
