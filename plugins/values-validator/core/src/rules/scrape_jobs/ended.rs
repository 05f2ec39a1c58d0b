//! A pattern that fits the beginnings of names alone: Prometheus compares it with whole names.

use crate::re2;

/// Series of the DCGM exporter.
pub(in crate::rules) const DCGM: &str = "DCGM_FI_DEV_GPU_UTIL DCGM_FI_DEV_MEM_COPY_UTIL DCGM_FI_DEV_FB_USED DCGM_FI_DEV_FB_FREE DCGM_FI_DEV_FB_TOTAL DCGM_FI_DEV_GPU_TEMP DCGM_FI_DEV_MEMORY_TEMP DCGM_FI_DEV_POWER_USAGE DCGM_FI_DEV_XID_ERRORS DCGM_FI_DEV_SM_CLOCK DCGM_FI_DEV_MEM_CLOCK DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL DCGM_FI_DEV_PCIE_REPLAY_COUNTER DCGM_FI_DEV_ECC_DBE_VOL_TOTAL DCGM_FI_DEV_ENC_UTIL DCGM_FI_PROF_GR_ENGINE_ACTIVE DCGM_FI_PROF_PIPE_TENSOR_ACTIVE DCGM_FI_PROF_DRAM_ACTIVE";
/// Series of kube-state-metrics.
pub(in crate::rules) const KUBE: &str = "kube_pod_info kube_pod_labels kube_pod_status_phase kube_pod_status_ready kube_pod_container_status_restarts_total kube_pod_container_resource_requests kube_pod_container_resource_limits kube_deployment_spec_replicas kube_deployment_status_replicas kube_statefulset_replicas kube_node_info kube_node_labels kube_node_status_allocatable kube_job_status_failed kube_replicaset_owner kube_daemonset_status_number_ready kube_horizontalpodautoscaler_status_current_replicas kube_persistentvolumeclaim_info kube_namespace_labels";

/// Whether an alternative stands outside of all brackets.
fn alternatives(text: &str) -> bool {
    let mut depth = 0;
    text.chars().any(|c| {
        depth += match c {
            '(' | '[' => 1,
            ')' | ']' => -1,
            _ => 0,
        };
        c == '|' && depth == 0
    })
}

/// The pattern with any end, where without one it fits none of these names.
pub(in crate::rules) fn ended(text: &str, known: &str) -> Option<String> {
    let fits = |pattern: &str| {
        re2::whole(pattern)
            .is_some_and(|pattern| known.split(' ').any(|name| pattern.is_match(name)))
    };
    let all = if alternatives(text) {
        format!("({text})")
    } else {
        text.to_owned()
    };
    let mut ends = ["_.+", ".+"].iter().map(|end| format!("{all}{end}"));
    (!fits(text)).then(|| ends.find(|new| fits(new))).flatten()
}
