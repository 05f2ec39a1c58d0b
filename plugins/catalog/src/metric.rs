//! What a metric family is made of.

use crate::bounds::{Bounds, Neighbours};
use crate::version::{Releases, Version};

/// The type of a family, as its `# TYPE` line says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Only grows; restarts at 0. Its name ends in `_total`, in the `# TYPE` line too.
    Counter,
    /// Goes up and down.
    Gauge,
    /// `_bucket{le}`, `_sum`, `_count`.
    Histogram,
    /// `_sum`, `_count`; vLLM's server exports no quantiles.
    Summary,
}

impl Kind {
    /// The word of the `# TYPE` line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
        }
    }
}

/// What one unit of a family's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Seconds, of a duration or since the epoch.
    Seconds,
    /// Bytes.
    Bytes,
    /// Floating-point operations.
    Flops,
    /// 0 to 1, whatever the name says (`…_perc`).
    Ratio,
    /// Tokens.
    Tokens,
    /// Requests, or sequences of them.
    Requests,
    /// Countable things that are neither tokens nor requests: preemptions, cache items, descriptors.
    Count,
    /// 0 or 1.
    Flag,
    /// Always 1; what it says is in its labels.
    Info,
}

/// Who writes a family, and when it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Presence {
    /// vLLM, always; except with `--disable-log-stats`, which leaves no `vllm:` family at all.
    Always,
    /// vLLM, only when enabled; the text says by what.
    Optional(&'static str),
    /// The HTTP layer (`prometheus-fastapi-instrumentator`). No `engine`, no `model_name`: join by pod.
    Http,
    /// The Python client's process and platform collectors. Absent in [`Mode::MultiProcess`].
    Process,
}

/// How the server's metric registry works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// One API server process: the default.
    SingleProcess,
    /// Several API servers (`--api-server-count` > 1, the default with data parallelism) or `PROMETHEUS_MULTIPROC_DIR`: no `*_created`,
    /// `python_*` or `process_*`, families in changing order, gauges are the most recent writer's.
    MultiProcess,
}

/// Where a fact was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// In a real server's `/metrics` or spans (`tests/fixtures/vllm`).
    Captured,
    /// In vLLM's Python sources (`families-by-version-source.tsv`); no server was seen exporting it.
    Code,
}

/// A label of a family.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Label {
    /// Its name.
    pub name: &'static str,
    /// What it may be.
    pub values: Values,
    /// The releases in which the family has it.
    pub releases: Releases,
}

/// The values of a label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Values {
    /// Anything.
    Any,
    /// Decimal digits: an engine's index, a position.
    Index,
    /// A closed set. A family that is always there has a series for each of them from the start, at 0.
    OneOf(&'static [Value]),
}

/// One value of a closed set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Value {
    /// The label's text.
    pub text: &'static str,
    /// The releases that know it.
    pub releases: Releases,
}

/// One metric family of vLLM's `/metrics`.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// The name in the `# TYPE` line: counters with `_total`, histograms and summaries without a suffix.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// What its value counts.
    pub unit: Unit,
    /// Its labels (`le` apart), in all releases; [`Family::labels_at`] gives one release's.
    pub labels: &'static [Label],
    /// A histogram's bucket bounds; `None` for the other types.
    pub bounds: Option<&'static Bounds>,
    /// The releases that export it.
    pub releases: Releases,
    /// When it is there.
    pub presence: Presence,
    /// Where this was read.
    pub source: Source,
}

impl Family {
    /// The labels it has in `version`, `le` apart.
    pub fn labels_at(&self, version: Version) -> impl Iterator<Item = &'static Label> {
        self.labels
            .iter()
            .filter(move |label| label.releases.holds(version))
    }

    /// The gauge of creation times that the Python client adds to each counter, histogram and summary in [`Mode::SingleProcess`] (unless
    /// `PROMETHEUS_DISABLE_CREATED_SERIES` is set): its value is seconds since the epoch, its labels are the family's.
    ///
    /// `None` for gauges and for the process collectors, which have none.
    ///
    /// ```
    /// let created = |name| vllm_catalog::family(name).and_then(vllm_catalog::Family::created_name);
    /// assert_eq!(created("vllm:prompt_tokens_total").as_deref(), Some("vllm:prompt_tokens_created"));
    /// // A histogram, whatever its name says.
    /// assert_eq!(created("vllm:iteration_tokens_total").as_deref(), Some("vllm:iteration_tokens_total_created"));
    /// ```
    #[must_use]
    pub fn created_name(&self) -> Option<String> {
        match (self.presence, self.kind) {
            (Presence::Process, _) | (_, Kind::Gauge) => None,
            (_, Kind::Counter) => Some(format!(
                "{}_created",
                self.name.strip_suffix("_total").unwrap_or(self.name)
            )),
            (_, Kind::Histogram | Kind::Summary) => Some(format!("{}_created", self.name)),
        }
    }

    /// Whether it is exported in `mode`, when its release and flags allow it.
    #[must_use]
    pub fn exported_in(&self, mode: Mode) -> bool {
        mode == Mode::SingleProcess || self.presence != Presence::Process
    }

    /// Whether `name` is a series name of this family: its own, or with `_bucket`, `_sum`, `_count` where its type has them.
    #[must_use]
    pub fn has_series(&self, name: &str) -> bool {
        let suffixes: &[&str] = match self.kind {
            Kind::Counter | Kind::Gauge => &[""],
            Kind::Histogram => &["_bucket", "_sum", "_count"],
            Kind::Summary => &["_sum", "_count"],
        };
        name.strip_prefix(self.name)
            .is_some_and(|suffix| suffixes.contains(&suffix))
    }
}

/// The largest bucket bound of `family` at or below `value`; `None` below the first one, or when the family is no histogram.
///
/// ```
/// let e2e = vllm_catalog::family("vllm:e2e_request_latency_seconds").unwrap();
/// assert_eq!(vllm_catalog::largest_bound_at_most(e2e, 150.0), Some(120.0));
/// ```
#[must_use]
pub fn largest_bound_at_most(family: &Family, value: f64) -> Option<f64> {
    family.bounds?.largest_at_most(value)
}

/// The bucket bounds of `family` on either side of `value`; `None` when it is no histogram.
#[must_use]
pub fn neighbours(family: &Family, value: f64) -> Option<Neighbours> {
    Some(family.bounds?.neighbours(value))
}
