//! What is compared with the threshold of a trigger.

use super::{FAILS, RULE};
use crate::node::join;
use crate::promql::{Expr, Kind, parse};
use crate::{Findings, Node, Severity};

pub(super) fn check(path: &str, trigger: &Node, kind: &str, findings: &mut Findings) {
    kinds(path, trigger, kind, findings);
    if kind == "prometheus" {
        mean(path, trigger, findings);
    }
}

/// The kinds of comparison that a scaler has.
fn kinds(path: &str, trigger: &Node, kind: &str, findings: &mut Findings) {
    let Some((node, word)) = trigger
        .child("metricType")
        .and_then(|node| Some((node, node.as_str()?)))
    else {
        return;
    };
    let of_pods = matches!(kind, "cpu" | "memory");
    let (wrong, expected, right) = if of_pods {
        (
            "Value",
            "Utilization, in percent of the requests, or AverageValue",
            "Utilization",
        )
    } else {
        (
            "Utilization",
            "AverageValue or Value; Utilization is of the scalers cpu and memory",
            "AverageValue",
        )
    };
    if word == wrong {
        findings.push(
            RULE.says(
                join(path, "metricType"),
                node.place,
                format!("{word}, of the scaler {kind}"),
                expected,
                FAILS,
            )
            .writes(node.place, right),
        );
    }
}

/// A mean of all replicas, which KEDA divides by their number once more.
fn mean(path: &str, trigger: &Node, findings: &mut Findings) {
    let value = trigger.child("metricType").and_then(Node::as_str) == Some("Value");
    let Some((node, text)) = trigger
        .get("metadata.query")
        .and_then(|node| Some((node, node.as_str()?)))
    else {
        return;
    };
    let Some(expr) = parse(text).ok().filter(|expr| !value && averaged(expr)) else {
        return;
    };
    // Of a model's own series each replica has one; the mean of another's may be what there is.
    let mut names = Vec::new();
    expr.metrics(&mut names);
    if names.is_empty()
        || !names
            .iter()
            .all(|(_, name)| name.starts_with("vllm:") || name.starts_with("pod:vllm_"))
    {
        return;
    }
    let mut finding = RULE
        .at(join(&join(path, "metadata"), "query"), &node.place)
        .found("a mean of all replicas, with metricType AverageValue")
        .expected("the sum of all replicas: AverageValue divides it by their number")
        .why("The mean is divided by the replicas once more: far too few are wanted, and the model hardly scales up.")
        .fix("write sum in place of avg, or metricType: Value");
    if text.trim_start().starts_with("avg") && text.matches("avg").count() == 1 {
        let new = text.replacen("avg", "sum", 1);
        finding = finding.replace(node.place, quoted(&new));
    }
    finding.severity = Severity::Warning;
    findings.push(finding);
}

/// In quotes that leave those of PromQL as they are.
fn quoted(text: &str) -> String {
    if text.contains('\'') || text.contains('\n') {
        crate::finding::in_quotes(text)
    } else {
        format!("'{text}'")
    }
}

fn averaged(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Aggregate { name, .. } => name == "avg",
        // Of another unit, or none where there is no series.
        Kind::Binary {
            left,
            right,
            operator,
            ..
        } => {
            let scaled = matches!(*operator, "*" | "/")
                && (left.number().is_some() || right.number().is_some());
            (scaled || *operator == "or") && (averaged(left) || scaled && averaged(right))
        }
        Kind::Call { name, arguments } => {
            matches!(name.as_str(), "ceil" | "round" | "clamp_max" | "clamp_min")
                && arguments.first().is_some_and(averaged)
        }
        _ => false,
    }
}
