//! Which panels are empty over the demo, for the tests of the pages: `tests/pages/empty.json`, titles
//! by dashboard.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use dashboards::boards;
use dashboards::model::Style;

use crate::off::Off;

/// What writes it.
pub const COMMAND: &str = "cargo run -p dashboards-tests --bin empty-panels";

/// What the demo lacks, by the beginnings of metrics' names: other exporters, what its servers are not
/// started with, a probe, a queue and exports that fail, for its exporter writes a file.
const LACKS: [&str; 15] = [
    "DCGM_",
    "kube_",
    "vllm:spec_decode_",
    "vllm:nixl_",
    "vllm:mooncake_",
    "gpu_",
    "amd_gpu_",
    "habanalabs_",
    "duty_cycle",
    "memory_used",
    "vllm:kv_offload_",
    "otelcol_exporter_queue_",
    "otelcol_exporter_enqueue_failed_",
    "otelcol_exporter_send_failed_",
    "probe_",
];

/// Where it is.
#[must_use]
pub fn path() -> PathBuf {
    harness::repo::root().join("tests/pages/empty.json")
}

/// Its text: a panel is empty where each of its queries is off; a threshold's line is no data.
///
/// # Errors
/// When the chart does not render, or a query is no PromQL.
pub fn text() -> Result<String> {
    let rules = rules_tests::own_rules()?;
    let mut off = Off::new(&rules, |name| {
        LACKS.iter().any(|prefix| name.starts_with(prefix))
    });
    let mut empty: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for board in &boards::all() {
        let of_board = empty.entry(board.slug).or_default();
        for panel in board.panels().filter(|panel| !panel.queries.is_empty()) {
            let mut all = true;
            let data = panel.queries.iter().filter(|q| q.style != Style::Limit);
            for query in data {
                all &= off.query(&query.expr)?;
            }
            if all {
                of_board.push(panel.title);
            }
        }
    }
    Ok(serde_json::to_string_pretty(&empty)? + "\n")
}
