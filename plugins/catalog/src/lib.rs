//! What vLLM exports, by version: metric families with their types, labels, buckets and units; spans with their names, scopes and attributes.
//!
//! The one source for the simulator, the values validator, the rules and the dashboards. Plain static tables and pure functions, without
//! dependencies or input and output, so that it compiles to WebAssembly and costs little there.
//!
//! Captured releases (the folders of `tests/fixtures/vllm`) are compared by this crate's tests; the others come from the
//! sources of 13 releases. Each entry says which ([`Source`]).
//!
//! ```
//! use vllm_catalog::{Version, families_at, family, neighbours};
//!
//! let version = Version::parse("0.32.0")?;
//! assert!(families_at(version).any(|family| family.name == "vllm:admission_rejections_total"));
//! let ttft = family("vllm:time_to_first_token_seconds").unwrap();
//! let sides = neighbours(ttft, 30.0).unwrap();
//! assert_eq!((sides.below, sides.above), (Some(20.0), Some(40.0)));
//! # Ok::<(), vllm_catalog::ParseVersionError>(())
//! ```

mod bounds;
pub mod chart_file;
mod families;
pub mod image;
mod metric;
pub mod number;
mod renamed;
pub mod spans;
mod version;

pub use bounds::{
    Bounds, HTTP_BY_HANDLER, HTTP_HIGH_RESOLUTION, INTER_TOKEN_LATENCY, ITERATION_TOKENS, KV_BLOCK,
    LeText, Neighbours, PARAMS_N, PREEMPTIONS, REQUEST_LATENCY, TIME_TO_FIRST_TOKEN, TOKENS,
    le_matcher, le_regex, le_text,
};
pub use families::{
    ENGINE_LABEL, FAMILIES, MODEL_LABEL, NO_SERIES_BEFORE_FIRST_REQUEST, UNDESCRIBED_PREFIXES,
    families_at, family, family_of_series, is_undescribed,
};
pub use metric::{
    Family, Kind, Label, Mode, Presence, Source, Unit, Value, Values, largest_bound_at_most,
    neighbours,
};
pub use renamed::{RENAMED, Renamed, renamed};
pub use spans::{
    Attribute, AttributePresence, Name, OtlpType, Role, Scope, Span, SpanKind, span, spans_at,
};
pub use version::{ParseVersionError, Releases, Version};
