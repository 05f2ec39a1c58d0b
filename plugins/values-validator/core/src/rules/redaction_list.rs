//! What leaves with kept traces is said by one list of two: `allow` where the mode is allow, `attributes`
//! where it is deny. The other one is not read. And a list of attributes replaces the chart's: what that one
//! names beside them leaves from then on.

#[cfg(feature = "full")]
mod covered;

use super::Rule;
use super::look::{on, text};
use super::without_effect::{default, same};
use crate::{Findings, Severity, Values};

/// `tracing.redaction.allow` and `attributes` against `mode`.
pub const RULE: Rule = Rule {
    code: "redaction-list",
    severity: Severity::Warning,
    title: text!("A list of attributes is not read, or replaces the chart's"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    if !on(values, "tracing.enabled") || !on(values, "tracing.redaction.enabled") {
        return;
    }
    let deny = text(values, "tracing.redaction.mode") == "deny";
    let given = |key: &str| {
        let path = format!("tracing.redaction.{key}");
        let node = values.get(&path)?;
        // Also not where the chart's own values were copied into a file.
        let own = !node.is_default() && !default(&path).is_some_and(|theirs| same(theirs, node));
        (own && !node.items().is_empty()).then_some((path, node))
    };
    if let Some((path, node)) = given(if deny { "allow" } else { "attributes" }) {
        let (mode, other, instead) = if deny {
            ("deny", "allow", "attributes")
        } else {
            ("allow", "deny", "allow")
        };
        #[cfg(feature = "full")]
        let _ = instead;
        #[cfg(feature = "full")]
        let words = meant(deny);
        #[cfg(not(feature = "full"))]
        let words = format!(
            "leave it out, name what you mean in tracing.redaction.{instead}, or set tracing.redaction.mode: {other}"
        );
        findings.push(
            RULE.finds(
                path,
                &node.place,
                format!("a list that mode {other} reads, and the mode is {mode}"),
                text!("none, or that mode"),
                text!("Nothing reads it."),
            )
            .fix(words),
        );
    }
    // A list that has all of the chart's, and more, is what is asked for; or one that matches as much in other words.
    let whole = |path: &str, node: &crate::Node| {
        #[cfg(feature = "full")]
        if covered::left_out(node).is_none() {
            return true;
        }
        let theirs = default(path).map_or(&[][..], crate::Node::items);
        theirs
            .iter()
            .all(|item| node.items().iter().any(|own| same(item, own)))
    };
    let replaced = given("attributes").filter(|(path, node)| deny && !whole(path, node));
    if let Some((path, node)) = replaced {
        #[cfg_attr(not(feature = "full"), expect(unused_mut))]
        let mut finding = RULE
            .finds(path, &node.place, text!("a list in place of the chart's"), text!("the chart's list, with yours behind it; or mode allow"), text!("What the chart's list names and yours does not leaves with the traces: prompts, answers, users, credentials."))
            .fix(text!("copy the chart's list and add to it, or use tracing.redaction.mode: allow"));
        #[cfg(feature = "full")]
        if let Some(name) = covered::left_out(node) {
            finding = finding.found(format!(
                "a list in place of the chart's, without an expression for {name}"
            ));
        }
        findings.push(finding);
    }
}

/// What each list is for: the other list does the opposite.
#[cfg(feature = "full")]
const fn meant(deny: bool) -> &'static str {
    if deny {
        "set tracing.redaction.mode: allow, which exports what the list names and nothing else beside the chart's own; or remove the list: mode deny exports all that tracing.redaction.attributes does not name"
    } else {
        "remove it: mode allow removes all that tracing.redaction.allow and the chart do not name; or set tracing.redaction.mode: deny, and then copy the chart's list before yours, which replaces it"
    }
}
