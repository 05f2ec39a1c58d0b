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
    /// p99 of whole requests above thresholds.e2eLatency.alert. 5m: one batch of long prompts
    /// raises the p99 for one window only.
    #[serde(rename = "VllmE2ELatencyHigh")]
    pub vllm_e2e_latency_high: Option<Alert>,
    /// p99 of the time to first token above thresholds.timeToFirstToken.alert. 5m: as above.
    pub vllm_time_to_first_token_high: Option<Alert>,
    /// p99 between tokens above thresholds.interTokenLatency.alert. 5m: as above.
    pub vllm_inter_token_latency_high: Option<Alert>,
    /// Single requests above thresholds.e2eLatency.alert, counted at the largest histogram bound
    /// that is not above it. info: their traces are kept, and it is not notified.
    pub vllm_slow_requests_present: Option<Alert>,
    /// A pod's KV cache nearly full (0 to 1), on average over rules.window: the next long prompt
    /// preempts others. 1m: the average already filters short peaks.
    #[serde(rename = "VllmKVCacheNearlyFull")]
    pub vllm_kv_cache_nearly_full: Option<RatioAlert>,
    /// Requests wait for KV cache while more than this fraction of it is in use, both on average
    /// over rules.window: 0.9, because the scheduler reserves some blocks, so the usage is rarely 1 when
    /// requests have to wait. 1m: as above.
    pub vllm_waiting_for_capacity: Option<RatioAlert>,
    /// Requests waiting in one pod: more than it can start soon.
    pub vllm_queue_too_long: Option<AboveAlert>,
    /// Preemptions per second of a model: each one discards computed tokens.
    pub vllm_preemption_spike: Option<AboveAlert>,
    /// The ratio of requests with a first token that neither ended nor still run, over `window`:
    /// their clients aborted. 0.2: one in five. Not evaluated below slos.minimumEvents first
    /// tokens.
    pub vllm_requests_aborted: Option<AbortAlert>,
    /// The prefix cache's hit ratio below this fraction of its own mean over `baseline`. Off by
    /// default: a change of clients or prompts has the same effect, and up to vLLM 0.25 a waiting
    /// request is counted repeatedly, which makes the ratio meaningless under load.
    pub vllm_prefix_cache_collapse: Option<CacheAlert>,
    /// Requests running for `window` without a token or a step, while /health is 200; where a
    /// server counts no steps, for a whole rules.window. 2m: four scrapes, and longer than any step;
    /// the longest pause between two steps of the captured servers was 5s.
    pub vllm_engine_stalled: Option<StalledAlert>,
    /// Requests end at the HTTP server while its engines generate no token for a whole rules.window:
    /// the engine hung while idle, and clients give up; or one of several engines hung, and this
    /// fraction of the pod's requests is given up. 0.1: one of eight engines receives more. 2m: a
    /// slow client may read its last tokens that late.
    pub vllm_requests_unanswered: Option<RatioAlert>,
    /// With `probe`: a replica that is up did not answer the probe. 3m: three probes at the default
    /// interval. `severity` applies to a replica that serves no request; if it refuses the probe (4xx) or
    /// serves other requests, critical is lowered to warning.
    pub vllm_probe_failing: Option<Alert>,
    /// With `probe`: no replica of an entry is probed while some are up. 5m: a rolling restart is shorter.
    pub vllm_probe_down: Option<Alert>,
    /// Requests wait for a whole rules.window without a single first token, while tokens are
    /// generated. 5m: long answers may occupy every slot for one window, not for two.
    pub vllm_admission_stalled: Option<Alert>,
    /// A replica's mean time between tokens above this multiple of the median of its model's
    /// replicas (three or more). Replicas are identical, so a factor of 3 is not noise. 15m: one
    /// batch may be slow.
    pub vllm_replica_outlier: Option<OutlierAlert>,
    /// No replica of an entry is up, also when service discovery has no target left. 3m: longer
    /// than the restart of one small server, much shorter than users wait. `memory`: with `models:
    /// []` the alert fires only for a fleet that was up within this time.
    pub vllm_fleet_down: Option<FleetAlert>,
    /// Fewer replicas up than models[].replicas; also when service discovery has no target left.
    /// 5m: longer than a rolling restart removes a pod for, shorter than a reload of the weights.
    pub vllm_replica_down: Option<Alert>,
    /// Targets that are up and export no series of vLLM. 10m: a new server exports them with its
    /// first response.
    pub vllm_series_missing: Option<Alert>,
    /// Restarts of a replica's container within `window`, where kube-state-metrics is scraped. 1h
    /// and 2: loading weights takes minutes, so three starts in an hour are not a rollout.
    pub vllm_crash_looping: Option<RestartAlert>,
    /// The last XID of a replica's GPU is one of these, where the DCGM exporter is scraped. They
    /// are NVIDIA's hardware faults: ECC (48, 63, 64, 94, 95), NVLink (74), fallen off the bus
    /// (79), GSP (119, 120). Software faults (13, 31, 43, 45) are excluded.
    pub vllm_gpu_fault: Option<GpuAlert>,
    /// More than `threshold` requests per second end, of the release or of one replica, and vLLM's
    /// spans arrive for less than `share` of them, or for none of the replica's. 0.1: the fleet has
    /// traffic. 0.8: vLLM sends one span per request. 15m: it sends the span when the request has
    /// ended.
    pub vllm_tracing_silent: Option<SilentAlert>,
    /// The objectives in `slos`, which also set threshold and severity. 2m: the windows already
    /// filter short peaks.
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
    /// Spans of kept traces lost per second: rejected permanently by the backend, or dropped
    /// because a queue is full. 0: they cannot be recovered. 1m: one scrape is enough.
    pub vllm_kept_traces_lost: Option<AboveAlert>,
    /// Traces dropped per second before a decision, with sampling.mode `whole`; otherwise fires
    /// when tracing.sampling.numTraces traces wait. 1m: one scrape is enough.
    pub vllm_traces_dropped_undecided: Option<AboveAlert>,
    /// Traces arrive and none is decided. 5m: longer than rules.window, so that a restart does not
    /// count.
    pub vllm_collector_not_deciding: Option<Alert>,
    /// Kept traces are queued and none is sent, for rules.window plus this time. 5m: a backend
    /// restarts faster.
    pub vllm_collector_export_stalled: Option<Alert>,
    /// Spans or exports per second that a collector or balancer refuses. 0: senders may drop
    /// refused spans. 2m: less than rules.window, so that large batches every few minutes are
    /// detected.
    pub vllm_collector_refusing: Option<AboveAlert>,
    /// Fill level of an exporter's queue (0 to 1). 0.5: the backend is slow or unavailable. At the
    /// same rate the queue is full after the same time again.
    pub vllm_collector_queue_filling: Option<RatioAlert>,
    /// Changed settings of the policy were refused within rules.window. 1m: the counter moves once.
    pub vllm_collector_settings_refused: Option<Alert>,
    /// Decisions per second in which the plugin failed. 0: any failure is a fault.
    pub vllm_collector_policy_faulting: Option<AboveAlert>,
    /// The circuit breaker is open: the plugin is no longer called. 2m: a breaker that opens once
    /// closes again within a minute.
    pub vllm_collector_policy_breaker_open: Option<Alert>,
    /// Spans per second that arrived after the decision on their trace and were dropped, which only
    /// happens with tracing.sampling.mode whole. 0: a slow request can be among them. 5m: ignores
    /// short bursts.
    pub vllm_late_spans_dropped: Option<AboveAlert>,
    /// Traces per second of a model and reason that tracing.policy.budget drops; the baseline,
    /// which is dropped first, is not counted. 0.1: six a minute. info: the policy works as
    /// configured, and its counters show what is missing.
    pub vllm_trace_budget_exhausted: Option<AboveAlert>,
    /// Fewer balancers up than tracing.balancer.replicas. 5m: as above.
    pub vllm_balancer_down: Option<Alert>,
    /// A balancer knows fewer samplers than are up. 5m: it resolves them every 5 seconds.
    pub vllm_balancer_backends_lost: Option<Alert>,
    /// Spans per second that a balancer could not deliver to any sampler. 0: their senders may drop
    /// them.
    pub vllm_balancer_failing: Option<AboveAlert>,
    /// Always firing, in standalone mode: if it does not arrive, no alert does. The bundled Alertmanager
    /// does not notify it unless a route of alertmanager.config names it: route it to a service that
    /// notifies you when it stops arriving.
    pub watchdog: Option<Alert>,
    /// Prometheus refused its configuration or rules. 5m: they are checked every 30 s.
    pub prometheus_bad_config: Option<Alert>,
    /// Evaluations of rules that failed within rules.window. 0: an alert that is not evaluated
    /// cannot fire.
    pub prometheus_rule_failures: Option<AboveAlert>,
    /// Evaluations that were skipped within rules.window. 0, and 15m: some may be skipped at start.
    pub prometheus_missing_rule_evaluations: Option<AboveAlert>,
    /// Prometheus knows no Alertmanager. 10m: discovery takes a while after a start.
    pub prometheus_not_connected_to_alertmanagers: Option<Alert>,
    /// Alerts per second that an Alertmanager did not accept. 0, and 10m: it may restart.
    pub prometheus_error_sending_alerts: Option<AboveAlert>,
    /// The fraction of prometheus.storage.size that samples use. 0.9: above the 80 % at which the oldest
    /// are deleted, so deleting them no longer suffices.
    pub prometheus_storage_filling_up: Option<RatioAlert>,
    /// Scrapes within rules.window that exceeded a limit of samples, size, labels or targets. 0, and
    /// 15m.
    pub prometheus_scrape_limit_hit: Option<AboveAlert>,
    /// Fewer Alertmanagers up than alertmanager.replicas. 5m: a restart is shorter.
    pub alertmanager_down: Option<Alert>,
    /// Alertmanager refused its configuration. 5m: as PrometheusBadConfig.
    pub alertmanager_failed_reload: Option<Alert>,
    /// The part of an integration's notifications within `window` that failed, after all attempts.
    /// 0.01: one in a hundred; 15m: one that fails is tried again every group_interval, 5 minutes by
    /// default.
    pub alertmanager_failed_to_send_alerts: Option<AbortAlert>,
    /// An Alertmanager knows fewer members than there are. 10m: they look for each other after a
    /// start.
    pub alertmanager_members_inconsistent: Option<Alert>,
}
