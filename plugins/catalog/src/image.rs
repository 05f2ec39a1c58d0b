//! The published image, `vllm/vllm-openai`.

use crate::Version;

/// The user that the image has beside root, and that owns nothing outside its home.
pub const USER: u32 = 2000;

/// The first release whose image certainly runs as [`USER`]: before, Python itself lay in a folder of root's
/// (vllm-project/vllm#31959, mended by #40275 at the end of May 2026, as 0.22.0 was being closed).
pub const NON_ROOT_SINCE: Version = Version::new(0, 23, 0);

/// The first release whose image can trace: its package depends on OpenTelemetry, which was the extra `otel`
/// before (`requires_dist` of vllm 0.16.0 and 0.17.0 on PyPI). An older image ends at once on
/// `--otlp-traces-endpoint`; with the extra added, spans come from [`crate::spans::TRACING_SINCE`] on.
pub const TRACES_SINCE: Version = Version::new(0, 17, 0);
