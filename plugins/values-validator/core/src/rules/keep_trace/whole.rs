//! Time to first token and decode time are parts of the whole request: a limit above the whole request's keeps
//! no trace that is not kept already.

use super::RULE;
use crate::node::join;
use crate::rules::look::{duration, plugin};
use crate::{Findings, Node, Values};

/// Where limits stand: those of all models, and with the plugin those of single ones.
fn places(values: &Values) -> Vec<(String, Option<&Node>)> {
    let all = values.get("thresholds");
    let own = plugin(values).then(|| values.list("models"));
    let own = (own.into_iter().flatten())
        .map(|(path, model)| (join(&path, "thresholds"), model.child("thresholds")));
    [("thresholds".to_owned(), all)]
        .into_iter()
        .chain(own)
        .collect()
}

pub(super) fn check(values: &Values, findings: &mut Findings) {
    for (path, thresholds) in places(values) {
        let limit = |key: &str| {
            let key = format!("{key}.keepTrace");
            let own = thresholds.and_then(|given| given.get(&key));
            own.or_else(|| values.get(&format!("thresholds.{key}")))
        };
        let whole = limit("e2eLatency").and_then(|node| Some((node, node.as_seconds()?)));
        let Some((whole, most)) = whole else { continue };
        for key in ["timeToFirstToken", "decodeTime"] {
            let part = thresholds.and_then(|given| given.get(&format!("{key}.keepTrace")));
            let part = part.filter(|node| !node.is_default());
            let Some((node, kept)) = part.and_then(|node| Some((node, node.as_seconds()?))) else {
                continue;
            };
            let alert = values.get(&format!("thresholds.{key}.alert"));
            let alert = alert.and_then(Node::as_seconds);
            // With an alert below both, the limit is above the alert, which is said.
            if kept <= most || alert.is_some_and(|alert| alert <= most) {
                continue;
            }
            let finding = RULE
                .warning(format!("{path}.{key}.keepTrace"), &node.place)
                .found(format!(
                    "{}, above e2eLatency.keepTrace: {}",
                    duration(kept),
                    duration(most)
                ))
                .expected("a time below that of the whole request, of which it is a part")
                .why("The trace of such a request is kept for its whole time already: this limit never keeps one.")
                .fix(format!(
                    "write less than {}, such as {}, or off",
                    duration(most),
                    duration(most / 2.0)
                ))
                .related(whole.place, "the limit of the whole request");
            findings.push(finding);
        }
    }
}
