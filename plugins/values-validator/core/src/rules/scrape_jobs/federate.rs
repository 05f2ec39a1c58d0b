//! A job that reads another Prometheus: `/federate` answers with what `match[]` asks for, and with nothing without
//! it.

use super::RULE;
use crate::node::join;
use crate::{Finding, Node};

/// The parameter, without which the answer is empty.
const MATCH: &str = "match[]";

/// A job that asks `/federate` for no series.
pub(super) fn unasked(path: &str, job: &Node) -> Option<Finding> {
    let at = job.child("metrics_path")?;
    let asked = at.as_str()?.trim_end_matches('/').strip_suffix("/federate");
    let params = job.child("params");
    // A step may write the parameter, too.
    let steps = job.child("relabel_configs").map_or(&[][..], Node::items);
    let written = steps.iter().any(|step| {
        let label = step.child("target_label").and_then(Node::as_str);
        label.is_some_and(|label| label.starts_with("__param_"))
    });
    let there = params.and_then(|params| params.child(MATCH));
    if asked.is_none() || there.is_some_and(|all| !all.items().is_empty()) || written {
        return None;
    }
    let near = |key: &str| {
        let bare = key.trim_end_matches(['[', ']']).to_ascii_lowercase();
        ["match", "matches", "matcher", "matchers", "query"].contains(&bare.as_str())
    };
    let meant =
        params.and_then(|params| params.entries().find(|(key, _)| near(key) && *key != MATCH));
    let says = |path: String, place, found: String| {
        RULE.warning(path, place)
            .found(found)
            .expected("the parameter match[], with a selector for each kind of series")
            .why(
                "/federate answers with what match[] selects: without it the scrape has no series.",
            )
    };
    let path_of = join(path, "params");
    Some(match meant {
        Some((key, node)) => says(
            join(&path_of, key),
            node.key_place(),
            format!("the parameter {key}"),
        )
        .quotes(node.key_place(), MATCH),
        None => says(
            join(path, "metrics_path"),
            at.place,
            "/federate without match[]".to_owned(),
        )
        .fix("add params: {\"match[]\": ['{__name__=~\"…\"}']} with the series that are wanted"),
    })
}
