//! Names that are gone, and what took their place: dashboards and rules found on the web still use them.
//!
//! Source: `families-by-version-source.tsv` and the deprecation notes in the captured HELP texts of 0.10.2; names of the V0 engine from vLLM's
//! history.

use crate::version::Version;

/// A family that newer releases export under another name, or no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renamed {
    /// The name that is gone.
    pub old: &'static str,
    /// The families that say the same now, the closest first; empty where none does.
    pub now: &'static [&'static str],
    /// The first examined release without the old name.
    pub gone: Version,
    /// What to ask for instead, in words or PromQL.
    pub instead: &'static str,
}

const V0_13_0: Version = Version::new(0, 13, 0);
const V0_16_0: Version = Version::new(0, 16, 0);
const V0_20_2: Version = Version::new(0, 20, 2);
/// The V0 engine's own families: not in any release examined.
const V0_ENGINE: Version = Version::OLDEST;

/// Every renamed or removed family known.
pub static RENAMED: &[Renamed] = &[
    Renamed {
        old: "vllm:gpu_cache_usage_perc",
        now: &["vllm:kv_cache_usage_perc"],
        gone: V0_13_0,
        instead: "the same value under the new name",
    },
    Renamed {
        old: "vllm:gpu_prefix_cache_queries_total",
        now: &["vllm:prefix_cache_queries_total"],
        gone: V0_13_0,
        instead: "the same value under the new name",
    },
    Renamed {
        old: "vllm:gpu_prefix_cache_hits_total",
        now: &["vllm:prefix_cache_hits_total"],
        gone: V0_13_0,
        instead: "the same value under the new name",
    },
    Renamed {
        old: "vllm:time_per_output_token_seconds",
        now: &[
            "vllm:inter_token_latency_seconds",
            "vllm:request_time_per_output_token_seconds",
        ],
        gone: V0_16_0,
        instead: "the first for each engine step (the same value), the second for each request's mean",
    },
    Renamed {
        old: "vllm:prompt_tokens_recomputed_total",
        now: &[],
        gone: V0_20_2,
        instead: "vllm:prompt_tokens_by_source_total tells where prompt tokens came from",
    },
    Renamed {
        old: "vllm:num_requests_swapped",
        now: &[],
        gone: V0_ENGINE,
        instead: "nothing is swapped to the CPU any more; preempted requests are computed again: vllm:num_preemptions_total",
    },
    Renamed {
        old: "vllm:cpu_cache_usage_perc",
        now: &[],
        gone: V0_ENGINE,
        instead: "there is no CPU swap space any more",
    },
    Renamed {
        old: "vllm:gpu_prefix_cache_hit_rate",
        now: &[],
        gone: V0_ENGINE,
        instead: "rate(vllm:prefix_cache_hits_total[5m]) / rate(vllm:prefix_cache_queries_total[5m])",
    },
    Renamed {
        old: "vllm:cpu_prefix_cache_hit_rate",
        now: &[],
        gone: V0_ENGINE,
        instead: "there is no CPU prefix cache any more",
    },
    Renamed {
        old: "vllm:avg_prompt_throughput_toks_per_s",
        now: &[],
        gone: V0_ENGINE,
        instead: "rate(vllm:prompt_tokens_total[5m])",
    },
    Renamed {
        old: "vllm:avg_generation_throughput_toks_per_s",
        now: &[],
        gone: V0_ENGINE,
        instead: "rate(vllm:generation_tokens_total[5m])",
    },
    Renamed {
        old: "vllm:time_in_queue_requests",
        now: &["vllm:request_queue_time_seconds"],
        gone: V0_ENGINE,
        instead: "the histogram in seconds",
    },
    Renamed {
        old: "vllm:model_forward_time_milliseconds",
        now: &[],
        gone: V0_ENGINE,
        instead: "nothing measures the forward pass alone; vllm:request_inference_time_seconds is the nearest",
    },
    Renamed {
        old: "vllm:model_execute_time_milliseconds",
        now: &[],
        gone: V0_ENGINE,
        instead: "nothing measures the forward pass alone; vllm:request_inference_time_seconds is the nearest",
    },
];

/// What became of a name that is gone. Takes a family's name, a series' (`…_bucket`, `…_sum`, `…_count`, `…_created`) or a counter's
/// without `_total`.
///
/// ```
/// let found = vllm_catalog::renamed("vllm:time_per_output_token_seconds_bucket").unwrap();
/// assert_eq!(found.now[0], "vllm:inter_token_latency_seconds");
/// assert!(vllm_catalog::renamed("vllm:inter_token_latency_seconds").is_none());
/// ```
#[must_use]
pub fn renamed(name: &str) -> Option<&'static Renamed> {
    let stem = |suffix| name.strip_suffix(suffix);
    let stem = ["_bucket", "_sum", "_count", "_created"]
        .into_iter()
        .find_map(stem)
        .unwrap_or(name);
    RENAMED.iter().find(|entry| {
        [name, stem]
            .into_iter()
            .any(|name| entry.old == name || entry.old.strip_suffix("_total") == Some(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::{families_at, family};

    #[test]
    fn every_successor_is_exported_by_the_newest_release_and_no_old_name_is() {
        for entry in RENAMED {
            for now in entry.now {
                assert!(
                    families_at(Version::NEWEST).any(|family| family.name == *now),
                    "{now}"
                );
            }
            assert!(
                families_at(Version::NEWEST).all(|family| family.name != entry.old),
                "{}",
                entry.old
            );
        }
    }

    #[test]
    fn every_family_that_ended_has_an_entry_with_its_end() {
        for ended in crate::families::FAMILIES
            .iter()
            .filter(|family| family.releases.until.is_some())
        {
            assert_eq!(
                renamed(ended.name).map(|entry| entry.gone),
                ended.releases.until,
                "{}",
                ended.name
            );
        }
    }

    #[test]
    fn an_old_counter_is_found_with_and_without_total_and_by_its_creation_time() {
        for name in [
            "vllm:gpu_prefix_cache_hits",
            "vllm:gpu_prefix_cache_hits_total",
            "vllm:gpu_prefix_cache_hits_created",
        ] {
            assert_eq!(
                renamed(name).map(|entry| entry.now),
                Some(&["vllm:prefix_cache_hits_total"][..]),
                "{name}"
            );
        }
        assert!(renamed("vllm:no_such_family").is_none());
        assert!(family("vllm:no_such_family").is_none());
    }
}
