//! Kubernetes refuses a container that requests more than its limit. Values are merged over the
//! chart's defaults, so a request alone may be above the default limit.

#[cfg(feature = "full")]
mod least;
#[cfg(feature = "full")]
mod taken;

use super::Rule;
use super::look::walk_given;
use crate::node::{blamed, join};
use crate::{Findings, Severity, Values};

/// `requests` against `limits`, wherever there are `resources`.
pub const RULE: Rule = Rule {
    code: "requests-limits",
    severity: Severity::Error,
    title: text!("A container requests more than its limit"),
    check,
};

fn check(values: &Values, findings: &mut Findings) {
    #[cfg(feature = "full")]
    {
        least::check(values, findings);
        taken::check(values, findings);
    }
    walk_given(&values.root, "", &mut |path, key, node| {
        if key != "resources" {
            return;
        }
        let [Some(requests), Some(limits)] = ["requests", "limits"].map(|kind| node.child(kind))
        else {
            return;
        };
        for (name, request) in requests.entries() {
            let Some(limit) = limits.child(name) else {
                continue;
            };
            let (Some(wanted), Some(most)) = (request.as_quantity(), limit.as_quantity()) else {
                continue;
            };
            if wanted <= most {
                continue;
            }
            let at = blamed(&[limit, request]).unwrap_or(request);
            let kind = if std::ptr::eq(at, request) {
                "requests"
            } else {
                "limits"
            };
            findings.push(
                RULE.finds(
                    join(&join(path, kind), name),
                    &at.place,
                    format!(
                        "{name}: {} requested, {} at most",
                        amount(request),
                        amount(limit)
                    ),
                    text!("a request not above the limit"),
                    text!("Kubernetes refuses the pod."),
                )
                .fix(format!(
                    "write limits: {{{name}: {0}}} or more, or requests: {{{name}: {1}}} or less",
                    amount(request),
                    amount(limit)
                ))
                .related(request.place, "the request")
                .related(limit.place, "the limit"),
            );
        }
    });
}

fn amount(node: &crate::Node) -> String {
    node.as_str()
        .map_or_else(|| node.described(), str::to_owned)
}
