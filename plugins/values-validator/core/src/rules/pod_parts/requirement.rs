//! An operator of a selector with the values that it takes.

use super::{REFUSED, RULE};
use crate::node::join;
use crate::{Findings, Node};

pub(super) fn requirement(path: &str, node: &Node, findings: &mut Findings) {
    let Some(operator) = node.child("operator") else {
        return;
    };
    let name = operator.as_str().unwrap_or("");
    let values = node.child("values");
    let count = values.map_or(0, |v| v.items().len());
    match name {
        "In" | "NotIn" if count == 0 => findings.push(
            RULE.finds(
                join(path, "values"),
                &operator.place,
                format!("{name} without values"),
                text!("values, such as [vllm]"),
                REFUSED,
            )
            .fix(text!("add values: […], or write operator: Exists")),
        ),
        "Exists" | "DoesNotExist" if count > 0 => findings.push(
            RULE.at(
                join(path, "values"),
                values.map_or(operator.place, |v| v.place),
            )
            .found(format!("{name} with values"))
            .expected(format!("{name} without values, or In with them"))
            .why(REFUSED)
            .fix(if name == "Exists" {
                "write operator: In, or remove values"
            } else {
                "write operator: NotIn, or remove values"
            }),
        ),
        "Gt" | "Lt" if count != 1 => findings.push(
            RULE.finds(
                join(path, "values"),
                &operator.place,
                format!("{name} with {count} values"),
                text!("one value, a whole number in quotes"),
                REFUSED,
            )
            .fix(text!("write values: [\"1\"]")),
        ),
        _ => {}
    }
}
