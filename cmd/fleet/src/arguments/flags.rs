//! The flags of `vllm serve` that are known here: all that the chart sets, and the common ones.

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing; `--no-…` is its opposite.
    Switch,
    /// An integer.
    Int,
    /// A number.
    Float,
    /// An integer with an optional `k`, `M`, …; or `auto`.
    Size,
    /// Any text.
    Text,
    /// A JSON value.
    Json,
    /// One of these.
    Choice(&'static [&'static str]),
    /// One or more texts.
    List,
}

/// A flag.
#[derive(Debug)]
pub struct Flag {
    /// In argparse's order: the one it is filed under comes first.
    pub names: &'static [&'static str],
    /// What it takes.
    pub kind: Kind,
}

macro_rules! flags {
    ($($kind:expr => $($($name:literal)|+),+;)+) => {
        /// All of them.
        pub static FLAGS: &[Flag] = &[$($(Flag { names: &[$($name),+], kind: $kind },)+)+];
    };
}

flags! {
    Kind::List =>
        "--served-model-name", "--api-key", "--lora-modules", "--middleware", "--allowed-media-domains";
    Kind::Text =>
        "--model", "--host", "--uds", "--otlp-traces-endpoint", "--tokenizer", "--revision", "--code-revision",
        "--tokenizer-revision", "--hf-config-path", "--hf-token", "--download-dir", "--quantization" | "-q",
        "--chat-template", "--response-role", "--tool-call-parser", "--tool-parser-plugin", "--reasoning-parser",
        "--ssl-keyfile", "--ssl-certfile", "--ssl-ca-certs", "--root-path", "--log-config-file", "--config",
        "--attention-backend", "--kv-cache-dtype", "--data-parallel-address" | "-dpa",
        "--master-addr", "--worker-cls", "--worker-extension-cls", "--scheduler-cls", "--generation-config",
        "--logits-processors", "--show-hidden-metrics-for-version", "--structured-outputs-backend", "--moe-backend",
        "--allowed-local-media-path", "--load-format", "--tool-server", "--max-log-prompt", "--h11-max-header-count";
    Kind::Int =>
        "--port", "--tensor-parallel-size" | "-tp", "--pipeline-parallel-size" | "-pp",
        "--data-parallel-size" | "-dp", "--data-parallel-rank" | "-dpn", "--data-parallel-start-rank" | "-dpr",
        "--data-parallel-size-local" | "-dpl", "--data-parallel-rpc-port" | "-dpp", "--api-server-count" | "-asc",
        "--decode-context-parallel-size" | "-dcp", "--prefill-context-parallel-size" | "-pcp", "--nnodes" | "-n",
        "--node-rank" | "-r", "--master-port", "--block-size", "--num-gpu-blocks-override", "--seed",
        "--max-loras", "--max-lora-rank", "--max-cpu-loras", "--max-logprobs", "--max-num-seqs",
        "--max-num-queued-reqs", "--max-num-queued-tokens", "--max-num-partial-prefills",
        "--max-long-partial-prefills", "--long-prefill-token-threshold", "--stream-interval", "--ssl-cert-reqs",
        "--max-parallel-loading-workers", "--swap-space", "--max-cudagraph-capture-size",
        "--distributed-timeout-seconds", "--max-seq-len-to-capture";
    Kind::Float =>
        "--gpu-memory-utilization", "--cpu-offload-gb", "--kv-cache-metrics-sample", "--kv-offloading-size",
        "--mm-processor-cache-gb";
    Kind::Size =>
        "--max-model-len", "--max-num-batched-tokens", "--kv-cache-memory-bytes";
    Kind::Json =>
        "--speculative-config" | "-sc", "--kv-transfer-config", "--compilation-config" | "-cc", "--hf-overrides",
        "--override-generation-config", "--limit-mm-per-prompt", "--additional-config",
        "--model-loader-extra-config", "--custom-histogram-buckets", "--ec-transfer-config",
        "--default-chat-template-kwargs", "--mm-processor-kwargs", "--allowed-origins", "--allowed-methods",
        "--allowed-headers", "--eplb-config", "--kv-events-config", "--structured-outputs-config",
        "--attention-config";
    Kind::Choice(&["auto", "bfloat16", "float", "float16", "float32", "half"]) => "--dtype";
    Kind::Choice(&["all", "model", "worker", "None", "model,worker", "model,all", "worker,model", "worker,all", "all,model", "all,worker"]) =>
        "--collect-detailed-traces";
    Kind::Choice(&["external_launcher", "mp", "ray", "uni"]) => "--distributed-executor-backend";
    Kind::Choice(&["fcfs", "priority"]) => "--scheduling-policy";
    Kind::Choice(&["auto", "generate", "pooling", "draft"]) => "--runner";
    Kind::Choice(&["auto", "hf", "mistral", "custom", "slow"]) => "--tokenizer-mode";
    Kind::Choice(&["critical", "debug", "error", "info", "trace", "warning"]) => "--uvicorn-log-level";
    Kind::Choice(&["ray", "mp", "hybrid-lb", "external-lb"]) => "--data-parallel-backend" | "-dpb";
    Kind::Choice(&["auto", "string", "openai"]) => "--chat-template-content-format";
    Kind::Choice(&["sha256", "sha256_cbor", "xxhash", "xxhash_cbor"]) => "--prefix-caching-hash-algo";
    Kind::Switch =>
        "--trust-remote-code", "--enforce-eager", "--enable-prefix-caching", "--enable-chunked-prefill",
        "--disable-log-stats", "--disable-log-requests", "--enable-log-requests", "--enable-log-outputs",
        "--enable-lora", "--enable-auto-tool-choice", "--enable-expert-parallel", "--enable-eplb", "--enable-dbo",
        "--disable-sliding-window", "--disable-cascade-attn", "--skip-tokenizer-init", "--enable-sleep-mode",
        "--enable-prompt-embeds", "--kv-cache-metrics", "--enable-mfu-metrics", "--cudagraph-metrics",
        "--enable-layerwise-nvtx-tracing", "--disable-uvicorn-access-log", "--disable-fastapi-docs", "--headless",
        "--return-tokens-as-token-ids", "--enable-request-id-headers", "--enable-server-load-tracking",
        "--enable-prompt-tokens-details", "--enable-force-include-usage", "--enable-ssl-refresh",
        "--allow-credentials", "--async-scheduling", "--disable-hybrid-kv-cache-manager", "--language-model-only",
        "--data-parallel-hybrid-lb" | "-dph", "--data-parallel-external-lb" | "-dpe", "--use-tqdm-on-load",
        "--disable-custom-all-reduce", "--disable-frontend-multiprocessing", "--log-error-stack",
        "--enable-tokenizer-info-endpoint", "--trust-request-chat-template", "--fully-sharded-loras";
}
