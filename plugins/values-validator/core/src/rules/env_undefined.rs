//! The chart leaves `${env:NAME}` to the collector where `extraEnv` has NAME; any other is sent as it is
//! written, and the receiver refuses every trace.

use super::Rule;
use super::look::{on, walk};
use crate::finding::in_quotes;
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
        // What is no such name at all is looked at with the other forms.
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        (!name.contains(":-") && (!crate::FULL || name.chars().all(plain))).then_some(name)
    })
}

/// `$NAME` in the secrets of Grafana's data sources.
fn sources(values: &Values, findings: &mut Findings) {
    if !on(values, "grafana.enabled") {
        return;
    }
    let env = values.list("grafana.extraEnv");
    let defined: Vec<&str> = env
        .filter_map(|(_, item)| item.child("name")?.as_str())
        .collect();
    for (path, source) in values.list("grafana.datasources") {
        let secrets = source.child("secureJsonData");
        for (key, node) in secrets.into_iter().flat_map(Node::entries) {
            let text = node.as_str().unwrap_or("");
            let start = match text.strip_prefix("Bearer ") {
                Some(_) if crate::FULL => "Bearer $",
                _ => "$",
            };
            let Some(name) = text.strip_prefix(start) else {
                continue;
            };
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.is_empty() || !name.chars().all(plain) || defined.contains(&name) {
                continue;
            }
            let finding = RULE
                .at(format!("{path}.secureJsonData.{key}"), &node.place)
                .found(text!("a variable that grafana.extraEnv does not define"))
                .expected(format!("{name} in grafana.extraEnv"))
                .why(text!(
                    "Grafana logs in with an empty text: every query is refused."
                ));
            let near = crate::shape::nearest(name, defined.iter().copied())
                .or_else(|| crate::shape::reworded(name, defined.iter().copied()));
            findings.push(match near {
                Some(near) => finding.fix(format!("did you mean ${near}?")).replace(
                    node.place,
                    if crate::FULL {
                        format!("{start}{near}")
                    } else {
                        format!("${near}")
                    },
                ),
                None => finding.fix(format!("add {name} to grafana.extraEnv")),
            });
        }
    }
}

fn check(values: &Values, findings: &mut Findings) {
    sources(values, findings);
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
        // An exporter that the chart does not have needs no variable either.
        if crate::FULL && !path.starts_with("tracing.exporters.otlp") {
            return;
        }
        #[cfg(feature = "full")]
        super::env_forms::check(&RULE, path, node, &defined, findings);
        for name in used(node.as_str().unwrap_or("")).filter(|name| !defined.contains(name)) {
            let near =
                crate::shape::nearest(name, defined.iter().filter(|one| *one != "GOMEMLIMIT"));
            if let (Some(near), Some(text)) = (near, node.as_str()) {
                let new = text.replace(&format!("${{env:{name}}}"), &format!("${{env:{near}}}"));
                findings.push(
                    RULE.finds(
                        path,
                        &node.place,
                        format!("${{env:{name}}}, and no {name} in tracing.collector.extraEnv"),
                        text!("a variable that is defined"),
                        text!("It is sent as it is written, and the receiver refuses every trace."),
                    )
                    .fix(format!("did you mean ${{env:{near}}}?"))
                    .replace(node.place, in_quotes(&new)),
                );
                continue;
            }
            findings.push(
                RULE.finds(path, &node.place, format!("${{env:{name}}}, and no {name} in tracing.collector.extraEnv"), text!("a variable that is defined"), text!("It is sent as it is written, and the receiver refuses every trace."))
                    .fix(format!(
                        "add it: extraEnv: [{{name: {name}, valueFrom: {{secretKeyRef: {{name: …, key: …}}}}}}]"
                    )),
            );
        }
    });
}
