//! The sizes and speeds of one engine.

/// What an engine can hold and how fast it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Sequences that run at a time (`--max-num-seqs`).
    pub max_num_seqs: usize,
    /// Tokens of one step (`--max-num-batched-tokens`); longer prompts are prefilled in chunks.
    pub max_num_batched_tokens: u64,
    /// Tokens of prompt and answer together (`--max-model-len`).
    pub max_model_len: u64,
    /// Tokens of one KV-cache block (`--block-size`).
    pub block_size: u64,
    /// KV-cache blocks (`--num-gpu-blocks-override`); one of them is vLLM's null block.
    pub num_gpu_blocks: u64,
    /// Whether shared prompt beginnings are computed once (`--enable-prefix-caching`).
    pub prefix_caching: bool,
    /// Draft tokens a step and sequence; 0 without speculative decoding.
    pub draft_tokens: u32,
    /// Seconds of a step with nothing in it.
    pub step_base: f64,
    /// Seconds that each decoding sequence adds to a step.
    pub step_per_sequence: f64,
    /// Seconds that each prefilled token adds to a step.
    pub step_per_prefill_token: f64,
}

impl Default for Config {
    /// A large model on a node of large GPUs: 13 ms a token alone, 50 ms at 256 sequences,
    /// 20,000 prompt tokens a second.
    fn default() -> Self {
        Self {
            max_num_seqs: 256,
            max_num_batched_tokens: 2048,
            max_model_len: 32_768,
            block_size: 16,
            num_gpu_blocks: 20_001,
            prefix_caching: true,
            draft_tokens: 0,
            step_base: 0.012,
            step_per_sequence: 0.000_15,
            step_per_prefill_token: 0.000_05,
        }
    }
}

impl Config {
    /// Blocks that `tokens` tokens need.
    #[must_use]
    pub fn blocks(&self, tokens: u64) -> u64 {
        tokens.div_ceil(self.block_size)
    }

    /// Tokens that one request may have: what the model takes, and the cache can hold.
    #[must_use]
    pub fn room(&self) -> u64 {
        let cache = self.num_gpu_blocks.saturating_sub(1) * self.block_size;
        self.max_model_len.min(cache).max(16)
    }

    /// Seconds a token takes a sequence that is nearly alone.
    #[must_use]
    pub fn nominal_token(&self) -> f64 {
        self.step_base + 4.0 * self.step_per_sequence
    }
}
