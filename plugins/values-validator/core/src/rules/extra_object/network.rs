//! Services, Ingresses and NetworkPolicies.

use super::refusal::{flat, refused};
use crate::node::join;
use crate::shape::written;
use crate::{Findings, Node, Value};

/// Ports of a Service, and its selector, which is a map of labels.
pub(super) fn service(path: &str, spec: &Node, findings: &mut Findings) {
    let ports = spec.child("ports").map_or(&[][..], Node::items);
    let nameless = ports.iter().position(|port| port.child("name").is_none());
    if let Some(at) = nameless.filter(|_| ports.len() > 1) {
        findings.push(
            refused(
                format!("{path}.ports[{at}]"),
                ports[at].place,
                "several ports, and one without a name",
                "a name for each of several ports",
            )
            .fix("add name: <name> to each port, such as http and metrics"),
        );
    }
    for key in ["matchLabels", "matchExpressions"] {
        if let Some(node) = spec.get("selector").and_then(|s| s.child(key)) {
            let labels = written(node);
            findings.push(
                refused(
                    join(&join(path, "selector"), key),
                    node.key_place(),
                    format!("{key} in the selector of a Service"),
                    "labels alone, as selector: {app: vllm}",
                )
                .fix(format!("write selector: {labels}")),
            );
        }
    }
}

/// Paths of an Ingress as `networking.k8s.io/v1` has them.
pub(super) fn ingress(path: &str, spec: &Node, findings: &mut Findings) {
    let rules = spec.child("rules").map_or(&[][..], Node::items);
    for (i, rule) in rules.iter().enumerate() {
        let paths = rule.get("http.paths").map_or(&[][..], Node::items);
        for (j, one) in paths.iter().enumerate() {
            let path = format!("{path}.rules[{i}].http.paths[{j}]");
            if one.child("pathType").is_none() && matches!(one.value, Value::Map(_)) {
                findings.push(
                    refused(
                        path.clone(),
                        one.place,
                        "a path without pathType",
                        "pathType: Prefix, Exact or ImplementationSpecific",
                    )
                    .fix("add pathType: Prefix beside path"),
                );
            }
            let Some(backend) = one.child("backend") else {
                continue;
            };
            let path = join(&path, "backend");
            if let Some(name) = backend.child("serviceName") {
                let port = backend.child("servicePort");
                let kind = if port.is_some_and(|port| port.as_i64().is_none()) {
                    "name"
                } else {
                    "number"
                };
                let port = port.map_or_else(|| "80".to_owned(), written);
                findings.push(
                    refused(
                        join(&path, "serviceName"),
                        name.key_place(),
                        "serviceName, of networking.k8s.io/v1beta1",
                        "service: {name: …, port: {number: …}}",
                    )
                    .fix(format!(
                        "write backend: {{service: {{name: {}, port: {{{kind}: {port}}}}}}}",
                        written(name)
                    )),
                );
            }
            if let Some(port) = backend.get("service.port")
                && !matches!(port.value, Value::Map(_) | Value::Null)
            {
                let kind = if port.as_i64().is_some() {
                    "number"
                } else {
                    "name"
                };
                let new = format!("{{{kind}: {}}}", written(port));
                findings.push(
                    refused(
                        format!("{path}.service.port"),
                        port.place,
                        port.described(),
                        "{number: …} or {name: …}",
                    )
                    .writes(port.place, &new),
                );
            }
        }
    }
}

/// The selectors of a NetworkPolicy and its directions.
pub(super) fn policy(path: &str, spec: &Node, findings: &mut Findings) {
    if let Some(selector) = spec.child("podSelector") {
        flat(&join(path, "podSelector"), selector, findings);
    }
    for (at, node) in spec
        .child("policyTypes")
        .map_or(&[][..], Node::items)
        .iter()
        .enumerate()
    {
        let meant = match node.as_str().unwrap_or("").to_ascii_lowercase().as_str() {
            "ingress" | "in" => "Ingress",
            "egress" | "out" => "Egress",
            _ => continue,
        };
        if node.as_str() != Some(meant) {
            findings.push(
                refused(
                    format!("{path}.policyTypes[{at}]"),
                    node.place,
                    node.described(),
                    "Ingress or Egress",
                )
                .writes(node.place, meant),
            );
        }
    }
    for (rules, side, other) in [("ingress", "from", "to"), ("egress", "to", "from")] {
        for (i, rule) in spec
            .child(rules)
            .map_or(&[][..], Node::items)
            .iter()
            .enumerate()
        {
            let path = format!("{path}.{rules}[{i}]");
            if let Some(node) = rule.child(other) {
                findings.push(
                    refused(
                        join(&path, other),
                        node.key_place(),
                        format!("{other} in a rule of {rules}"),
                        format!("{side} in {rules}"),
                    )
                    .writes(node.key_place(), side),
                );
            }
            for (j, peer) in rule
                .child(side)
                .map_or(&[][..], Node::items)
                .iter()
                .enumerate()
            {
                for key in ["podSelector", "namespaceSelector"] {
                    if let Some(selector) = peer.child(key) {
                        flat(&format!("{path}.{side}[{j}].{key}"), selector, findings);
                    }
                }
            }
        }
    }
}
