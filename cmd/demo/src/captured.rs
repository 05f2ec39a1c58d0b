//! Names of the models, and the folder of captured spans.

use harness::repo;

/// The model that is played with.
pub const MODEL: &str = "qwen3-235b";

/// The model that has nothing to complain about.
pub const QUIET_MODEL: &str = "llama3-70b";

/// Where the captured spans are.
pub fn captured() -> std::path::PathBuf {
    repo::root().join("tests/fixtures/vllm/0.32.0")
}
