//! Binary operators.

use super::bounds::{interval, mirrored};
use super::tree::{moved, narrowed, same_series, seconds, sums};
use super::{Facts, Labels, Reader, Topic, UNKNOWN, Use};
#[cfg(feature = "full")]
use crate::promql::expr::Kind;
use crate::promql::expr::{Expr, Grouping, Type};
use crate::sorted::Names;

impl Reader<'_> {
    pub(super) fn binary(
        &mut self,
        expr: &Expr,
        (operator, boolean, matching, many): (&str, bool, Option<&Grouping>, bool),
        left: &Expr,
        right: &Expr,
        used: Use,
    ) -> Facts {
        let comparison = matches!(operator, "==" | "!=" | "<" | ">" | "<=" | ">=");
        let set = matches!(operator, "and" | "unless" | "or");
        let vectors = left.gives == Type::Vector && right.gives == Type::Vector;
        // What has come since is left by `unless` with an offset.
        let grown =
            (operator == "-" || operator == "unless" && moved(right)) && same_series(left, right);
        // A sum of several counters is 0 before the first event of all, and never again.
        let untouched = comparison
            && matches!(operator, "==" | "!=")
            && !(sums(left) || sums(right))
            && (left.number() == Some(0.0) || right.number() == Some(0.0));
        let left_use = if grown || untouched {
            Use::Presence
        } else {
            used
        };
        let right_use = if matches!(operator, "and" | "unless") {
            Use::Presence
        } else {
            left_use
        };
        let a = self.read(left, left_use);
        let b = self.read(right, right_use);
        if crate::FULL && vectors {
            self.apart(expr.at, operator, matching, (left, right));
            self.unscraped(expr.at, matching, [&a, &b]);
        }
        if crate::FULL
            && vectors
            && matching.is_none()
            && self.unlabelled((expr.at, operator), [(&a, left), (&b, right)])
        {
            return a;
        }
        if vectors && matching.is_none() && !matches!(operator, "or" | "unless") {
            self.matching(expr.at, operator, &a, &b);
        }
        if let (
            true,
            Some(Grouping {
                without: false,
                labels,
            }),
        ) = (vectors, matching)
            && let (Labels::Closed(have), Labels::Closed(other)) = (&a.labels, &b.labels)
            && let Some(lost) = labels
                .iter()
                .find(|label| !have.contains(&label.name) && !other.contains(&label.name))
        {
            let common: Names = have.iter().filter(|label| other.contains(label)).collect();
            self.doubt(
                Topic::Matching,
                expr.at,
                format!("on ({}), and no side has {}", lost.name, lost.name),
                "labels that both sides have",
                text!("Every series of one side is a partner of every one of the other.").as_str(),
                format!("write on ({})", common.joined()),
            );
        }
        if let (
            true,
            Some(Grouping {
                without: false,
                labels,
            }),
        ) = (vectors && operator != "unless", matching)
            && let Some(lost) = labels.iter().find(|label| {
                let lacks = |facts: &Facts| match &facts.labels {
                    Labels::Closed(have) => !have.contains(&label.name),
                    _ => false,
                };
                lacks(&a) != lacks(&b)
            })
        {
            let doubt = self.doubt(
                Topic::Matching,
                expr.at,
                format!("on ({}), which one side has not", lost.name),
                text!("labels that both sides have").as_str(),
                text!("No series of one side has a partner on the other: it never gives a result.")
                    .as_str(),
                format!("keep {} on both sides: by ({})", lost.name, lost.name),
            );
            #[cfg(feature = "full")]
            let doubt = super::lost::all(doubt, labels, [&a, &b]);
            super::unsure(doubt);
        }
        if let (
            true,
            Some(Grouping {
                without: false,
                labels: on,
            }),
        ) = (crate::FULL && vectors && !many && !set, matching)
            && let Some(last) = on.last()
        {
            let several = |a: &Facts, b: &Facts, side: &Expr| {
                let Labels::Closed(other) = &b.labels else {
                    return None;
                };
                ["pod", "engine"].into_iter().find(|label| {
                    let has = match &a.labels {
                        Labels::Unknown => false,
                        Labels::Open(own) => *label == "pod" || own.contains(label),
                        Labels::Closed(own) => own.contains(label),
                    };
                    has && narrowed(side) == 0
                        && !other.contains(label)
                        && !on.iter().any(|known| known.name == *label)
                })
            };
            let left = several(&a, &b, left).map(|label| (label, "group_left ()"));
            let right = || Some((several(&b, &a, right)?, "group_right ()"));
            if let Some((label, group)) = left.or_else(right) {
                let doubt = self.doubt(
                    Topic::Matching,
                    expr.at,
                    format!("one side has several series, by {label}, for one of the other"),
                    group,
                    "Prometheus fails with many-to-one matching: the alert never fires.",
                    format!("write {group} behind on (…)"),
                );
                if let Some(doubt) = doubt {
                    let old = format!("{})", last.name);
                    let new = format!("{old} {group}");
                    doubt.edit = Some((last.at, old, new));
                    doubt.sure = false;
                }
            }
        }
        if operator == "/"
            && let (Some(left_name), Some(right_name)) = (&a.series, &b.series)
            && let (Some(stem), Some(one), Some(two)) = (
                left_name.strip_suffix("_sum"),
                seconds(left),
                seconds(right),
            )
            && right_name.strip_suffix("_count") == Some(stem)
            && a.rate
            && b.rate
            && (one - two).abs() > 0.5
        {
            let show = crate::units::duration;
            let doubt = self.doubt(
                Topic::Window,
                right.at,
                format!("[{}] above, [{}] below", show(one), show(two)),
                "the same range on both sides",
                text!("The quotient is no mean: both sides count different requests.").as_str(),
                format!("write [{}] on both sides", show(one)),
            );
            super::unsure(doubt);
        }
        if operator == "/"
            && matching.is_none()
            && a.series.is_some()
            && a.series == b.series
            && a.rate == b.rate
            && matches!((&a.labels, &b.labels), (Labels::Open(_), Labels::Open(_)))
            && narrowed(left) > narrowed(right)
        {
            self.doubt(
                Topic::Matching,
                expr.at,
                text!("each series divided by itself").as_str(),
                text!("sums on both sides: sum(rate(a{…}[5m])) / sum(rate(a[5m]))").as_str(),
                text!("A series has its partner by all its labels, the one of the matcher too: the result is always 1.").as_str(),
                text!("put sum(…) or sum by (…) (…) round both sides").as_str(),
            );
            return UNKNOWN;
        }
        let labels = match matching {
            _ if many => Labels::Unknown,
            Some(Grouping {
                without: false,
                labels,
            }) if !set => Labels::Closed(labels.iter().map(|label| label.name.clone()).collect()),
            Some(_) if !set => Labels::Unknown,
            _ if left.gives == Type::Scalar => b.labels.clone(),
            _ if operator == "or" && a.labels != b.labels => Labels::Unknown,
            _ => a.labels.clone(),
        };
        let base = if left.gives == Type::Scalar { &b } else { &a };
        let facts = Facts {
            labels,
            ..base.clone()
        };
        if comparison {
            #[cfg(feature = "full")]
            let (a, b) = (
                there(left, operator, a),
                there(right, mirrored(operator), b),
            );
            match (left.number(), right.number()) {
                (None, Some(limit)) => self.compare((expr.at, right.at), operator, &a, limit),
                (Some(limit), None) => {
                    self.compare((expr.at, left.at), mirrored(operator), &b, limit);
                }
                _ => {}
            }
            return if boolean {
                Facts {
                    low: 0.0,
                    high: 1.0,
                    raw: false,
                    ..facts
                }
            } else {
                facts
            };
        }
        if set {
            return Facts {
                low: if operator == "or" {
                    a.low.min(b.low)
                } else {
                    a.low
                },
                high: if operator == "or" {
                    a.high.max(b.high)
                } else {
                    a.high
                },
                ..facts
            };
        }
        if matches!(operator, "/" | "%") && right.number() == Some(0.0) {
            self.doubt(
                Topic::Threshold,
                right.at,
                "a division by 0",
                text!("something that can be above 0").as_str(),
                text!("The result is no number or infinite, whatever was measured.").as_str(),
                text!("divide by the whole that the part belongs to").as_str(),
            );
            return UNKNOWN;
        }
        if operator == "/"
            && a.rate
            && b.rate
            && let (Some(sum), Some(count)) = (&a.series, &b.series)
            && let Some(stem) = sum.strip_suffix("_sum")
            && (count.ends_with("_count") && count.strip_suffix("_count") != Some(stem)
                || count.ends_with("_bucket"))
        {
            let doubt = self.doubt(
                Topic::Matching,
                right.at,
                format!("{sum} divided by {count}"),
                format!("{stem}_count below"),
                text!("The quotient is no mean: both sides count different things.").as_str(),
                format!("write {stem}_count"),
            );
            super::unsure(doubt);
        }
        // A mean is a value of its histogram.
        if operator == "/"
            && a.rate
            && b.rate
            && let (Some(sum), Some(count)) = (&a.series, &b.series)
            && let Some(stem) = sum.strip_suffix("_sum")
            && count.strip_suffix("_count") == Some(stem)
        {
            return Facts {
                low: 0.0,
                high: f64::INFINITY,
                raw: false,
                rate: false,
                series: None,
                ..facts
            };
        }
        // A part of one counter, over all of it.
        let share = operator == "/"
            && a.rate
            && b.rate
            && a.series.is_some()
            && a.series == b.series
            && narrowed(right) == 0
            && seconds(left) == seconds(right)
            && !moved(left)
            && !moved(right);
        // The same on both sides: `_count` was meant below `_sum`.
        if share && narrowed(left) == 0 && a.labels == b.labels && matching.is_none() {
            let mut names = Vec::new();
            right.metrics(&mut names);
            let series = b.series.clone().unwrap_or_default();
            let stem = series.strip_suffix("_sum");
            let meant = stem.map(|stem| format!("{stem}_count"));
            let doubt = self.doubt(
                Topic::Matching,
                right.at,
                text!("the same rate on both sides").as_str(),
                text!("what is counted above, and all of it below").as_str(),
                text!("The quotient is always 1.").as_str(),
                match &meant {
                    Some(meant) => format!("write {meant} below"),
                    None => text!("name what is counted above by a matcher")
                        .as_str()
                        .into(),
                },
            );
            if let (Some(doubt), Some(meant), Some((at, _))) = (doubt, meant, names.pop()) {
                doubt.edit = Some((at, series, meant));
            }
            return UNKNOWN;
        }
        let (low, high) = if share {
            (0.0, 1.0)
        } else if crate::FULL
            && let Some(most) = super::share::most(expr)
        {
            (0.0, most)
        } else {
            interval(operator, &a, &b)
        };
        Facts {
            low,
            high,
            raw: false,
            rate: false,
            family: None,
            series: None,
            ..facts
        }
    }
}

/// A count of nothing is not there, and not 0: that it is at least 1 is a condition all the same.
#[cfg(feature = "full")]
fn there(expr: &Expr, operator: &str, facts: Facts) -> Facts {
    let counts = matches!(&expr.kind, Kind::Aggregate { name, .. } if name == "count");
    Facts {
        low: if counts && matches!(operator, ">" | ">=" | "!=") {
            f64::NEG_INFINITY
        } else {
            facts.low
        },
        ..facts
    }
}
