//! A name that does not begin with vLLM's prefix.

use super::near::{Missing, nearest};
use vllm_catalog::{FAMILIES, family_of_series, renamed};

/// A name that does not begin with vLLM's prefix.
pub(super) fn other(name: &str, spans: bool) -> Option<Missing> {
    // What the collector counts of spans, and as another one names it.
    if crate::FULL
        && let Some(rest) = (name.strip_prefix("vllm_spans_"))
            .or_else(|| name.strip_prefix("traces_spanmetrics_").filter(|_| spans))
    {
        let end = ["_bucket", "_count", "_sum"]
            .into_iter()
            .find(|end| rest.ends_with(end));
        let meant = match end {
            Some(end) => format!("vllm_spans_duration_seconds{end}"),
            None => "vllm_spans_calls_total".to_owned(),
        };
        return (meant != name).then(|| Missing {
            found: format!("{name}, which this chart's collector does not give"),
            fix: format!("write {meant}"),
            meant: Some(meant),
            sure: false,
        });
    }
    if let Some(rest) = name.strip_prefix("vllm_") {
        let meant = format!("vllm:{rest}");
        let known = family_of_series(&meant).is_some() || renamed(&meant).is_some();
        return known.then(|| Missing {
            found: format!("{name}, with _ where vLLM writes a colon"),
            fix: format!("write {meant}"),
            meant: Some(meant),
            sure: false,
        });
    }
    // What the HTTP server exports beside vLLM, with one letter wrong.
    if name.starts_with("http_") && family_of_series(name).is_none() {
        let http = (FAMILIES
            .iter()
            .filter(|family| family.name.starts_with("http_")))
        .flat_map(|family| {
            ["", "_bucket", "_sum", "_count"].map(|end| format!("{}{end}", family.name))
        });
        let near = { http }.find(|known| strsim::damerau_levenshtein(known, name) == 1)?;
        return Some(Missing {
            found: format!("{name}, which vLLM's HTTP server does not export"),
            fix: format!("did you mean {near}?"),
            meant: Some(near),
            sure: false,
        });
    }
    let (level, rest) = name.split_once(':')?;
    let levels = [
        "collector",
        "engine",
        "entry",
        "gpu",
        "model",
        "pod",
        "release",
    ];
    let own = rest.starts_with("vllm_") || rest.starts_with("otelcol_");
    let recorded = crate::embedded::recorded;
    // No level of the chart's.
    let other = crate::FULL && ["container", "instance", "replica", "server"].contains(&level);
    if !(levels.contains(&level) || other) || !own || recorded().any(|known| known == name) {
        return None;
    }
    let stem = rest.split(':').next().unwrap_or(rest);
    let mut of_stem: Vec<&str> = recorded()
        .filter(|known| known.split(':').nth(1) == Some(stem))
        .collect();
    // Of a quantile the other ones.
    let quantile = |known: &&str| known.starts_with(level) && known.contains(":p");
    if name.contains(":p") && of_stem.iter().any(quantile) {
        of_stem.retain(quantile);
    }
    // The same of another level.
    let mut same =
        (of_stem.iter()).filter(|known| known.split_once(':').is_some_and(|k| k.1 == rest));
    if crate::FULL
        && let (Some(only), None) = (same.next(), same.next())
    {
        of_stem = vec![only];
    }
    let near = nearest(name, recorded().map(str::to_owned));
    let fix = match (&near, &of_stem[..]) {
        (_, [only]) => format!("write {only}"),
        (_, [_, ..]) => format!("write one of {}", of_stem.join(", ")),
        (Some(near), []) => format!("did you mean {near}?"),
        (None, []) => "see docs/queries.md for what the chart records".to_owned(),
    };
    Some(Missing {
        found: format!("{name}, which the chart's rules do not record"),
        meant: match of_stem[..] {
            [only] => Some(only.to_owned()),
            [] => near,
            _ => None,
        },
        fix,
        sure: false,
    })
}
