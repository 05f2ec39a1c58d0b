//! What the values mean, rule by rule. A rule is a file here, a line in [`ALL`], a heading in the
//! documentation of findings (docs/findings.md), and a test file (tests/rules). The page takes its text
//! from the first lines of the rule's file. The parts of a long rule are in a folder beside its file.

mod alert_condition;
mod alert_expression;
mod alert_for;
mod alert_labels;
mod alert_matching;
mod alert_metric;
mod alert_names;
mod alert_quantile;
mod alert_rate;
mod alert_selector;
mod alert_template;
mod alert_threshold;
mod alert_window;
mod alertmanager_address;
pub mod alertmanager_config;
mod alertmanager_receivers;
mod args_clash;
mod autoscaling_bounds;
mod autoscaling_expectation;
mod autoscaling_range;
mod autoscaling_source;
mod autoscaling_target;
pub mod collector_memory;
#[cfg(feature = "full")]
mod concurrency;
mod custom_buckets;
mod deployed_namespaces;
mod deployed_port;
mod duration_range;
mod endpoint;
mod env_clash;
#[cfg(feature = "full")]
mod env_forms;
mod env_undefined;
mod evaluation_interval;
mod expected_deployed;
mod exporter_address;
mod exporter_file;
mod exporter_insecure;
#[cfg(feature = "full")]
mod exporter_login;
mod exporter_path;
mod exporter_port;
mod exporter_scheme;
mod exporter_tls;
mod exporter_twice;
mod exporter_vendor;
mod exporters_none;
mod expressions;
mod extra_object;
mod gpu_memory;
#[cfg(feature = "full")]
mod grafana_host;
#[cfg(feature = "full")]
mod grafana_ini;
#[cfg(feature = "full")]
mod grafana_login;
#[cfg(feature = "full")]
mod grafana_path;
#[cfg(feature = "full")]
mod grafana_secrets;
#[cfg(feature = "full")]
mod grafana_settings;
mod grafana_source;
mod grafana_text;
#[cfg(feature = "full")]
mod grafana_variables;
mod helm_template;
mod hpa_replicas;
mod image_metrics;
mod image_reference;
mod image_user;
mod image_version;
mod jaeger_untraced;
mod keep_trace;
#[cfg(feature = "full")]
mod kept_room;
mod kubernetes_name;
mod latency;
mod look;
mod memory_unit;
mod metrics_matchers;
mod model_names;
mod model_overlap;
mod model_pods;
mod model_source;
mod model_storage;
mod namespaced_monitors;
mod nothing_kept;
mod nothing_monitored;
mod nothing_traced;
mod objective_fraction;
mod operator_labels;
mod operator_object;
mod parallelism_gpus;
mod part_argument;
mod pdb_replicas;
mod pod_parts;
mod policy_bounds;
mod policy_image;
mod policy_module;
mod prefill_pods;
mod probe_key;
mod query_address;
mod rate_window;
mod receiver_client;
mod receiver_undefined;
mod redaction_list;
mod redaction_pattern;
mod relabelling;
mod remote_write;
mod remote_write_queue;
mod replicas_auto;
mod requests_limits;
mod reserved_label;
mod rule;
mod samplers_split;
mod sampling_wait;
mod scaler;
pub mod scrape_jobs;
mod scrape_limit;
mod scrape_scheme;
mod scrape_source;
mod scrape_timeout;
mod secret_inline;
mod service_monitor;
mod severity_order;
mod slo_burn;
mod slo_limit;
mod slo_windows;
mod span_dimensions;
mod stats_disabled;
mod storage_fit;
mod switch_needs;
mod threshold_between;
mod threshold_blind;
mod threshold_unit;
mod time_intervals;
mod tls_pair;
#[cfg(feature = "full")]
mod trace_store;
mod tracing_image;
mod unparsed;
mod vllm_argument;
mod vllm_environment;
mod vllm_value;
mod without_effect;

pub(crate) use alert_metric::absent;
pub(crate) use alert_template::{finding as template_finding, labels as labels_of_texts};
pub(crate) use duration_range::MOST as LONGEST;
pub(crate) use exporter_address::OVER_HTTP;
pub(crate) use expressions::inside;
pub(crate) use grafana_text::sections as ini_sections;
#[cfg(feature = "full")]
pub(crate) use sampling_wait::stated as stated_rate;
pub(crate) use secret_inline::{is_secret, secret_name};
pub(crate) use time_intervals::days;

pub(crate) const POD_PARTS: &str = pod_parts::RULE.code;

/// Rules about values that nothing reads.
pub(crate) const WITHOUT_EFFECT: [&str; 3] = [
    without_effect::RULE.code,
    redaction_list::RULE.code,
    grafana_source::RULE.code,
];

pub use rule::Rule;

/// All rules, in alphabetical order.
pub const ALL: &[Rule] = &[
    alert_condition::RULE,
    alert_expression::RULE,
    alert_for::RULE,
    alert_labels::RULE,
    alert_matching::RULE,
    alert_metric::RULE,
    alert_names::RULE,
    alert_quantile::RULE,
    alert_rate::RULE,
    alert_selector::RULE,
    alert_template::RULE,
    alert_threshold::RULE,
    alert_window::RULE,
    alertmanager_address::RULE,
    alertmanager_config::RULE,
    args_clash::RULE,
    autoscaling_bounds::RULE,
    autoscaling_expectation::RULE,
    autoscaling_range::RULE,
    autoscaling_source::RULE,
    autoscaling_target::RULE,
    collector_memory::RULE,
    custom_buckets::RULE,
    deployed_namespaces::RULE,
    deployed_port::RULE,
    duration_range::RULE,
    env_clash::RULE,
    env_undefined::RULE,
    evaluation_interval::RULE,
    expected_deployed::RULE,
    exporter_address::RULE,
    exporter_file::RULE,
    exporter_insecure::RULE,
    exporter_path::RULE,
    exporter_port::RULE,
    exporter_scheme::RULE,
    exporter_tls::RULE,
    exporter_twice::RULE,
    exporters_none::RULE,
    extra_object::RULE,
    gpu_memory::RULE,
    grafana_source::RULE,
    helm_template::RULE,
    hpa_replicas::RULE,
    image_metrics::RULE,
    image_reference::RULE,
    image_user::RULE,
    image_version::RULE,
    jaeger_untraced::RULE,
    keep_trace::RULE,
    kubernetes_name::RULE,
    memory_unit::RULE,
    metrics_matchers::RULE,
    model_names::RULE,
    model_overlap::RULE,
    model_pods::RULE,
    model_source::RULE,
    model_storage::RULE,
    namespaced_monitors::RULE,
    nothing_kept::RULE,
    nothing_monitored::RULE,
    nothing_traced::RULE,
    objective_fraction::RULE,
    operator_labels::RULE,
    operator_object::RULE,
    parallelism_gpus::RULE,
    part_argument::RULE,
    pdb_replicas::RULE,
    pod_parts::RULE,
    policy_bounds::RULE,
    policy_image::RULE,
    policy_module::RULE,
    prefill_pods::RULE,
    probe_key::RULE,
    query_address::RULE,
    rate_window::RULE,
    receiver_client::RULE,
    receiver_undefined::RULE,
    redaction_list::RULE,
    redaction_pattern::RULE,
    remote_write::RULE,
    remote_write_queue::RULE,
    replicas_auto::RULE,
    requests_limits::RULE,
    reserved_label::RULE,
    samplers_split::RULE,
    sampling_wait::RULE,
    scaler::RULE,
    scrape_jobs::RULE,
    scrape_limit::RULE,
    scrape_scheme::RULE,
    scrape_source::RULE,
    scrape_timeout::RULE,
    secret_inline::RULE,
    service_monitor::RULE,
    severity_order::RULE,
    slo_burn::RULE,
    slo_limit::RULE,
    slo_windows::RULE,
    span_dimensions::RULE,
    stats_disabled::RULE,
    storage_fit::RULE,
    switch_needs::RULE,
    threshold_between::RULE,
    threshold_blind::RULE,
    threshold_unit::RULE,
    tls_pair::RULE,
    tracing_image::RULE,
    vllm_argument::RULE,
    vllm_environment::RULE,
    vllm_value::RULE,
    without_effect::RULE,
];

/// Files beside the rules that are none, without `.rs`: what rules share.
pub const HELPERS: &[&str] = &[
    "alertmanager-receivers",
    "concurrency",
    "endpoint",
    "env-forms",
    "exporter-login",
    "exporter-vendor",
    "expressions",
    "grafana-host",
    "grafana-ini",
    "grafana-login",
    "grafana-path",
    "grafana-secrets",
    "grafana-settings",
    "grafana-text",
    "grafana-variables",
    "kept-room",
    "latency",
    "look",
    "mod",
    "relabelling",
    "rule",
    "time-intervals",
    "trace-store",
    "unparsed",
];
