//! `rules.alerts`: every alert, by name.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    AbortAlert, AboveAlert, Alert, CacheAlert, FleetAlert, GpuAlert, ObjectiveAlert, OutlierAlert,
    RatioAlert, RestartAlert, SilentAlert, StalledAlert,
};

/// Every alert.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[schemars(inline)]
pub struct Alerts {
    /// p99 of whole requests above thresholds.e2eLatency.alert. 5m: one batch of long prompts moves
    /// a p99 for a window; what lasts longer is a state.
    #[serde(rename = "VllmE2ELatencyHigh")]
    pub vllm_e2e_latency_high: Option<Alert>,
    /// p99 of the time to first token above thresholds.timeToFirstToken.alert. 5m: as above.
    pub vllm_time_to_first_token_high: Option<Alert>,
    /// p99 between tokens above thresholds.interTokenLatency.alert. 5m: as above.
    pub vllm_inter_token_latency_high: Option<Alert>,
    /// Single requests above thresholds.e2eLatency.alert, counted at the largest histogram bound
    /// that is not above it. Information: their traces are kept, nobody is woken.
    pub vllm_slow_requests_present: Option<Alert>,
    /// A pod's KV cache nearly full (0 to 1), on average over rules.window: the next long prompt
    /// preempts others. 1m: the mean is patient itself.
    #[serde(rename = "VllmKVCacheNearlyFull")]
    pub vllm_kv_cache_nearly_full: Option<RatioAlert>,
    /// Requests wait for room while more than this part of the KV cache is in use, both on average
    /// over rules.window: 0.9, because the scheduler keeps some blocks back and a cache that turns
    /// requests away is rarely at 1. 1m: as above.
    pub vllm_waiting_for_capacity: Option<RatioAlert>,
    /// Requests waiting in one pod: more than it can start soon.
    pub vllm_queue_too_long: Option<AboveAlert>,
    /// Preemptions a second in a model: each throws computed tokens away.
    pub vllm_preemption_spike: Option<AboveAlert>,
    /// The part of the requests with a first token that neither ended nor run, over `window`: their
    /// clients gave up. 0.2: one in five; said once slos.minimumEvents had a first token.
    pub vllm_requests_aborted: Option<AbortAlert>,
    /// The prefix cache's hit ratio below this part of its own mean over `baseline`. Off: a change
    /// of clients or prompts does the same, and up to vLLM 0.25 a waiting request is counted again
    /// and again, so that the ratio means nothing under pressure.
    pub vllm_prefix_cache_collapse: Option<CacheAlert>,
    /// Requests running for `window` without a token or a step, while /health is 200; where a
    /// server counts no steps, for a whole rules.window. 2m: four scrapes, and longer than any step;
    /// the longest pause between two steps of the captured servers was 5s.
    pub vllm_engine_stalled: Option<StalledAlert>,
    /// Requests end at the HTTP server while its engines read and generate nothing for a whole
    /// rules.window: an engine that hangs at an idle moment, whose clients give up. 2m: a slow
    /// client may take its last tokens so late.
    pub vllm_requests_unanswered: Option<Alert>,
    /// Requests waiting for a whole rules.window without one first token, while tokens flow. 5m:
    /// long answers may hold every slot for a window; twice that is a queue nobody leaves.
    pub vllm_admission_stalled: Option<Alert>,
    /// A replica's mean time between tokens above this many times the median of its model's
    /// replicas (three or more): same model, same hardware, so 3 is no chance. 15m: one batch may
    /// be slow.
    pub vllm_replica_outlier: Option<OutlierAlert>,
    /// No replica of an entry is up, also when every target has left discovery. 3m: longer than the
    /// restart of one small server, much shorter than the patience of users. `memory`: with
    /// `models: []` a fleet is missed only if it was there within this time.
    pub vllm_fleet_down: Option<FleetAlert>,
    /// Fewer replicas up than models[].replicas; also when every target is gone. 5m: longer than a
    /// rolling restart needs to take a pod out, shorter than loading weights anew.
    pub vllm_replica_down: Option<Alert>,
    /// Targets that are up without a series of vLLM. 10m: a server that has just started shows them
    /// with its first answer.
    pub vllm_series_missing: Option<Alert>,
    /// Restarts of a replica's container within `window`, where kube-state-metrics is scraped. 1h
    /// and 2: loading weights takes minutes, so three starts in an hour are no rollout.
    pub vllm_crash_looping: Option<RestartAlert>,
    /// The last XID of a replica's GPU is one of these, where the DCGM exporter is scraped. They
    /// are NVIDIA's hardware faults: ECC (48, 63, 64, 94, 95), NVLink (74), fallen off the bus
    /// (79), GSP (119, 120). Faults of a program (13, 31, 43, 45) are not among them.
    pub vllm_gpu_fault: Option<GpuAlert>,
    /// More than `threshold` requests a second end, of the release or of one replica, and vLLM's
    /// spans arrive for less than `share` of them, or for none of the replica's. 0.1: a fleet in
    /// use. 0.8: vLLM sends a span for each request. 15m: it sends it when the request has ended.
    pub vllm_tracing_silent: Option<SilentAlert>,
    /// The objectives in `slos`, which also give threshold and severity. 2m: the windows are
    /// patient themselves.
    pub vllm_availability_budget_burning: Option<ObjectiveAlert>,
    /// As VllmAvailabilityBudgetBurning, for slos.timeToFirstToken.
    pub vllm_time_to_first_token_budget_burning: Option<ObjectiveAlert>,
    /// As VllmAvailabilityBudgetBurning, for slos.interTokenLatency.
    pub vllm_inter_token_latency_budget_burning: Option<ObjectiveAlert>,
    /// As VllmAvailabilityBudgetBurning, for slos.e2eLatency.
    #[serde(rename = "VllmE2ELatencyBudgetBurning")]
    pub vllm_e2e_latency_budget_burning: Option<ObjectiveAlert>,
    /// Fewer collectors up than tracing.collector.replicas. 5m: a rolling restart is shorter.
    pub vllm_collector_down: Option<Alert>,
    /// Spans of kept traces a second that are lost: refused by the store for good, or without room
    /// in a queue. 0: they cannot be had again. 1m: one scrape that sees it is enough.
    pub vllm_kept_traces_lost: Option<AboveAlert>,
    /// Traces a second that are dropped before they were decided, where sampling.mode is `whole`;
    /// else raised when tracing.sampling.numTraces wait. 1m: one scrape that sees it is enough.
    pub vllm_traces_dropped_undecided: Option<AboveAlert>,
    /// Traces arrive and none is decided. 5m: beyond rules.window, so that a restart is none.
    pub vllm_collector_not_deciding: Option<Alert>,
    /// Kept traces wait and none is sent, for rules.window and this long. 5m: a store restarts
    /// sooner.
    pub vllm_collector_export_stalled: Option<Alert>,
    /// Spans or exports a second that a collector or balancer refuses. 0: senders may drop what is
    /// refused. 2m: less than rules.window, so that large batches every few minutes are seen.
    pub vllm_collector_refusing: Option<AboveAlert>,
    /// How full an exporter's queue is (0 to 1). 0.5: the receiver is slow or gone. At the rate that
    /// filled it there is as much time again before anything is lost.
    pub vllm_collector_queue_filling: Option<RatioAlert>,
    /// Changed settings of the policy were refused within rules.window. 1m: it is told once.
    pub vllm_collector_settings_refused: Option<Alert>,
    /// Decisions a second in which the plugin failed. 0: it never should.
    pub vllm_collector_policy_faulting: Option<AboveAlert>,
    /// The plugin is not called any more. 2m: a breaker that opens once closes again within a
    /// minute.
    pub vllm_collector_policy_breaker_open: Option<Alert>,
    /// Spans a second that came after the decision on their trace and were thrown away unseen, which
    /// only happens with tracing.sampling.mode whole. 0: a slow request can be among them. 5m: a
    /// burst passes.
    pub vllm_late_spans_dropped: Option<AboveAlert>,
    /// Traces a second of a model and reason that tracing.policy.budget leaves out; the baseline, the
    /// first to give way, is not counted. 0.1: six a minute. Information: the policy does what it was
    /// told, and its counters say what is missing.
    pub vllm_trace_budget_exhausted: Option<AboveAlert>,
    /// Fewer balancers up than tracing.balancer.replicas. 5m: as above.
    pub vllm_balancer_down: Option<Alert>,
    /// A balancer knows fewer samplers than are up. 5m: it looks every 5 seconds.
    pub vllm_balancer_backends_lost: Option<Alert>,
    /// Spans a second that a balancer could give to no sampler. 0: their senders may drop them.
    pub vllm_balancer_failing: Option<AboveAlert>,
}
