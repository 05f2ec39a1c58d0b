//! Functions: rates, windows and quantiles.

use super::tree::without_le;
use super::{Facts, Labels, NEVER, Reader, Topic, UNKNOWN, Use, unsure};
use crate::promql::expr::{Expr, Kind};
use crate::sorted::Names;
use vllm_catalog::Kind as Metric;
use vllm_catalog::number::Shown;

impl Reader<'_> {
    pub(super) fn call(&mut self, at: usize, name: &str, arguments: &[Expr], used: Use) -> Facts {
        let last = arguments.last();
        let Some(first) = arguments.first() else {
            #[cfg(feature = "full")]
            return super::both::now(name);
            #[cfg(not(feature = "full"))]
            return UNKNOWN;
        };
        match name {
            "rate" | "irate" | "increase" => {
                self.window(first);
                #[cfg(feature = "full")]
                let before = self.doubts.len();
                let facts = self.read(first, Use::Rate);
                #[cfg(feature = "full")]
                if let Some(doubt) = self.doubts.get_mut(before..).and_then(<[_]>::last_mut)
                    && doubt.found.contains(", a gauge, in")
                    && doubt.fix.contains("delta(")
                {
                    let context = (self.context.text, self.context.said);
                    super::gauge::meant(doubt, at, name, context);
                }
                Facts {
                    low: 0.0,
                    high: f64::INFINITY,
                    raw: false,
                    rate: true,
                    ..facts
                }
            }
            "resets" => {
                let facts = self.read(first, Use::Rate);
                Facts {
                    labels: facts.labels,
                    low: 0.0,
                    ..UNKNOWN
                }
            }
            "changes" | "count_over_time" | "present_over_time" | "timestamp" => {
                let facts = self.read(first, Use::Presence);
                Facts {
                    labels: facts.labels,
                    low: 0.0,
                    ..UNKNOWN
                }
            }
            "absent" | "absent_over_time" => {
                self.read(first, Use::Presence);
                Facts {
                    low: 1.0,
                    high: 1.0,
                    ..UNKNOWN
                }
            }
            "delta" | "idelta" | "deriv" | "predict_linear" => {
                self.window(first);
                let facts = self.read(first, Use::Presence);
                if facts.raw && used == Use::Value {
                    self.doubt(
                        Topic::Rate,
                        at,
                        format!("{name}() of a counter"),
                        text!("rate() or increase(), which know that counters restart at 0").as_str(),
                        text!("At each restart the result falls far below 0.").as_str(),
                        text!("write increase(metric[5m]), or rate(metric[5m]) for a number per second").as_str(),
                    );
                }
                Facts {
                    labels: facts.labels,
                    ..UNKNOWN
                }
            }
            "avg_over_time" | "max_over_time" | "min_over_time" | "last_over_time" | "abs"
            | "sort" | "sort_desc" | "round" | "ceil" | "floor" => self.read(first, used),
            "sum_over_time" => {
                let facts = self.read(first, used);
                Facts {
                    low: if facts.low >= 0.0 {
                        0.0
                    } else {
                        f64::NEG_INFINITY
                    },
                    high: f64::INFINITY,
                    ..facts
                }
            }
            "quantile_over_time" => {
                if let Some(q) = first.number() {
                    self.fraction((at, first.at), name, q);
                }
                last.map_or(UNKNOWN, |of| self.read(of, used))
            }
            "histogram_quantile" => last.map_or(UNKNOWN, |of| self.quantile(at, first, of)),
            "clamp" | "clamp_min" | "clamp_max" if crate::FULL => {
                let facts = self.read(first, used);
                let number = |at: usize| arguments.get(at).and_then(Expr::number);
                let (least, most) = match name {
                    "clamp" => (number(1), number(2)),
                    "clamp_min" => (number(1), None),
                    _ => (None, number(1)),
                };
                let within = |value: f64| {
                    let value = least.map_or(value, |least| value.max(least));
                    most.map_or(value, |most| value.min(most))
                };
                Facts {
                    low: within(facts.low),
                    high: within(facts.high),
                    ..facts
                }
            }
            "label_replace" | "label_join" => Facts {
                labels: Labels::Unknown,
                ..self.read(first, used)
            },
            "vector" => {
                let facts = self.read(first, used);
                Facts {
                    labels: Labels::Closed(Names::default()),
                    ..facts
                }
            }
            "scalar" => Facts {
                labels: Labels::Unknown,
                ..self.read(first, used)
            },
            _ => {
                for argument in arguments {
                    self.read(argument, Use::Presence);
                }
                UNKNOWN
            }
        }
    }

    /// A number without a unit, where a duration is meant. One that is a variable of Grafana is negative.
    pub(super) fn unit(&mut self, unitless: Option<(usize, f64)>) {
        let Some((at, number)) = unitless.filter(|(_, number)| *number > 0.0) else {
            return;
        };
        // Nobody counts so many minutes: 300 are seconds, and meant so.
        if crate::FULL && number >= 60.0 {
            return;
        }
        let number = Shown(number);
        let doubt = self.doubt(
            Topic::Window,
            at,
            format!("{number} without a unit, which is {number} seconds"),
            format!("a duration with its unit, such as {number}m"),
            text!("Prometheus takes the number for seconds.").as_str(),
            format!("write {number}m for minutes, {number}s for seconds"),
        );
        unsure(doubt);
    }

    /// A range must hold two samples at least.
    pub(super) fn window(&mut self, range: &Expr) {
        let Kind::Range {
            of,
            seconds,
            subquery: false,
            ..
        } = &range.kind
        else {
            return;
        };
        let mut names = Vec::new();
        of.metrics(&mut names);
        let ours = names
            .iter()
            .any(|(_, name)| name.starts_with("vllm:") || name == "up");
        let Some(interval) = self.context.interval.filter(|_| ours) else {
            return;
        };
        if *seconds < 2.0 * interval {
            let show = crate::units::duration;
            self.doubt(
                Topic::Window,
                range.at,
                format!("[{}], and a sample every {}", show(*seconds), show(interval)),
                format!("at least {}: four scrapes", show(4.0 * interval)),
                text!("A rate needs two samples in its range: with fewer there is no result, and the alert never fires.").as_str(),
                format!("write [{}]", show((4.0 * interval).max(120.0))),
            );
        }
    }

    /// φ of a quantile.
    pub(super) fn fraction(&mut self, (at, number): (usize, usize), name: &str, q: f64) {
        if (0.0..=1.0).contains(&q) {
            return;
        }
        let part = (1.0..=100.0).contains(&q).then(|| Shown(q / 100.0));
        let meant = if let Some(part) = part {
            format!("write {part}")
        } else {
            text!("write a number between 0 and 1, such as 0.99")
                .as_str()
                .to_owned()
        };
        let doubt = self.doubt(
            Topic::Quantile,
            at,
            format!("{name}({}, …)", Shown(q)),
            text!("a number between 0 and 1: the 99th percentile is 0.99").as_str(),
            text!("Outside of it the result is infinite, whatever was measured.").as_str(),
            meant,
        );
        if let (Some(doubt), Some(part)) = (doubt, part) {
            doubt.edit = Some((number, String::new(), part.to_string()));
        }
    }

    pub(super) fn quantile(&mut self, at: usize, q: &Expr, of: &Expr) -> Facts {
        if let Some(number) = q.number() {
            self.fraction((at, q.at), "histogram_quantile", number);
        }
        let facts = self.read(of, Use::Presence);
        let (labels, has_le) = match &facts.labels {
            Labels::Unknown => (Labels::Unknown, None),
            Labels::Open(labels) => (
                Labels::Open(without_le(labels)),
                Some(labels.contains("le")),
            ),
            Labels::Closed(labels) => (
                Labels::Closed(without_le(labels)),
                Some(labels.contains("le")),
            ),
        };
        if has_le == Some(false) {
            let lost = matches!(facts.labels, Labels::Closed(_));
            let series = facts.series.clone().unwrap_or_default();
            let (found, fix) = match facts.family {
                _ if lost && series.ends_with("_bucket") => (
                    text!("histogram_quantile() of a sum without le")
                        .as_str()
                        .to_owned(),
                    match &facts.labels {
                        Labels::Closed(labels) if crate::FULL && !labels.is_empty() => {
                            let labels: Vec<&str> = labels.iter().map(AsRef::as_ref).collect();
                            format!(
                                "keep le: sum by ({}, le) (rate(…_bucket[5m]))",
                                labels.join(", ")
                            )
                        }
                        _ => "keep le: sum by (le) (rate(…_bucket[5m]))".to_owned(),
                    },
                ),
                Some(family) if family.kind == Metric::Histogram => (
                    format!("histogram_quantile() of {series}, which has no buckets"),
                    format!("read {}_bucket", family.name),
                ),
                _ => (
                    text!("histogram_quantile() of what has no label le")
                        .as_str()
                        .to_owned(),
                    text!("read a histogram: sum by (le) (rate(…_bucket[5m]))")
                        .as_str()
                        .to_owned(),
                ),
            };
            let doubt = self.doubt(
                Topic::Quantile,
                at,
                found,
                text!("buckets, with their label le").as_str(),
                NEVER.as_str(),
                fix,
            );
            if let (
                Some(doubt),
                Kind::Aggregate {
                    grouping: Some(grouping),
                    ..
                },
            ) = (doubt, &of.kind)
                && let (false, Some(last)) = (grouping.without, grouping.labels.last())
                && series.ends_with("_bucket")
            {
                let other = grouping
                    .labels
                    .iter()
                    .find(|l| l.name.eq_ignore_ascii_case("le"));
                doubt.edit = Some(match other {
                    Some(other) => (other.at, other.name.clone(), "le".to_owned()),
                    None => (last.at, last.name.clone(), format!("{}, le", last.name)),
                });
            }
        } else if facts.raw
            && facts
                .series
                .as_ref()
                .is_some_and(|s| s.ends_with("_bucket"))
        {
            let series = facts.series.clone().unwrap_or_default();
            self.doubt(
                Topic::Quantile,
                of.at,
                text!("histogram_quantile() of buckets without rate()").as_str(),
                format!("rate({series}[5m]) inside"),
                text!("It is the quantile of all requests since the process started: what is slow now does not show.").as_str(),
                format!("write rate({series}[5m])"),
            );
        }
        let bounds = facts
            .family
            .and_then(|family| family.bounds)
            .filter(|bounds| !bounds.depends_on_max_model_len() && !self.context.own_buckets);
        let most = bounds.and_then(|bounds| bounds.finite(0).last().copied());
        Facts {
            labels,
            low: 0.0,
            high: most.unwrap_or(f64::INFINITY),
            raw: false,
            rate: false,
            ..facts
        }
    }
}
