//! The most of the requests that run: as many as servers take at a time.

use super::super::Running;
use crate::promql::expr::Matcher;

/// The most of a series, and of the sum of all that a selector gives.
pub(super) fn most(name: &str, matchers: &[Matcher], known: &[Running<'_>]) -> Option<(f64, f64)> {
    let sum = match name {
        "vllm:num_requests_running"
        | "engine:vllm_num_requests_running:min"
        | "pod:vllm_num_requests_running:sum" => false,
        "model:vllm_num_requests_running:sum" => true,
        _ => {
            let stem = name.strip_prefix("model:vllm_pods_num_requests_running:")?;
            return matches!(stem, "max" | "min" | "p50" | "p95")
                .then(|| of(matchers, known))?
                .map(|(pod, _)| (pod, f64::INFINITY));
        }
    };
    let (pod, all) = of(matchers, known)?;
    Some((if sum { all } else { pod }, all))
}

/// The most of one pod of the models that the matchers let through, and of all their pods. None where one of the
/// models has no bound.
fn of(matchers: &[Matcher], known: &[Running<'_>]) -> Option<(f64, f64)> {
    let named = |matcher: &&Matcher| {
        matcher.operator == "=" && matches!(matcher.label.as_str(), "model" | "model_name")
    };
    let names: Vec<&str> = matchers
        .iter()
        .filter(named)
        .map(|m| m.value.as_str())
        .collect();
    let (mut pod, mut all): (f64, f64) = (0.0, 0.0);
    for model in known
        .iter()
        .filter(|model| names.iter().all(|name| *name == model.name))
    {
        let (each, pods) = model.most?;
        pod = pod.max(each);
        all += each * pods;
    }
    (pod > 0.0).then_some((pod, all))
}
