//! The label model_name, compared with another name of the model than the one that its series have: vLLM writes the
//! first of the names that it serves, which is that of the entry.

use super::unmatched::doubt;
use super::{Context, Doubt};
use crate::embedded::recorded_labels;
use crate::promql::expr::Matcher;
use crate::re2;
use vllm_catalog::family_of_series;

/// A matcher of a further name, or of the model that is deployed under another one.
pub(super) fn served(name: &str, matcher: &Matcher, context: Context<'_>) -> Option<Doubt> {
    let Matcher {
        at,
        label,
        operator,
        value,
    } = matcher;
    let recorded = || recorded_labels(name)?.split(',').find(|own| own == label);
    let ours = name.starts_with("vllm:") && family_of_series(name).is_some();
    if label != "model_name" || value.is_empty() || !(ours || recorded().is_some()) {
        return None;
    }
    let pattern = operator.ends_with('~').then(|| re2::whole(value));
    let fits = |text: &str| match &pattern {
        None => text == value,
        // Of a pattern that this core cannot read nothing is known.
        Some(pattern) => pattern.as_ref().is_none_or(|p| p.is_match(text)),
    };
    if context.entries.iter().any(|entry| fits(entry)) {
        return None;
    }
    let (other, entry) = context.served.iter().find(|(other, _)| fits(other))?;
    let negative = operator.starts_with('!');
    let old = format!("{label}{operator}{value:?}");
    let new = format!("{label}{}{entry:?}", if negative { "!=" } else { "=" });
    let expected = format!("{entry:?}, the first of its names: no series has {other:?}");
    let mut doubt = doubt(*at, old.clone(), expected, old, Some(new));
    if negative {
        doubt.why = "It excludes nothing: every series fits.";
    }
    Some(doubt)
}
