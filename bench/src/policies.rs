//! Policies that always do the same thing: what a fault costs, beside a policy that keeps all.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Where the record buffer lies, and where the answer in it.
const BUFFER: usize = 65536;
const ANSWER: usize = BUFFER + 64;

/// What a policy does on every call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// Keeps the trace: the healthy one of the comparison. What fails is kept, too (`on_error`).
    Keep,
    /// `unreachable`: a panic of the policy's own.
    Trap,
    /// Loops for ever.
    Loop,
    /// Answers with a decision that nobody knows.
    Nonsense,
}

impl Does {
    fn body(self) -> String {
        let answer = |decision| {
            format!("(i32.store (i32.const {ANSWER}) (i32.const {decision})) (i32.const 0)")
        };
        match self {
            Self::Keep => answer(1),
            Self::Nonsense => answer(77),
            Self::Trap => "(unreachable)".to_owned(),
            Self::Loop => "(loop $again (br $again)) (unreachable)".to_owned(),
        }
    }

    /// Writes the module into `dir`; gives the extension's configuration for it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn install(self, dir: &Path) -> Result<Value> {
        let wasm = wat::parse_str(self.text())?;
        let path: PathBuf = dir.join(format!("{self:?}.wasm"));
        std::fs::write(&path, &wasm).with_context(|| path.display().to_string())?;
        let mut sha256 = String::new();
        for byte in Sha256::digest(&wasm) {
            write!(sha256, "{byte:02x}")?;
        }
        Ok(json!({"wasm_sampling_policy": {"path": path, "sha256": sha256, "on_error": "keep"}}))
    }

    fn text(self) -> String {
        let description = json!({
            "abi": 2, "name": format!("{self:?}"), "version": "1",
            "groups": [{"names": ["llm_request"]}], "span": {"numbers": ["gen_ai.latency.e2e"]},
        })
        .to_string();
        let (size, quoted) = (description.len(), description.replace('"', "\\22"));
        let body = self.body();
        format!(
            r#"(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (memory (export "memory") 6)
  (data (i32.const 0) "{quoted}")
  (data (i32.const 4096) "{{}}")
  (func $give (param $at i32) (param $size i32) (result i32)
    (local $block i64) (local $i i32)
    (local.set $block (call $alloc (i64.extend_i32_u (local.get $size))))
    (loop $again
      (call $store
        (i64.add (local.get $block) (i64.extend_i32_u (local.get $i)))
        (i32.load8_u (i32.add (local.get $at) (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (local.get $size))))
    (call $output (local.get $block) (i64.extend_i32_u (local.get $size)))
    (i32.const 0))
  (func (export "describe") (result i32) (call $give (i32.const 0) (i32.const {size})))
  (func (export "configure") (result i32) (call $give (i32.const 4096) (i32.const 2)))
  (func (export "tsp_abi") (result i32) (i32.const 2))
  (func (export "tsp_buffer") (result i32) (i32.const {BUFFER}))
  (func (export "tsp_capacity") (result i32) (i32.const 262144))
  (func (export "tsp_evaluate") (param i32) (result i32) {body}))"#
        )
    }
}
