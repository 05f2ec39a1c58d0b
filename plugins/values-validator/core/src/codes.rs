//! The findings about reading, merging and shape. Those about meaning are [`crate::rules`].

use crate::{Finding, Place, Severity};

/// A kind of finding that no rule makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// Its name.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// In one line.
    pub title: &'static str,
}

impl Code {
    const fn error(code: &'static str, title: &'static str) -> Self {
        Self {
            code,
            severity: Severity::Error,
            title,
        }
    }

    /// A finding of this kind.
    #[must_use]
    pub fn at(&self, path: impl Into<String>, place: impl Into<Option<Place>>) -> Finding {
        Finding::new(self.code, self.severity, path, place)
    }

    /// A finding of this kind that is a warning, whatever the kind's own severity.
    #[must_use]
    pub fn warning(&self, path: impl Into<String>, place: impl Into<Option<Place>>) -> Finding {
        Finding::new(self.code, Severity::Warning, path, place)
    }
}

/// The page with a heading for each code.
pub const PAGE: &str =
    "https://github.com/vllm-monitoring/vllm-monitoring/blob/main/docs/findings.md";

/// Where a code is explained.
#[must_use]
pub fn url(code: &str) -> String {
    format!("{PAGE}#{code}")
}

/// Text that helm cannot read as values.
pub const BAD_YAML: Code = Code::error("bad-yaml", "The file is not YAML that helm reads");
/// One key twice in a map.
pub const DUPLICATE_KEY: Code = Code::error("duplicate-key", "A key is in one map twice");
/// A number that helm rounds.
pub const DIGITS_LOST: Code = Code {
    code: "digits-lost",
    severity: Severity::Info,
    title: "helm rounds a number of more than 15 digits",
};
/// A `--set` argument that helm refuses.
pub const BAD_SET: Code = Code::error("bad-set", "A --set argument cannot be read");
/// A map and another type under one key: helm uses the later one and logs a warning.
pub const MAP_REPLACED: Code = Code {
    code: "map-replaced",
    severity: Severity::Warning,
    title: "A map is replaced by another type, or another type by a map",
};
/// null removes a default of the chart. An error where templates count on it, so
/// that rendering stops or a program does not start with what is rendered; a warning where only less is
/// rendered than was meant. An empty default may go, an entry of a map whose keys are free,
/// and every part of
/// `resources`, `podSecurityContext`, `securityContext` and `global`.
pub const DEFAULT_REMOVED: Code = Code::error(
    "default-removed",
    "null removes a default that the chart needs",
);
/// A key that the chart does not know.
pub const UNKNOWN_KEY: Code = Code::error("unknown-key", "The chart does not know this key");
/// A map lacks a key that it needs.
pub const MISSING_KEY: Code = Code::error("missing-key", "A required key is missing");
/// The type is not one that the chart accepts.
pub const WRONG_TYPE: Code = Code::error("wrong-type", "The value has the wrong type");
/// A word that is not in the list of allowed words.
pub const NOT_ALLOWED: Code = Code::error("not-allowed", "The value is not one of those allowed");
/// Too small, too large, too short, too long.
pub const OUT_OF_BOUNDS: Code = Code::error("out-of-bounds", "The value is out of bounds");
/// A text that does not match the expected pattern.
pub const BAD_FORMAT: Code = Code::error("bad-format", "The text is not in the expected form");
/// A text that is not a quantity of Kubernetes, such as 512Mi or 250m.
pub const BAD_QUANTITY: Code =
    Code::error("bad-quantity", "The text is not a quantity of Kubernetes");
/// A rule in a file of rules without what Prometheus needs, or with what it does not know: it refuses the whole file.
/// `vllm-values lint` alone says it.
pub const RULE_REFUSED: Code = Code::error("rule-refused", "A rule that Prometheus refuses");
/// A variable that a dashboard does not have, a label of a variable that its metric has not, or a legend with a label
/// that the query drops. `vllm-values lint` alone says it.
pub const DASHBOARD_QUERY: Code = Code {
    code: "dashboard-query",
    severity: Severity::Warning,
    title: "A query of a dashboard that does not give what is shown",
};
/// More findings than the limit; the others are not shown.
pub const TOO_MANY: Code = Code::error("too-many", "There are more findings than are shown");

/// All of them.
pub const ALL: &[Code] = &[
    BAD_YAML,
    DUPLICATE_KEY,
    DIGITS_LOST,
    BAD_SET,
    MAP_REPLACED,
    DEFAULT_REMOVED,
    UNKNOWN_KEY,
    MISSING_KEY,
    WRONG_TYPE,
    NOT_ALLOWED,
    OUT_OF_BOUNDS,
    BAD_FORMAT,
    BAD_QUANTITY,
    RULE_REFUSED,
    DASHBOARD_QUERY,
    TOO_MANY,
];
