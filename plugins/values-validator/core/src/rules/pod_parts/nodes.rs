//! A node must have what `nodeSelector` says and one term of the required node affinity: where each term rules
//! the selector's label out, or itself, no node is left.

use super::RULE;
use crate::node::{item, join};
use crate::{Findings, Node, Values};

/// The terms below an affinity.
const TERMS: &str = "nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";

/// A requirement of a term, with its index.
struct Requirement<'a> {
    at: usize,
    node: &'a Node,
    key: &'a str,
    operator: &'a str,
    values: Vec<&'a str>,
}

impl Requirement<'_> {
    /// Whether a node whose label has that value cannot fulfil it.
    fn refuses(&self, value: &str) -> bool {
        match self.operator {
            "In" => !self.values.contains(&value),
            "NotIn" => self.values.contains(&value),
            "DoesNotExist" => true,
            _ => false,
        }
    }

    fn shown(&self) -> String {
        match self.values[..] {
            [] => format!("{} {}", self.key, self.operator),
            _ => format!("{} {} {}", self.key, self.operator, self.values.join(", ")),
        }
    }
}

fn requirements(term: &Node) -> Vec<Requirement<'_>> {
    let all = term.child("matchExpressions").map_or(&[][..], Node::items);
    all.iter()
        .enumerate()
        .filter_map(|(at, node)| {
            let text = |key: &str| node.child(key).and_then(Node::as_str);
            let values = node.child("values").map_or(&[][..], Node::items);
            let values: Option<Vec<&str>> = values.iter().map(Node::as_str).collect();
            let (key, operator) = (text("key")?, text("operator")?);
            Some(Requirement {
                at,
                node,
                key,
                operator,
                values: values?,
            })
        })
        .collect()
}

/// The requirement that no node with the selector's labels fulfils, and the label.
fn against<'a>(term: &'a Node, selector: &'a Node) -> Option<(Requirement<'a>, &'a Node, &'a str)> {
    requirements(term).into_iter().find_map(|one| {
        let label = selector.child(one.key)?;
        let value = label.as_str()?;
        one.refuses(value).then_some((one, label, value))
    })
}

/// The second of two requirements of one term that no value fulfils.
fn within(term: &Node) -> Option<(Requirement<'_>, String)> {
    let all = requirements(term);
    let clash = |a: &Requirement<'_>, b: &Requirement<'_>| {
        let none = |value: &&str| b.refuses(value);
        a.key == b.key && a.operator == "In" && !a.values.is_empty() && a.values.iter().all(none)
    };
    let (first, second) = all.iter().enumerate().find_map(|(at, one)| {
        let mut before = all[..at].iter();
        let other = before.find(|other| clash(other, one) || clash(one, other))?;
        Some((other.shown(), at))
    })?;
    Some((all.into_iter().nth(second)?, first))
}

pub(super) fn check(values: &Values, path: &str, affinity: &Node, findings: &mut Findings) {
    let terms = affinity.get(TERMS).map_or(&[][..], Node::items);
    let pod = path.rsplit_once('.').map_or("", |(pod, _)| pod);
    let selector = values.get(&join(pod, "nodeSelector"));
    let path = |at: usize, one: &Requirement<'_>| {
        let term = item(&format!("{path}.{TERMS}"), at);
        item(&join(&term, "matchExpressions"), one.at)
    };
    let says = |path: String, one: &Requirement<'_>, found: String| {
        RULE.warning(path, &one.node.place)
            .found(found)
            .expected("requirements that one node can fulfil together")
            .why("A node must fulfil both, and none can: the pods are never scheduled.")
    };
    for (at, term) in terms.iter().enumerate() {
        if let Some((one, first)) = within(term) {
            let found = format!("{}, beside {first}", one.shown());
            let fix =
                "write one requirement with all values that fit, or a term of its own for each";
            findings.push(says(path(at, &one), &one, found).fix(fix));
            return;
        }
    }
    // Of several terms one is enough.
    let all = terms.iter().map(|term| against(term, selector?));
    let Some(all) = all.collect::<Option<Vec<_>>>() else {
        return;
    };
    for (at, (one, label, value)) in all.into_iter().enumerate() {
        let key = one.key;
        let found = format!("{}, and nodeSelector {key}: {value}", one.shown());
        let fix = match one.operator {
            "In" => format!("add {value} to its values, or remove {key} from nodeSelector"),
            _ => format!("remove it, or {key} from nodeSelector"),
        };
        let finding = says(path(at, &one), &one, found).fix(fix);
        findings.push(finding.related(label.key_place(), "nodeSelector"));
    }
}
