//! A name that nothing exports, and the one that is meant.

use super::fleet::Fleet;
use super::near::{Missing, nearest};
use super::other::other;
use crate::embedded::Text;
use vllm_catalog::{FAMILIES, Kind, family_of_series, is_undescribed, renamed};

/// Counters of KV transfers, which the catalogue does not describe: their names are read with the ending alone.
const KV_COUNTERS: [&str; 3] = [
    "vllm:nixl_num_failed_notifications_total",
    "vllm:nixl_num_failed_transfers_total",
    "vllm:nixl_num_kv_expired_reqs_total",
];

/// What request routers in front of vLLM export under its prefix: vLLM production-stack's.
const ROUTERS: Text = text!(
    "vllm:avg_decoding_length vllm:avg_itl vllm:avg_latency vllm:current_qps vllm:healthy_pods_total vllm:num_decoding_requests vllm:num_incoming_requests_total vllm:num_prefill_requests vllm:num_requests_uncompleted vllm:router_queueing_delay_seconds vllm:allocated_blocks vllm:pending_reserved_blocks vllm:errors_total vllm:input_tokens vllm:output_tokens vllm:total_kv_blocks"
);

/// What is wrong with a name.
pub(super) fn missing(name: &str, fleet: &Fleet) -> Option<Missing> {
    let plain = |found: String, meant: Option<String>, fix: String| {
        Some(Missing {
            found,
            meant,
            fix,
            sure: true,
        })
    };
    if !name.starts_with("vllm:") {
        return other(name, fleet.spans);
    }
    if let Some(family) = family_of_series(name) {
        let mut versions = fleet.versions.iter();
        let without = versions.find(|version| !family.releases.holds(**version))?;
        let gone = family.releases.until.and_then(|_| renamed(name));
        let (found, (meant, fix)) = match gone {
            Some(entry) => (
                format!("{name}, gone since vLLM {}", entry.gone),
                successor(name, entry),
            ),
            None => (
                format!("{name}, which vLLM {without} does not have yet"),
                (
                    None,
                    format!("it is there from {} on", family.releases.since),
                ),
            ),
        };
        return Some(Missing {
            found,
            meant: meant.filter(|_| !fleet.others),
            fix,
            sure: !fleet.others,
        });
    }
    if let Some(counter) = KV_COUNTERS
        .iter()
        .find(|known| known.strip_suffix("_total") == Some(name))
    {
        return plain(
            format!("{name}, a counter without its ending"),
            Some((*counter).to_owned()),
            format!("write {counter}"),
        );
    }
    if is_undescribed(name)
        || ROUTERS.as_str().split(' ').any(|router| router == name)
        || name.ends_with("_created")
    {
        return None;
    }
    if let Some(entry) = renamed(name) {
        let (meant, fix) = successor(name, entry);
        return plain(
            format!("{name}, gone since vLLM {}", entry.gone),
            meant,
            fix,
        );
    }
    let counter = format!("{name}_total");
    if family_of_series(&counter).is_some() {
        let fix = format!("write {counter}");
        return plain(
            format!("{name}, a counter without its ending"),
            Some(counter),
            fix,
        );
    }
    if FAMILIES
        .iter()
        .any(|f| f.name == name && matches!(f.kind, Kind::Histogram | Kind::Summary))
    {
        let words =
            format!("write {name}_bucket for quantiles, {name}_sum / {name}_count for the mean");
        return plain(
            format!("{name}, a histogram, which has no series of its own name"),
            None,
            words,
        );
    }
    let series = FAMILIES.iter().flat_map(|family| {
        ["", "_bucket", "_sum", "_count"]
            .map(|suffix| format!("{}{suffix}", family.name))
            .into_iter()
            .filter(|series| family.has_series(series))
    });
    let series: Vec<String> = series.collect();
    let long = [
        (":ttft", ":time_to_first_token"),
        (":tpot", ":request_time_per_output_token"),
        (":itl", ":inter_token_latency"),
        (":e2e_latency", ":e2e_request_latency"),
    ];
    let long = { long.into_iter() }
        .find(|(short, _)| name.contains(short))
        .map(|(short, long)| name.replace(short, long))
        .filter(|long| series.contains(long));
    let near = long.or_else(|| nearest(name, series.iter().cloned()));
    // Other words, or in another order: a guess.
    let words = crate::shape::reworded(name, series.iter().map(String::as_str));
    if let (None, Some(words)) = (&near, words) {
        return Some(Missing {
            found: format!("{name}, which no vLLM exports"),
            fix: format!("did you mean {words}?"),
            meant: Some(words.to_owned()),
            sure: false,
        });
    }
    Some(Missing {
        found: format!("{name}, which no vLLM exports"),
        sure: near.is_some(),
        fix: near.as_ref().map_or_else(
            || "see docs/queries.md, or GET /metrics of a server, for what there is".to_owned(),
            |near| format!("did you mean {near}?"),
        ),
        meant: near,
    })
}

/// The series that says the same now, with the old one's suffix, and words.
fn successor(name: &str, entry: &vllm_catalog::Renamed) -> (Option<String>, String) {
    let suffix = ["_bucket", "_sum", "_count"]
        .into_iter()
        .find(|s| name.ends_with(s))
        .unwrap_or("");
    match entry.now {
        [] => (None, entry.instead.to_owned()),
        [first, ..] => {
            let now = format!("{first}{suffix}");
            (Some(now.clone()), format!("write {now}: {}", entry.instead))
        }
    }
}
