//! Series of an expression: what is read whole, what has no result without them, and whose they are.

use crate::promql::{Expr, Kind};

/// Histograms that are read whole, as native ones or classic ones that Prometheus converts: below a rate in a
/// function of histograms, or recorded for one. With where the function begins.
pub(super) fn native(expr: &Expr, recorded: bool) -> Vec<(String, usize)> {
    fn below(expr: &Expr, whole: Option<usize>, rated: bool, out: &mut Vec<(String, usize)>) {
        let (mut whole, mut rated) = (whole, rated);
        match &expr.kind {
            Kind::Call { name, .. } => {
                if name.starts_with("histogram_") {
                    whole = Some(expr.at);
                }
                rated |= matches!(name.as_str(), "rate" | "increase" | "irate");
            }
            Kind::Selector { name, .. } => {
                let histogram = |family: &vllm_catalog::Family| {
                    family.name == name && family.kind == vllm_catalog::Kind::Histogram
                };
                if let (Some(at), true) = (whole, rated)
                    && vllm_catalog::FAMILIES.iter().any(histogram)
                {
                    out.push((name.clone(), at));
                }
            }
            _ => {}
        }
        for part in expr.parts() {
            below(part, whole, rated, out);
        }
    }
    let mut names = Vec::new();
    below(expr, recorded.then_some(expr.at), false, &mut names);
    names
}

/// Names of this chart's own level, which another release may record.
pub(super) fn recorded_elsewhere(name: &str) -> bool {
    name.contains(':') && !name.starts_with("vllm:")
}
