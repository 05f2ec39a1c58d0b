//! A peer of a NetworkPolicy: its selectors and its network.

use super::{REFUSED, RULE};
use crate::embedded::Text;
use crate::node::join;
use crate::{Findings, Node, Value};

/// A peer of a NetworkPolicy, as the API server reads it.
pub(super) fn peer(path: &str, node: &Node, findings: &mut Findings) {
    label(path, node, findings);
    let mut say = |path: String, at: &Node, found: &str, expected: &str, fix: String| {
        findings.push(
            RULE.at(path, &at.place)
                .found(found)
                .expected(expected)
                .why(REFUSED)
                .fix(fix),
        );
    };
    let pods = ["podSelector", "namespaceSelector"]
        .iter()
        .any(|key| node.child(key).is_some());
    let Some(block) = node.child("ipBlock") else {
        // Keys that are none of a peer are said by the schema.
        if matches!(&node.value, Value::Map(keys) if keys.is_empty()) {
            say(
                path.into(),
                node,
                "a peer without a selector",
                "podSelector, namespaceSelector or ipBlock",
                "write podSelector: {} for every pod of the namespace, or remove it".into(),
            );
        }
        return;
    };
    if pods {
        say(
            path.into(),
            node,
            "ipBlock beside a selector",
            "one of them",
            "make two peers of it".into(),
        );
    }
    let cidr = block.child("cidr");
    if let Some(node) = cidr
        && let Some(text) = node.as_str()
        && network(text).is_none()
    {
        let prefix = if text.contains(':') { 128 } else { 32 };
        say(
            format!("{path}.ipBlock.cidr"),
            node,
            &node.described(),
            CIDR.as_str(),
            match prefixed(text) {
                Some(new) if new.ends_with("/32") => {
                    let start = text.rsplitn(3, '.').last().unwrap_or(text);
                    format!("write {new} for one address, or a network, such as {start}.0.0/16")
                }
                Some(new) => format!("write {new}, or {text}/{prefix} for one address"),
                None => CIDR.as_str().into(),
            },
        );
    }
    let outer = cidr.and_then(Node::as_str).and_then(network);
    for (i, node) in block
        .child("except")
        .map_or(&[][..], Node::items)
        .iter()
        .enumerate()
    {
        let inner = node.as_str().and_then(network);
        let within = match (outer, inner) {
            (Some((a, n)), Some((b, m))) => m > n && (n == 0 || a >> (128 - n) == b >> (128 - n)),
            (None, Some(_)) => true,
            (_, None) => false,
        };
        if !within {
            say(
                format!("{path}.ipBlock.except[{i}]"),
                node,
                &node.described(),
                "a part of cidr",
                "write a network inside of cidr, or remove it".into(),
            );
        }
    }
}

const CIDR: Text = text!("an address and its prefix, such as 10.0.0.0/16 or fd00::/8");

/// The network that an address, or a first and a last one, stand for: zeros at the end are any.
fn prefixed(text: &str) -> Option<String> {
    let bits = |text: &str| {
        text.trim()
            .parse::<std::net::Ipv4Addr>()
            .ok()
            .map(u32::from)
    };
    let (first, length) = match text.split_once('-') {
        Some((first, last)) => (first.trim(), (bits(first)? ^ bits(last)?).leading_zeros()),
        None => {
            let zeros = bits(text)?.trailing_zeros().min(32) / 8 * 8;
            (text, 32 - zeros)
        }
    };
    Some(format!("{first}/{length}"))
}

/// The bits of a network, from the left, and the length of its prefix.
fn network(text: &str) -> Option<(u128, u32)> {
    let (address, prefix) = text.split_once('/')?;
    let prefix: u32 = prefix.parse().ok()?;
    match address.parse::<std::net::IpAddr>().ok()? {
        std::net::IpAddr::V4(v4) => {
            (prefix <= 32).then(|| (u128::from(v4.to_bits()) << 96, prefix))
        }
        std::net::IpAddr::V6(v6) => (prefix <= 128).then(|| (v6.to_bits(), prefix)),
    }
}

/// A label of namespaces in the selector of pods.
fn label(path: &str, node: &Node, findings: &mut Findings) {
    let pod = node.child("podSelector");
    let own = "kubernetes.io/metadata.name";
    let label = pod.and_then(|pod| pod.child("matchLabels")?.child(own));
    if let (Some(pod), Some(label)) = (pod, label) {
        let mut finding = RULE
            .warning(join(path, "podSelector"), &label.key_place())
            .found(own)
            .expected("a label of pods")
            .why(text!("Only namespaces have it: it selects no pod."))
            .fix("write namespaceSelector");
        if node.child("namespaceSelector").is_none() {
            finding = finding.replace(pod.key_place(), "namespaceSelector");
        }
        findings.push(finding);
    }
}
