//! The modules are small enough to load on every start of a page and of Helm.

use std::fs;

use crate::support::built;

/// Largest module, in bytes.
const MOST: u64 = 800_000;

#[test]
fn modules_are_at_most_800_kb_and_node_has_the_browsers_module() {
    for module in ["helm/vllm-values/plugin.wasm", "web/vllm_values_bg.wasm"] {
        let bytes = fs::metadata(built(module)).unwrap().len();
        assert!(
            bytes <= MOST,
            "{module} has {bytes} bytes; expected at most {MOST}"
        );
    }
    let [web, node] = ["web", "nodejs"]
        .map(|flavour| fs::read(built(&format!("{flavour}/vllm_values_bg.wasm"))).unwrap());
    assert!(web == node, "the modules of web and nodejs differ");
}
