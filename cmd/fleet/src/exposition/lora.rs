//! `vllm:lora_requests_info`, of a server with `--enable-lora` alone.

use super::text::{header, labels, put};
use crate::lora::LoraStats;

const NAME: &str = "vllm:lora_requests_info";

/// Writes the family.
pub(super) fn render(out: &mut String, lora: &LoraStats) {
    out.push_str(&header(NAME, "Running stats on lora requests.", "gauge"));
    let max = LoraStats::MAX_LORA.to_string();
    for seen in &lora.seen {
        let labels = labels(&[
            ("max_lora", &max),
            ("running_lora_adapters", &seen.running),
            ("waiting_lora_adapters", &seen.waiting),
        ]);
        put(out, NAME, &labels, None, seen.at);
    }
}
