//! Series that this chart records.

use crate::promql::meaning::Facts;
use vllm_catalog::{Family, family_of_series};

/// What a recorded series is made of, and how.
pub(super) fn source(name: &str) -> Option<(&'static Family, &str)> {
    let mut parts = name.split(':');
    let stem = parts.nth(1)?.strip_prefix("vllm_")?;
    let of = |end: &str| family_of_series(&format!("vllm:{stem}{end}"));
    let mut family = of("").or_else(|| of("_bucket"));
    if crate::FULL {
        family = family.or_else(|| of("_total"));
    }
    Some((family?, parts.next()?))
}

/// The largest bound of the histogram whose quantile a rule of the chart records: `model:vllm_<family>:p99`.
pub(in crate::promql::meaning) fn quantile_of(name: &str) -> Option<f64> {
    let rest = name.strip_prefix("model:vllm_")?;
    let (family, quantile) = rest.split_once(':')?;
    let bounds = family_of_series(&format!("vllm:{family}_bucket"))?.bounds?;
    let known = matches!(quantile, "p50" | "p95" | "p99") && !bounds.depends_on_max_model_len();
    known.then(|| bounds.finite(0).last().copied())?
}

/// Whose values a result has, also where they are those of a recorded series.
#[inline(always)]
pub(in crate::promql::meaning) fn measured(facts: &Facts) -> Option<&'static Family> {
    let kept = ["p50", "p95", "p99", "mean", "max", "min"];
    match (facts.family, &facts.series) {
        (None, Some(name)) if crate::FULL => source(name)
            .filter(|(_, how)| kept.contains(how))
            .map(|(family, _)| family),
        (family, _) => family,
    }
}
