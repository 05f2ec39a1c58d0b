//! The finding, and where it has been said already.

use super::RULE;
use super::needs::Needs::{
    self, Absent, Empty, Given, Is, Not, Off, On, Plugin, Probe, Several, Shorter, Standalone,
    Stock, Storage, Unless,
};
use crate::{Findings, Node, Value};

/// What the value does all the same.
fn effect(path: &str) -> &'static str {
    if path == "tracing.policy.budget.tracesPerMinute" {
        return "The value is only the threshold of the alert VllmTraceBudgetExhausted.";
    }
    "The value does nothing."
}

#[expect(clippy::too_many_arguments, reason = "what there is to say")]
pub(super) fn say(
    path: &str,
    node: &Node,
    start: &str,
    needs: Needs<'_>,
    why: &str,
    base: &str,
    root: &Node,
    said: &mut Vec<(String, String)>,
    findings: &mut Findings,
) {
    // What says nothing else than the switch: an empty text, list or map, or what is off.
    let idle = match &node.value {
        Value::Bool(on) => !on,
        Value::Text(text) => text.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Map(map) => map.is_empty(),
        Value::Null => true,
        _ => false,
    };
    if idle {
        return;
    }
    let key = (base.to_owned(), start.to_owned());
    if said.contains(&key) {
        return;
    }
    let named = |at: &str| {
        if base.is_empty() {
            at.to_owned()
        } else {
            format!("{base}.{at}")
        }
    };
    let (found, fix, switch) = match needs {
        On(at) => (
            format!("{path}, and {} is not true", named(at)),
            format!("set {}: true, or remove it", named(at)),
            Some(at),
        ),
        Unless(at) => (
            format!("{path}, and {} is false", named(at)),
            format!("set {}: auto or true, or remove it", named(at)),
            Some(at),
        ),
        Off(at) => (
            format!("{path}, and {} is true", named(at)),
            format!("remove it, or set {}: false", named(at)),
            Some(at),
        ),
        Given(at) => (
            format!("{path}, without {}", named(at)),
            format!("add {}, or remove it", named(at)),
            Some(at),
        ),
        Is(at, word) => (
            format!("{path}, and {} is not {word}", named(at)),
            format!("set {}: {word}, or remove it", named(at)),
            Some(at),
        ),
        Not(at, word) => (
            format!("{path}, and {} is {word}", named(at)),
            text!("remove it, or change the mode").as_str().to_owned(),
            Some(at),
        ),
        Standalone => (
            format!(
                "{path}, and metrics.mode is {}",
                root.get("metrics.mode")
                    .and_then(Node::as_str)
                    .unwrap_or("")
            ),
            text!("remove it, or change the mode").as_str().to_owned(),
            Some("metrics.mode"),
        ),
        Shorter(at) => (
            format!("{path}, not below {}", named(at)),
            format!("write less than {}, or remove it", named(at)),
            Some(at),
        ),
        Several(at) => (
            format!("{path}, and {} is 1", named(at)),
            format!("set {}: 2 or more, or remove it", named(at)),
            Some(at),
        ),
        Empty(at) | Absent(at) => (
            format!("{path}, and {} is given", named(at)),
            format!("remove it, or remove {}", named(at)),
            Some(at),
        ),
        Plugin => (
            format!("{path}, and tracing.policy.engine is ottl, or auto without an image"),
            text!(
                "write engine: wasm and an image of otelcol-vllm in tracing.collector.image.repository, or remove it"
            )
            .as_str()
            .to_owned(),
            Some("tracing.policy.engine"),
        ),
        Stock => (
            format!("{path}, and tracing.policy.engine is wasm, or auto with an image"),
            text!("remove it").as_str().to_owned(),
            Some("tracing.policy.engine"),
        ),
        Probe => (
            format!("{path}, and probe.enabled is not true"),
            "set probe: {enabled: true}, or remove it".to_owned(),
            None,
        ),
        Storage => (
            format!("{path}, without a storage"),
            text!("add existingClaim, size, image or hostPath")
                .as_str()
                .to_owned(),
            None,
        ),
    };
    #[cfg(feature = "full")]
    let fix = super::cure::cure(needs, node, root, &named).unwrap_or(fix);
    // A switch that helm refuses, or a key beside it that the chart does not know, is said already; what it
    // would switch is known when that is right.
    let beside = |at: &str| {
        at.rsplit_once('.')
            .map_or(String::new(), |(map, _)| named(map))
    };
    let refused = |f: &crate::Finding| {
        let unknown = f.code == crate::codes::UNKNOWN_KEY.code;
        let shape = [
            crate::codes::NOT_ALLOWED.code,
            crate::codes::WRONG_TYPE.code,
        ];
        let near = unknown
            && f.path
                .rsplit_once('.')
                .is_some_and(|(map, _)| switch.is_some_and(|at| map == beside(at)));
        let own = unknown && f.path == path;
        let wrong = shape.contains(&f.code) && switch.is_some_and(|at| f.path == named(at));
        near || own || wrong
    };
    if findings.0.iter().any(refused) {
        return;
    }
    said.push(key);
    let inside = switch.is_some_and(|at| at.starts_with(start));
    let switch = switch.and_then(|at| root.get(at));
    let switch = switch.filter(|switch| !switch.is_default());
    // The section that nothing reads, where it was given as one and its own switch was not thought of.
    let section = root.get(start.trim_end_matches('.')).filter(|section| {
        !(section.is_default() || inside && switch.is_some())
            && section.key.is_some_and(|key| !key.is_default())
    });
    let several = |of: &&Node| of.entries().filter(|(_, n)| !n.is_default()).count() > 1;
    let shown = match section.filter(several) {
        Some(_) => named(start.trim_end_matches('.')),
        None => path.to_owned(),
    };
    let mut finding = RULE
        .at(&shown, section.unwrap_or(node).key_place())
        .found(format!("{shown}{}", &found[path.len()..]))
        .expected(text!("a value that something reads"))
        .why(format!("{why} {}", effect(path)).trim_start())
        .fix(fix);
    if let Some(switch) = switch {
        finding = finding.related(switch.place, "the switch");
    }
    findings.push(finding);
}
