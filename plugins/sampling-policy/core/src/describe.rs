//! What the policy tells the host about itself.

use crate::ABI_VERSION;
use crate::rules::{RULES, SCOPES, SPAN_NAME};

/// The description of `ABI.md`, as JSON.
///
/// It asks for nothing but the three latencies: what is not asked for costs the host nothing.
#[must_use]
pub fn describe() -> String {
    serde_json::json!({
        "abi": ABI_VERSION,
        "name": "vllm-sampling-policy",
        "version": env!("CARGO_PKG_VERSION"),
        "trace": [],
        "span": {
            "names": [SPAN_NAME],
            "scopes": SCOPES,
            "fields": [],
            "numbers": RULES.map(|rule| rule.attribute),
            "strings": [],
        },
        "resource": {"numbers": [], "strings": []},
        "reasons": RULES.map(|rule| rule.name),
    })
    .to_string()
}
