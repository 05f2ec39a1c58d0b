//! What has a value read, and whether it is there.

use super::super::look::{self, foreign_prometheus, plugin};
use crate::{Node, Values};

/// What has a value read.
#[derive(Clone, Copy)]
pub(super) enum Needs<'a> {
    /// A switch that is on.
    On(&'a str),
    /// A switch that is not false, such as `auto`.
    Unless(&'a str),
    /// A switch that is off.
    Off(&'a str),
    /// A text or a list that is not empty.
    Given(&'a str),
    /// A word.
    Is(&'a str, &'a str),
    /// No text there: it would be read in place of this.
    Empty(&'a str),
    /// The Prometheus and the Alertmanager are this chart's.
    Standalone,
    /// Any other word than this.
    Not(&'a str, &'a str),
    /// The plugin decides which traces are kept.
    Plugin,
    /// The stock collector does.
    Stock,
    /// A place for the weights.
    Storage,
    /// The probe is on.
    Probe,
    /// A duration above this one.
    Shorter(&'a str),
    /// A number above 1.
    Several(&'a str),
    /// Nothing at all there.
    Absent(&'a str),
}

use Needs::{
    Absent, Empty, Given, Is, Not, Off, On, Plugin, Probe, Several, Shorter, Standalone, Stock,
    Storage, Unless,
};

/// Whether a switch is on; rules may be off here and be evaluated by the engines that get them as files.
pub(super) fn on(root: &Node, switch: &str) -> bool {
    let exported = switch == "rules.enabled" && given(root, "rules.export.engines");
    exported || root.get(switch).and_then(Node::as_bool) == Some(true)
}

/// Whether there is a text or a list that is not empty.
pub(super) fn given(root: &Node, at: &str) -> bool {
    root.get(at).is_some_and(|node| {
        !node.items().is_empty() || node.as_str().is_some_and(|text| !text.is_empty())
    })
}

pub(super) fn met(values: &Values, root: &Node, path: &str, needs: Needs<'_>) -> bool {
    let text = |at: &str| root.get(at).and_then(Node::as_str).unwrap_or("");
    match needs {
        // The switch itself is read.
        On(at) => path == at || on(root, at),
        Unless(at) => path == at || root.get(at).and_then(Node::as_bool) != Some(false),
        Off(at) => root.get(at).and_then(Node::as_bool) == Some(false),
        Given(at) => path == at || given(root, at),
        Is(at, word) => path == at || text(at) == word,
        Not(at, word) => text(at) != word,
        Empty(at) => text(at).is_empty(),
        Standalone => !foreign_prometheus(values),
        Plugin => plugin(values),
        Stock => !plugin(values),
        Probe => look::on(values, "probe.enabled"),
        Shorter(at) => {
            let seconds = |at: &str| root.get(at).and_then(Node::as_seconds);
            seconds(path)
                .zip(seconds(at))
                .is_none_or(|(own, other)| own < other)
        }
        Absent(at) => root.get(at).is_none(),
        Several(at) => root.get(at).and_then(Node::as_i64) != Some(1),
        Storage => ["existingClaim", "size", "image", "hostPath"]
            .iter()
            .any(|key| !text(&format!("deploy.storage.{key}")).is_empty()),
    }
}
