//! Cures that name all that may have been meant.

use super::needs::Needs::{self, Not, Shorter, Standalone};
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
        _ => return None,
    })
}
