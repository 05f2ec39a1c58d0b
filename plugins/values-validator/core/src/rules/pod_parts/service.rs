//! Fields of a Service against its type.

use super::RULE;
use crate::embedded::Text;
use crate::node::join;
use crate::{Findings, Node, Severity};

const REFUSED: Text = text!("The API server refuses it: helm install stops.");

/// Fields that Kubernetes takes of other types alone, and ports that its nodes do not open.
pub(super) fn exposed(path: &str, node: &Node, findings: &mut Findings) {
    let kind = node.child("type").and_then(Node::as_str).unwrap_or("");
    for key in [
        "nodePort",
        "externalTrafficPolicy",
        "loadBalancerClass",
        "loadBalancerSourceRanges",
    ] {
        let Some(field) = node.child(key).filter(|field| !field.is_default()) else {
            continue;
        };
        let of_any = kind == "NodePort" && !key.starts_with('l');
        let bare = |range: &&Node| range.as_str().is_some_and(|range| !range.contains('/'));
        let range = field.items().iter().find(bare);
        let texts = if kind != "LoadBalancer" && !of_any {
            [
                text!(
                    "a Service of type LoadBalancer, or NodePort for nodePort and externalTrafficPolicy"
                ),
                REFUSED,
                text!("write the type that is meant, or remove it"),
            ]
        } else if field
            .as_i64()
            .is_some_and(|port| !(30000..=32767).contains(&port))
        {
            [
                text!("30000 to 32767, unless the API server has another range"),
                REFUSED,
                text!("remove it: Kubernetes chooses one"),
            ]
        } else if range.is_some() {
            [
                text!("ranges, such as 10.0.0.0/8"),
                REFUSED,
                text!("write the range: /32 behind one address"),
            ]
        } else {
            continue;
        };
        let place = range.unwrap_or(field).place;
        let mut finding = RULE.warns(
            &join(path, key),
            place,
            format!("{key} with type {kind}"),
            texts,
        );
        if !key.starts_with('n') || kind == "ClusterIP" {
            finding.severity = Severity::Error;
        }
        if crate::FULL
            && (of_any || kind == "LoadBalancer")
            && let Some(port) = field.as_i64()
        {
            finding = finding.fix(format!(
                "write a port from 30000 to 32767, such as {}, or remove it: Kubernetes chooses one then",
                30_000 + port.rem_euclid(1000)
            ));
        }
        if let Some(one) = range.and_then(Node::as_str)
            && kind == "LoadBalancer"
            && !one.contains(':')
        {
            finding = finding.replace(place, format!("{one}/32"));
        }
        findings.push(finding);
    }
}
