//! A first replica that nothing starts: the model's own series are there only while it runs.

use super::RULE;
use crate::embedded::recorded;
use crate::promql::parse;
use crate::promql::{Expr, Kind, Matcher};
use crate::{Findings, Node};
use vllm_catalog::family_of_series;

/// A model without replicas, all triggers of which read what its own replicas give.
pub(super) fn first(path: &str, model: &Node, alone: bool, findings: &mut Findings) {
    let Some(autoscaling) = model.child("autoscaling") else {
        return;
    };
    let none = autoscaling
        .child("minReplicas")
        .filter(|least| least.as_i64() == Some(0));
    let on = autoscaling.child("enabled").and_then(Node::as_bool) == Some(true);
    let (Some(least), true) = (none, on) else {
        return;
    };
    let triggers = autoscaling.child("triggers").map_or(&[][..], Node::items);
    let mut own = triggers.iter().map(|trigger| query(trigger, model, alone));
    let Some(Some(node)) = own.next() else {
        return;
    };
    if own.any(|other| other.is_none()) {
        return;
    }
    findings.push(
        RULE.warning(
            format!("{path}.autoscaling.triggers[0].metadata.query"),
            &node.place,
        )
        .found("minReplicas: 0, and a query of the model's own series")
        .expected("a query of what is there without a replica, such as a gateway's requests")
        .why("Without a replica there is no such series: KEDA never starts the first one.")
        .fix("read the requests at the gateway or the length of a queue, or set minReplicas: 1")
        .related(least.place, "no replica while nothing is asked"),
    );
}

/// The query of a trigger that reads the model's own series alone.
fn query<'a>(trigger: &'a Node, model: &Node, alone: bool) -> Option<&'a Node> {
    let node = trigger.get("metadata.query")?;
    let text = node.as_str()?;
    let expr = parse(text).ok()?;
    let mut names = Vec::new();
    expr.metrics(&mut names);
    // With a number where there is no series, the author knows.
    let own = |name: &str| {
        name.starts_with("vllm:") && family_of_series(name).is_some()
            || name.contains(":vllm_") && recorded().any(|known| known == name)
    };
    let all = !names.is_empty() && names.iter().all(|(_, name)| own(name));
    (all && !text.contains("absent") && !elsewhere(&expr, model, alone)).then_some(node)
}

/// Whether a selector may read another model: by its name, or by none where there are others.
fn elsewhere(expr: &Expr, model: &Node, alone: bool) -> bool {
    let of = |key: &str| model.get(key).and_then(Node::as_str);
    let names = [of("name"), of("deploy.model")];
    let served = model.get("deploy.servedNames").map_or(&[][..], Node::items);
    let known = |value: &str| {
        names.contains(&Some(value)) || served.iter().any(|name| name.as_str() == Some(value))
    };
    let other = match &expr.kind {
        Kind::Selector { matchers, .. } => {
            let by_model = |matcher: &&Matcher| {
                matcher.operator == "=" && matches!(matcher.label.as_str(), "model" | "model_name")
            };
            let mut named = matchers.iter().filter(by_model).peekable();
            named.peek().is_none() && !alone || named.any(|matcher| !known(&matcher.value))
        }
        _ => false,
    };
    other
        || expr
            .parts()
            .into_iter()
            .any(|part| elsewhere(part, model, alone))
}
