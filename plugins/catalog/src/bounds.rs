//! Histogram bucket bounds, and how a bound is written in the label `le`.
//!
//! Source: captured bodies of 0.10.2, 0.20.2, 0.32.0 and 0.33.0 (the bounds never differ between them). A server started with
//! `--custom-histogram-buckets` (0.32.0 and later) has its own bounds under the keys of [`Bounds::custom_key`].

use std::borrow::Cow;

use crate::number;

/// The finite upper bounds of a histogram's buckets; `+Inf` always follows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The set's key in `--custom-histogram-buckets`, where the operator may replace it; `None` where it is fixed.
    pub custom_key: Option<&'static str>,
    series: Series,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Series {
    Fixed(&'static [f64]),
    OneTwoFive,
}

/// The bounds on either side of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbours {
    /// The largest bound at or below the value; `None` below the first bound.
    pub below: Option<f64>,
    /// The smallest bound at or above the value; `None` above the last finite bound.
    pub above: Option<f64>,
}

impl Bounds {
    const fn fixed(custom_key: Option<&'static str>, bounds: &'static [f64]) -> Self {
        Self {
            custom_key,
            series: Series::Fixed(bounds),
        }
    }

    /// The finite bounds, ascending. `max_model_len` (tokens) is read only by [`TOKENS`], which ends at it.
    #[must_use]
    pub fn finite(&self, max_model_len: u64) -> Cow<'static, [f64]> {
        match self.series {
            Series::Fixed(bounds) => Cow::Borrowed(bounds),
            Series::OneTwoFive => Cow::Owned(one_two_five_up_to(max_model_len)),
        }
    }

    /// Whether the bounds depend on the server's `--max-model-len`.
    #[must_use]
    pub fn depends_on_max_model_len(&self) -> bool {
        matches!(self.series, Series::OneTwoFive)
    }

    /// The largest finite bound ≤ `value`; `None` when `value` is below the first one or is not a number.
    ///
    /// For [`TOKENS`] the series goes on without end; a real server's ends at its `--max-model-len`.
    #[must_use]
    pub fn largest_at_most(&self, value: f64) -> Option<f64> {
        self.neighbours(value).below
    }

    /// The bounds on either side of `value`; both are `value` where it is a bound itself.
    #[must_use]
    pub fn neighbours(&self, value: f64) -> Neighbours {
        // Three decades above the value are enough to hold the bound above it.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates, and only the series' end depends on it"
        )]
        let end = (value.max(1.0) as u64).saturating_mul(1000);
        let bounds = self.finite(end);
        Neighbours {
            below: bounds.iter().copied().rfind(|bound| *bound <= value),
            above: bounds.iter().copied().find(|bound| *bound >= value),
        }
    }
}

/// 1, 2, 5, 10, 20, 50, … up to and including `end`.
fn one_two_five_up_to(end: u64) -> Vec<f64> {
    let mut bounds = Vec::new();
    let mut decade: u64 = 1;
    loop {
        for factor in [1, 2, 5] {
            match decade.checked_mul(factor) {
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "1, 2 and 5 times a power of ten are close enough at any size a model has"
                )]
                Some(bound) if bound <= end => bounds.push(bound as f64),
                _ => return bounds,
            }
        }
        match decade.checked_mul(10) {
            Some(next) => decade = next,
            None => return bounds,
        }
    }
}

/// Seconds a request spends in a phase, or in all: end-to-end, queue, inference, prefill, decode.
pub static REQUEST_LATENCY: Bounds = Bounds::fixed(
    Some("request_latency"),
    &[
        0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0, 120.0,
        240.0, 480.0, 960.0, 1920.0, 7680.0,
    ],
);

/// Seconds until the first token.
pub static TIME_TO_FIRST_TOKEN: Bounds = Bounds::fixed(
    Some("time_to_first_token"),
    &[
        0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
        20.0, 40.0, 80.0, 160.0, 640.0, 2560.0,
    ],
);

/// Seconds between tokens, or for each output token.
pub static INTER_TOKEN_LATENCY: Bounds = Bounds::fixed(
    Some("inter_token_latency"),
    &[
        0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
        20.0, 40.0, 80.0,
    ],
);

/// Tokens of a request: 1, 2, 5 times powers of ten, up to the server's `--max-model-len`.
pub static TOKENS: Bounds = Bounds {
    custom_key: Some("request_tokens"),
    series: Series::OneTwoFive,
};

/// Tokens of one engine step.
pub static ITERATION_TOKENS: Bounds = Bounds::fixed(
    Some("iteration_tokens"),
    &[
        1.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0, 8192.0, 16384.0,
    ],
);

/// The request parameter `n`.
pub static PARAMS_N: Bounds = Bounds::fixed(Some("request_params_n"), &[1.0, 2.0, 5.0, 10.0, 20.0]);

/// How often a request was preempted.
pub static PREEMPTIONS: Bounds = Bounds::fixed(
    Some("request_num_preemptions"),
    &[1.0, 2.0, 3.0, 4.0, 5.0, 10.0, 20.0],
);

/// Seconds of a KV-cache block's life (`--kv-cache-metrics`).
pub static KV_BLOCK: Bounds = Bounds::fixed(
    Some("kv_cache_residency"),
    &[
        0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0,
        60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0,
    ],
);

/// Seconds of an HTTP request by handler (`prometheus-fastapi-instrumentator`, the coarse histogram).
pub static HTTP_BY_HANDLER: Bounds = Bounds::fixed(None, &[0.1, 0.5, 1.0]);

/// Seconds of an HTTP request of any handler (the fine histogram).
pub static HTTP_HIGH_RESOLUTION: Bounds = Bounds::fixed(
    None,
    &[
        0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5,
        5.0, 7.5, 10.0, 30.0, 60.0,
    ],
);

/// The two texts a bound has in the label `le`.
///
/// vLLM (the Python client) writes `120.0`; Prometheus 3 keeps that form for every target. Prometheus 2 stores what it reads, and a Go
/// client in between (a federating agent, a proxy) writes `120`. A query must match both: [`le_matcher`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeText {
    /// As the Python client and Prometheus 3 write it: `120.0`, `0.3`, `1e+06`.
    pub python: String,
    /// As the Go client writes it in the text format: `120`, `0.3`, `1e+06`.
    pub go: String,
}

/// Both spellings of a finite positive bound.
///
/// ```
/// let text = vllm_catalog::le_text(120.0);
/// assert_eq!((text.python.as_str(), text.go.as_str()), ("120.0", "120"));
/// ```
#[must_use]
pub fn le_text(bound: f64) -> LeText {
    // Both clients switch to exponents at a million.
    if bound >= 1e6 {
        let (digits, point) = number::digits(bound);
        let text = format!("{}e+{:0>2}", number::placed(&digits, 1), point - 1);
        return LeText {
            python: text.clone(),
            go: text,
        };
    }
    let go = number::Shown(bound).to_string();
    let python = if go.contains('.') {
        go.clone()
    } else {
        format!("{go}.0")
    };
    LeText { python, go }
}

/// A regular expression (RE2, unanchored as written; Prometheus anchors it) that matches both spellings of a bound.
///
/// ```
/// assert_eq!(vllm_catalog::le_regex(120.0), r"120(\.0)?");
/// assert_eq!(vllm_catalog::le_regex(0.3), r"0\.3");
/// ```
#[must_use]
pub fn le_regex(bound: f64) -> String {
    let text = le_text(bound);
    let escaped = text.go.replace('.', r"\.").replace('+', r"\+");
    if text.go == text.python {
        escaped
    } else {
        format!(r"{escaped}(\.0)?")
    }
}

/// A PromQL label matcher for a bound in both spellings, escaped for a double-quoted string.
///
/// ```
/// assert_eq!(vllm_catalog::le_matcher(120.0), r#"le=~"120(\\.0)?""#);
/// assert_eq!(vllm_catalog::le_matcher(0.3), r#"le="0.3""#);
/// ```
#[must_use]
pub fn le_matcher(bound: f64) -> String {
    let text = le_text(bound);
    if text.go == text.python {
        format!("le=\"{}\"", text.go)
    } else {
        format!("le=~\"{}\"", le_regex(bound).replace('\\', r"\\"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_bound_at_most_a_value_is_the_value_itself_where_it_is_a_bound() {
        assert_eq!(REQUEST_LATENCY.largest_at_most(120.0), Some(120.0));
        assert_eq!(REQUEST_LATENCY.largest_at_most(119.9), Some(60.0));
        assert_eq!(REQUEST_LATENCY.largest_at_most(0.1), None);
        assert_eq!(REQUEST_LATENCY.largest_at_most(1e9), Some(7680.0));
        assert_eq!(REQUEST_LATENCY.largest_at_most(f64::NAN), None);
    }

    #[test]
    fn neighbours_are_the_bounds_on_either_side() {
        assert_eq!(
            TIME_TO_FIRST_TOKEN.neighbours(30.0),
            Neighbours {
                below: Some(20.0),
                above: Some(40.0)
            }
        );
        assert_eq!(
            TIME_TO_FIRST_TOKEN.neighbours(10.0),
            Neighbours {
                below: Some(10.0),
                above: Some(10.0)
            }
        );
        assert_eq!(
            TIME_TO_FIRST_TOKEN.neighbours(0.0),
            Neighbours {
                below: None,
                above: Some(0.001)
            }
        );
        assert_eq!(
            TIME_TO_FIRST_TOKEN.neighbours(9999.0),
            Neighbours {
                below: Some(2560.0),
                above: None
            }
        );
        assert_eq!(
            TOKENS.neighbours(3000.0),
            Neighbours {
                below: Some(2000.0),
                above: Some(5000.0)
            }
        );
    }

    #[test]
    fn token_bounds_end_at_the_models_length() {
        assert_eq!(TOKENS.finite(2048).last(), Some(&2000.0));
        assert_eq!(TOKENS.finite(2000).last(), Some(&2000.0));
        assert_eq!(TOKENS.finite(1999).last(), Some(&1000.0));
        assert_eq!(TOKENS.finite(32768).len(), 14);
        assert!(TOKENS.finite(0).is_empty());
        assert_eq!(TOKENS.finite(u64::MAX).len(), 58);
    }

    #[test]
    fn a_million_and_more_is_written_with_an_exponent_by_both_clients() {
        assert_eq!(le_text(999_999.0).python, "999999.0");
        assert_eq!(le_text(1e6).python, "1e+06");
        assert_eq!(le_text(1.5e8).go, "1.5e+08");
        assert_eq!(le_text(1e10).go, "1e+10");
        assert_eq!(le_regex(1e6), r"1e\+06");
        assert_eq!(le_matcher(1e6), "le=\"1e+06\"");
    }

    #[test]
    fn every_fixed_set_ascends() {
        for set in [
            &REQUEST_LATENCY,
            &TIME_TO_FIRST_TOKEN,
            &INTER_TOKEN_LATENCY,
            &ITERATION_TOKENS,
            &PARAMS_N,
            &PREEMPTIONS,
            &KV_BLOCK,
            &HTTP_BY_HANDLER,
            &HTTP_HIGH_RESOLUTION,
        ] {
            assert!(
                set.finite(0).windows(2).all(|pair| pair[0] < pair[1]),
                "{set:?}"
            );
        }
    }
}
