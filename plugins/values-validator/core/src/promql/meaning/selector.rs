//! Names, labels and matchers of a selector, against the catalog.

mod bound;
#[cfg(feature = "full")]
mod elsewhere;
mod external;
mod known;
mod label;
mod matcher;
mod of_rules;
mod recorded;
#[cfg(feature = "full")]
mod running;
mod value;

use super::{Facts, Labels, Reader, Topic, Use};
use crate::embedded::{recorded, recorded_labels};
use crate::promql::expr::Matcher;
use crate::sorted::Names;
use vllm_catalog::{Kind as Metric, Unit, family_of_series};

pub(super) use label::TARGET;
use recorded::source;
pub(super) use recorded::{measured, quantile_of};

impl Reader<'_> {
    pub(super) fn selector(
        &mut self,
        at: usize,
        name: &str,
        matchers: &[Matcher],
        used: Use,
    ) -> Facts {
        let family = family_of_series(name);
        let suffixed = family.is_some_and(|family| family.name != name);
        let bucket = name.ends_with("_bucket");
        let counter = match family {
            // When a series was created is a time.
            Some(_) if name.ends_with("_created") => false,
            Some(family) => family.kind == Metric::Counter || suffixed,
            // By Prometheus' convention.
            None => name.ends_with("_total") && !name.contains(':'),
        };
        for matcher in matchers {
            if crate::FULL && self.external(matcher) {
                continue;
            }
            self.matcher(name, family, matcher);
        }
        if counter && used == Use::Value {
            let window = "[5m]";
            self.doubt(
                Topic::Rate,
                at,
                format!("{name}, a counter, without rate()"),
                format!("rate({name}{window}) or increase({name}{window})"),
                text!("A counter only grows until the process restarts: the comparison says how long it runs, not what happens now.").as_str(),
                format!("write rate({name}{window}) for a number per second, increase({name}[1h]) for a number in an hour"),
            );
        }
        // What is recorded is a rate, a quantile or a gauge.
        let own = crate::FULL
            && name.contains(':')
            && family.is_none()
            && recorded().any(|own| own == name);
        let gauge = family.is_some_and(|f| f.kind == Metric::Gauge) || name == "up" || own;
        if gauge && used == Use::Rate {
            self.doubt(
                Topic::Rate,
                at,
                format!("{name}, a gauge, in rate() or increase()"),
                text!("a counter, whose name ends in _total, _sum, _count or _bucket").as_str(),
                text!("rate() takes each fall of a gauge for a restart, so its result means nothing.").as_str(),
                if own && name.ends_with(":rate") {
                    format!("write {name}: it is a rate already")
                } else {
                    format!("write avg_over_time({name}[5m]) or max_over_time({name}[5m]); delta({name}[5m]) for its change")
                },
            );
        }
        let (low, high) = match family.map(|f| (f.unit, suffixed)) {
            Some((Unit::Ratio | Unit::Flag, false)) => (0.0, 1.0),
            Some(_) => (0.0, f64::INFINITY),
            None if name == "up"
                || name.starts_with("DCGM_FI_PROF_") && name.ends_with("_ACTIVE") =>
            {
                (0.0, 1.0)
            }
            None if name == "DCGM_FI_DEV_GPU_UTIL" => (0.0, 100.0),
            None if counter => (0.0, f64::INFINITY),
            None if own && name.ends_with("ratio") => (0.0, 1.0),
            None if matches!(source(name), Some((family, how))
                if (matches!(how, "max" | "min" | "mean") || crate::FULL && how == "avg")
                    && matches!(family.unit, Unit::Ratio | Unit::Flag)) =>
            {
                (0.0, 1.0)
            }
            None => match quantile_of(name).filter(|_| !self.context.own_buckets) {
                Some(most) => (0.0, most),
                None => (f64::NEG_INFINITY, f64::INFINITY),
            },
        };
        #[cfg(feature = "full")]
        let (high, whole) =
            running::most(name, matchers, self.context.running).unwrap_or((high, f64::INFINITY));
        let labels = match family {
            Some(family) if family.unit != Unit::Info => {
                let own = family.labels.iter().map(|label| label.name.to_owned());
                Labels::Open(own.chain(bucket.then(|| "le".to_owned())).collect())
            }
            _ if name == "up" => Labels::Open(Names::default()),
            _ => match recorded_labels(name) {
                // A native histogram has its buckets in it, without a label.
                Some(_) if matches!(source(name), Some((family, "rate")) if family.kind == Metric::Histogram) => {
                    Labels::Unknown
                }
                Some(labels) => Labels::Closed(labels.split(',').map(str::to_owned).collect()),
                None => Labels::Unknown,
            },
        };
        Facts {
            labels,
            low,
            high,
            #[cfg(feature = "full")]
            whole,
            family,
            series: Some(name.to_owned()),
            raw: counter,
            rate: false,
        }
    }
}
