//! PromQL's functions and aggregations.

use super::expr::Type;
use Type::{Matrix, Scalar, Text, Vector};

/// A function's arguments and result.
pub struct Function {
    /// Of each argument.
    pub takes: &'static [Type],
    /// How many of the last may be left out.
    pub optional: usize,
    /// Whether the last may be repeated.
    pub repeated: bool,
    /// Of the result.
    pub gives: Type,
}

const fn function(
    takes: &'static [Type],
    optional: usize,
    repeated: bool,
    gives: Type,
) -> Function {
    Function {
        takes,
        optional,
        repeated,
        gives,
    }
}

/// The function of that name, as Prometheus 3 knows it without feature flags.
pub fn find(name: &str) -> Option<Function> {
    Some(match name {
        "rate" | "irate" | "increase" | "delta" | "idelta" | "deriv" | "changes" | "resets"
        | "absent_over_time" | "avg_over_time" | "count_over_time" | "last_over_time"
        | "max_over_time" | "min_over_time" | "present_over_time" | "stddev_over_time"
        | "stdvar_over_time" | "sum_over_time" => function(&[Matrix], 0, false, Vector),
        "quantile_over_time" => function(&[Scalar, Matrix], 0, false, Vector),
        "predict_linear" => function(&[Matrix, Scalar], 0, false, Vector),
        "histogram_quantile" => function(&[Scalar, Vector], 0, false, Vector),
        "histogram_fraction" => function(&[Scalar, Scalar, Vector], 0, false, Vector),
        "abs" | "absent" | "acos" | "acosh" | "asin" | "asinh" | "atan" | "atanh" | "ceil"
        | "cos" | "cosh" | "deg" | "exp" | "floor" | "histogram_avg" | "histogram_count"
        | "histogram_sum" | "histogram_stddev" | "histogram_stdvar" | "ln" | "log10" | "log2"
        | "rad" | "sgn" | "sin" | "sinh" | "sort" | "sort_desc" | "sqrt" | "tan" | "tanh"
        | "timestamp" => function(&[Vector], 0, false, Vector),
        "day_of_month" | "day_of_week" | "day_of_year" | "days_in_month" | "hour" | "minute"
        | "month" | "year" => function(&[Vector], 1, false, Vector),
        "clamp" => function(&[Vector, Scalar, Scalar], 0, false, Vector),
        "clamp_max" | "clamp_min" => function(&[Vector, Scalar], 0, false, Vector),
        "round" => function(&[Vector, Scalar], 1, false, Vector),
        "label_join" => function(&[Vector, Text, Text, Text], 1, true, Vector),
        "label_replace" => function(&[Vector, Text, Text, Text, Text], 0, false, Vector),
        "pi" | "time" => function(&[], 0, false, Scalar),
        "scalar" => function(&[Vector], 0, false, Scalar),
        "vector" => function(&[Scalar], 0, false, Vector),
        _ => return None,
    })
}

/// Every name, for "did you mean".
pub const NAMES: &[&str] = &[
    "rate",
    "irate",
    "increase",
    "delta",
    "deriv",
    "changes",
    "resets",
    "absent_over_time",
    "avg_over_time",
    "count_over_time",
    "last_over_time",
    "max_over_time",
    "min_over_time",
    "quantile_over_time",
    "sum_over_time",
    "predict_linear",
    "histogram_quantile",
    "absent",
    "abs",
    "clamp",
    "clamp_max",
    "clamp_min",
    "label_join",
    "label_replace",
    "scalar",
    "vector",
    "time",
    "timestamp",
    "sort",
    "sort_desc",
    "sum",
    "min",
    "max",
    "avg",
    "count",
    "topk",
    "bottomk",
    "quantile",
    "stddev",
];

/// The first parameter of an aggregation, where it has one; none where the name is no aggregation.
pub fn aggregation(name: &str) -> Option<Option<Type>> {
    match name {
        "sum" | "min" | "max" | "avg" | "group" | "stddev" | "stdvar" | "count" => Some(None),
        "bottomk" | "topk" | "quantile" => Some(Some(Scalar)),
        "count_values" => Some(Some(Text)),
        _ => None,
    }
}

/// Those that need `--enable-feature=promql-experimental-functions`.
pub const EXPERIMENTAL: [&str; 13] = [
    "double_exponential_smoothing",
    "first_over_time",
    "histogram_quantiles",
    "info",
    "limit_ratio",
    "limitk",
    "mad_over_time",
    "sort_by_label",
    "sort_by_label_desc",
    "ts_of_first_over_time",
    "ts_of_last_over_time",
    "ts_of_max_over_time",
    "ts_of_min_over_time",
];
