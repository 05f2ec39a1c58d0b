//! Variables that a text uses.

use crate::codes::DASHBOARD_QUERY;
use crate::finding::Findings;
use crate::node::Node;
use crate::rules::inside;
use crate::shape::nearest;

/// Variables that Grafana or Perses sets.
const OWN: &str = "__interval __interval_ms __rate_interval __rate_interval_ms __range __range_s __range_ms __from __to __dashboard __name __org __user __timeFilter __timezone __all __all_variables __auto __searchFilter __url __url_time_range __value __field __series __data __cell __cell_0 __cell_1 __project __ignore_usage__ interval timeFilter";

/// Variables of a text that are misspelt: not declared, and near one that is.
pub(super) fn unknown(path: &str, node: &Node, names: &[&str], findings: &mut Findings) {
    let Some(text) = node.as_str() else { return };
    for (at, name) in used(text) {
        let own = || OWN.split(' ');
        let group = text.contains(&format!("<{name}>"));
        if group
            || names.contains(&name)
            || own().any(|own| own == name)
            || name.starts_with("__auto_")
        {
            continue;
        }
        let near = if name.starts_with("__") {
            nearest(name, own().filter(|own| own.starts_with("__")))
        } else {
            nearest(name, names.iter().copied())
        };
        let Some(near) = near else { continue };
        findings.push(
            DASHBOARD_QUERY
                .at(path, inside(node.place, text, at))
                .found(format!(
                    "the variable {name}, which the dashboard does not have"
                ))
                .expected(if name.starts_with("__") {
                    "a variable that Grafana sets".to_owned()
                } else {
                    names.join(", ")
                })
                .why("It is not replaced: Prometheus gets its name, and the panel stays empty.")
                .fix(format!("did you mean {near}?")),
        );
    }
}

/// Names of variables: `$name`, `${name:format}`, `[[name]]`, and where each begins.
fn used(text: &str) -> Vec<(usize, &str)> {
    let word = |at: usize| {
        let rest = &text[at..];
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        (at, &rest[..end])
    };
    let dollars = text.match_indices('$').map(|(at, _)| {
        let braced = text[at + 1..].starts_with('{');
        word(at + 1 + usize::from(braced))
    });
    let brackets = text.match_indices("[[").map(|(at, _)| word(at + 2));
    (dollars.chain(brackets))
        .filter(|(_, name)| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
        .collect()
}
