//! The chart leaves `${env:NAME}` to the collector where `extraEnv` has NAME; any other is sent as it is
//! written, and the receiver refuses every trace.

use super::Rule;
use super::look::{on, walk};
use crate::sorted::Names;
use crate::{Findings, Node, Severity, Values};

/// `${env:NAME}` in exporters against `tracing.collector.extraEnv`.
pub const RULE: Rule = Rule {
    code: "env-undefined",
    severity: Severity::Error,
    title: text!("An exporter uses a variable that is not defined"),
    check,
};

/// The names between `${env:` and `}`, or a `:-` with a default.
fn used(text: &str) -> impl Iterator<Item = &str> {
    text.split("${env:").skip(1).filter_map(|rest| {
        let name = rest.split_once('}')?.0;
        (!name.contains(":-")).then_some(name)
    })
}

fn check(values: &Values, findings: &mut Findings) {
    let (true, Some(exporters)) = (
        on(values, "tracing.enabled"),
        values.get("tracing.exporters"),
    ) else {
        return;
    };
    let env = values
        .get("tracing.collector.extraEnv")
        .map_or(&[][..], Node::items);
    let names = env.iter().filter_map(|item| item.child("name")?.as_str());
    let defined: Names = names.chain(["GOMEMLIMIT"]).collect();
    walk(exporters, "tracing.exporters", &mut |path, _, node| {
        for name in used(node.as_str().unwrap_or("")).filter(|name| !defined.contains(name)) {
            findings.push(
                RULE.at(path, &node.place)
                    .found(format!("${{env:{name}}}, and no {name} in tracing.collector.extraEnv"))
                    .expected(text!("a variable that is defined"))
                    .why(text!("It is sent as it is written, and the receiver refuses every trace."))
                    .fix(format!(
                        "add it: extraEnv: [{{name: {name}, valueFrom: {{secretKeyRef: {{name: …, key: …}}}}}}]"
                    )),
            );
        }
    });
}
