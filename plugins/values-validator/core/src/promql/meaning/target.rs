//! Matchers that no series of vLLM has, by what the chart's targets are: labels of other targets, a namespace
//! in which no model is, and patterns that lack what follows a name.

use super::served::served;
use super::unmatched::doubt;
use super::{Context, Doubt};
use crate::promql::expr::{Expr, Grouping, Kind, Matcher};
use crate::re2;
use vllm_catalog::family_of_series;

/// What is known of the targets.
#[derive(Debug, Clone, Copy, Default)]
pub struct Targets<'a> {
    /// Labels that they surely lack; empty where that cannot be known.
    pub lacking: &'a [&'a str],
    /// Namespaces of all models; empty where they cannot be known.
    pub namespaces: &'a [&'a str],
}

/// Adds what no target has.
pub(super) fn add(doubts: &mut Vec<Doubt>, expr: &Expr, context: Context<'_>) {
    match &expr.kind {
        Kind::Selector { name, matchers } => {
            for matcher in matchers {
                // What is known of the label or its value is said already.
                if doubts.iter().any(|doubt| doubt.at == matcher.at) {
                    continue;
                }
                doubts.extend(
                    unfit(name, matcher, context).or_else(|| served(name, matcher, context)),
                );
            }
        }
        Kind::Aggregate {
            grouping: Some(grouping),
            of,
            ..
        } => doubts.extend(grouped(grouping, of, context)),
        _ => {}
    }
    for part in expr.parts() {
        add(doubts, part, context);
    }
}

fn unfit(name: &str, matcher: &Matcher, context: Context<'_>) -> Option<Doubt> {
    let Matcher {
        at,
        label,
        operator,
        value,
    } = matcher;
    let old = format!("{label}{operator}{value:?}");
    let ours = family_of_series(name).is_some() && name.starts_with("vllm:");
    let positive = !operator.starts_with('!');
    if value.is_empty() || value.contains('$') {
        return None;
    }
    if let Some(pattern) = open(label, operator, value, context.entries) {
        let new = format!("{label}{operator}{pattern:?}");
        let expected = "a pattern of the whole value, from its first letter to its last".to_owned();
        return Some(doubt(*at, old.clone(), expected, old, Some(new)));
    }
    let entries = context.entries;
    let named = value.contains("vllm") || entries.iter().any(|entry| value == entry);
    if positive
        && context.targets.lacking.contains(&label.as_str())
        && (ours || name == "up" && named)
    {
        let entry = entries
            .iter()
            .find(|entry| value == *entry)
            .or(match entries {
                [only] => Some(only),
                _ => None,
            });
        let new = entry.map(|entry| format!("model={entry:?}"));
        let found = format!("the label {label}");
        let expected = "a label that this chart's targets have: model, namespace, pod".to_owned();
        return Some(doubt(*at, found, expected, old, new));
    }
    // Pods have more behind the name of what made them.
    if ours && positive && label == "pod" && entries.contains(&value.as_str()) {
        let new = format!("model={value:?}");
        let expected = "the name of a pod; the entry of models is in the label model".to_owned();
        return Some(doubt(*at, old.clone(), expected, old, Some(new)));
    }
    let known = context.targets.namespaces;
    let fits = match *operator {
        "=" => known.contains(&value.as_str()),
        "=~" => re2::whole(value).is_none_or(|p| known.iter().any(|name| p.is_match(name))),
        _ => true,
    };
    if label == "namespace" && ours && !known.is_empty() && !fits {
        let new = match known {
            [only] => Some(format!("namespace={only:?}")),
            _ => None,
        };
        let expected = format!("a namespace of the models: {}", known.join(", "));
        return Some(doubt(*at, old.clone(), expected, old, new));
    }
    None
}

/// What a pattern lacks that stops where a name goes on.
fn open(label: &str, operator: &str, value: &str, entries: &[&str]) -> Option<String> {
    if !operator.ends_with('~') || value.contains(['.', '*', '+', '?', '$', '^', '\\']) {
        return None;
    }
    let whole = if value.contains('|') && !value.starts_with('(') {
        format!("({value})")
    } else {
        value.to_owned()
    };
    // No name of Kubernetes ends so.
    if matches!(
        label,
        "pod" | "container" | "namespace" | "node" | "deployment"
    ) {
        let ends = value
            .trim_start_matches('(')
            .trim_end_matches(')')
            .split('|')
            .all(|end| end.ends_with('-'));
        return ends.then(|| format!("{whole}.+"));
    }
    let fits = |pattern: &str| {
        let pattern = re2::whole(pattern);
        pattern.is_none_or(|p| entries.iter().any(|entry| p.is_match(entry)))
    };
    let around = format!(".*{whole}.*");
    (label == "model_name"
        && operator == "=~"
        && value.len() > 2
        && !entries.is_empty()
        && !fits(value)
        && fits(&around))
    .then_some(around)
}

/// A label to put series together by that none of them has.
fn grouped(grouping: &Grouping, of: &Expr, context: Context<'_>) -> Option<Doubt> {
    let mut names = Vec::new();
    of.metrics(&mut names);
    let [(_, name)] = &names[..] else {
        return None;
    };
    let ours = family_of_series(name).is_some() && name.starts_with("vllm:");
    let lacking =
        |label: &&crate::promql::Label| context.targets.lacking.contains(&label.name.as_str());
    let label = grouping
        .labels
        .iter()
        .find(lacking)
        .filter(|_| ours && !grouping.without && direct(of))?;
    let mut doubt = doubt(
        label.at,
        format!("the label {}", label.name),
        "a label that this chart's targets have: model, namespace, pod".to_owned(),
        label.name.clone(),
        grouping
            .labels
            .iter()
            .all(|other| other.name != "model")
            .then(|| "model".to_owned()),
    );
    doubt.why = "No series has it, so everything is put into one group.";
    Some(doubt)
}

/// Whether nothing gives the series labels.
fn direct(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Selector { .. } => true,
        Kind::Call { name, .. } if name.starts_with("label_") => false,
        Kind::Binary { .. } => false,
        _ => expr.parts().into_iter().all(direct),
    }
}
