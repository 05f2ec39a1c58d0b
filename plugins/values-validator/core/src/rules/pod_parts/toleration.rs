//! A toleration: its operator with its key, its value and its effect.

use super::{REFUSED, RULE};
use crate::node::join;
use crate::{Findings, Node};

pub(super) fn toleration(path: &str, node: &Node, findings: &mut Findings) {
    let text = |key: &str| node.child(key).and_then(Node::as_str).unwrap_or("");
    let operator = text("operator");
    if operator.is_empty() && text("value") == "Exists" {
        let value = node.child("value").unwrap_or(node);
        let finding = RULE
            .finds(
                join(path, "value"),
                &value.key_place(),
                text!("value: Exists, without an operator"),
                text!("operator: Exists"),
                text!("It tolerates only a taint whose value is the word Exists."),
            )
            .fix(text!("write operator in place of value"))
            .replace(value.key_place(), "operator")
            .as_warning();
        findings.push(finding);
    }
    if operator == "Exists" && !text("value").is_empty() {
        let value = node.child("value").unwrap_or(node);
        findings.push(
            RULE.finds(
                join(path, "value"),
                &value.place,
                format!("operator Exists with the value {:?}", text("value")),
                text!("Exists without a value, or Equal with one"),
                REFUSED,
            )
            .fix(text!("write operator: Equal, or remove value")),
        );
    }
    if let Some(own) = node
        .child("operator")
        // A value of another type is not a text yet: the schema says so.
        .filter(|_| {
            let empty = |value: &Node| value.as_str() == Some("");
            operator == "Equal" && node.child("value").is_none_or(empty)
        })
    {
        let finding = RULE
            .finds(
                join(path, "operator"),
                &own.place,
                text!("operator Equal without a value"),
                text!("a value, or operator: Exists for any"),
                text!("It tolerates only a taint whose value is empty."),
            )
            .fix(text!("write operator: Exists"))
            .replace(own.place, "Exists")
            .as_warning();
        findings.push(finding);
    }
    if text("key").is_empty() && operator != "Exists" {
        findings.push(
            RULE.finds(
                path,
                &node.place,
                text!("a toleration without key"),
                text!("a key, or operator: Exists for every taint"),
                REFUSED,
            )
            .fix(text!("add key, or write operator: Exists")),
        );
    }
    if let Some(seconds) = node.child("tolerationSeconds")
        && text("effect") != "NoExecute"
    {
        findings.push(
            RULE.finds(
                join(path, "tolerationSeconds"),
                &seconds.place,
                text!("tolerationSeconds without effect: NoExecute"),
                text!("effect: NoExecute"),
                REFUSED,
            )
            .fix(if crate::FULL && !text("effect").is_empty() {
                "remove tolerationSeconds, or write effect: NoExecute"
            } else {
                text!("add effect: NoExecute, or remove tolerationSeconds").as_str()
            }),
        );
    }
}
