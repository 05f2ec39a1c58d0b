//! Cures that name all that may have been meant, and what else must be changed with it.

use super::needs::Needs::{self, Not, On, Shorter, Standalone};
use crate::Node;
use crate::units::duration;

pub(super) fn cure(
    needs: Needs<'_>,
    node: &Node,
    root: &Node,
    named: &dyn Fn(&str) -> String,
) -> Option<String> {
    Some(match needs {
        Standalone => {
            // What standalone mode does not read in turn.
            let operator = root
                .get("metrics.operator")
                .filter(|given| !given.place.is_untouched());
            let also = operator.map_or("", |_| " and remove metrics.operator");
            format!(
                "set metrics.mode: standalone{also}, or remove it and set it at the Prometheus of the operator"
            )
        }
        Not(at, word) => format!("remove it, or set {} to another than {word}", named(at)),
        Shorter(at) => {
            let above = duration(5.0 * node.as_seconds()?);
            let at = named(at);
            format!("raise {at} above it, such as {above}, or write less than {at}, or remove it")
        }
        On(at) => {
            let also = also(at, root)?;
            format!("remove it, or set {}: true {also}", named(at))
        }
        _ => return None,
    })
}

/// What must change with a switch that is turned on.
fn also(switch: &str, root: &Node) -> Option<&'static str> {
    let given = |path: &str| root.get(path).is_some_and(|node| !node.is_default());
    match switch {
        "tracing.storage.persistent" if given("tracing.queue.drainSeconds") => {
            Some("and remove tracing.queue.drainSeconds: a queue on the volume survives the pod")
        }
        "networkPolicies.enabled" if unscraped(root) => Some(
            "and add scrapers: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: <namespace of the Prometheus>}}}] to networkPolicies: the Prometheus is not this chart's",
        ),
        _ => None,
    }
}

/// Whether a Prometheus of somebody else's has targets of this chart and is named nowhere.
fn unscraped(root: &Node) -> bool {
    let mode = root.get("metrics.mode").and_then(Node::as_str);
    let scrapers = root
        .get("networkPolicies.scrapers")
        .map_or(&[][..], Node::items);
    let on = |path: &str| root.get(path).and_then(Node::as_bool) == Some(true);
    !matches!(mode, Some("standalone" | "auto" | "") | None)
        && scrapers.is_empty()
        && (on("tracing.enabled") || on("probe.enabled"))
}
