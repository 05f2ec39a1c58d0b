//! Aggregations.

use super::selector::{TARGET, quantile_of};
use super::{Facts, Labels, Reader, Topic, Use};
use crate::promql::expr::{Expr, Grouping, Label};
use crate::sorted::Names;

impl Reader<'_> {
    pub(super) fn aggregate(
        &mut self,
        (at, name): (usize, &str),
        grouping: Option<&Grouping>,
        of: &Expr,
        used: Use,
    ) -> Facts {
        let counts = matches!(name, "count" | "group" | "count_values");
        let facts = self.read(of, if counts { Use::Presence } else { used });
        let (low, high) = match name {
            "avg" | "min" | "max" | "quantile" | "topk" | "bottomk" | "limitk" => {
                (facts.low, facts.high)
            }
            "sum" if facts.low >= 0.0 => (0.0, f64::INFINITY),
            "sum" => (f64::NEG_INFINITY, f64::INFINITY),
            "group" => (1.0, 1.0),
            // A module does not know a count that is never below 1 from one that is there or not.
            "count" => (if crate::FULL { 1.0 } else { 0.0 }, f64::INFINITY),
            _ => (0.0, f64::INFINITY),
        };
        #[cfg(feature = "full")]
        let high = if name == "sum" {
            summed(&facts, grouping)
        } else {
            high
        };
        if let (Some(grouping), Some(family)) = (grouping, facts.family)
            && !matches!(facts.labels, Labels::Closed(_))
        {
            let bucket = facts
                .series
                .as_ref()
                .is_some_and(|s| s.ends_with("_bucket"));
            for label in &grouping.labels {
                let known = family.labels.iter().any(|known| known.name == label.name);
                if !known && !TARGET.contains(&label.name.as_str()) {
                    self.label(
                        family,
                        bucket,
                        label.at,
                        &label.name,
                        text!("No series has it, so everything is put into one group.").as_str(),
                    );
                }
            }
        }
        let whole = |label: &Label| label.name.starts_with("model");
        if crate::FULL
            && name == "sum"
            && grouping.is_none_or(|by| !by.without && !by.labels.iter().any(whole))
            && let Some(series) = facts.series.as_ref().filter(|s| quantile_of(s).is_some())
        {
            let doubt = self.doubt(
                Topic::Quantile,
                at,
                format!("the sum of {series}"),
                "max(…), or each model for itself",
                "A sum of quantiles is none: it grows with the number of models.",
                "write max",
            );
            if let Some(doubt) = doubt {
                doubt.edit = Some((at, name.to_owned(), "max".to_owned()));
                doubt.sure = false;
            }
        }
        if name == "quantile"
            && facts
                .series
                .as_ref()
                .is_some_and(|s| s.ends_with("_bucket"))
        {
            let doubt = self.doubt(
                Topic::Quantile,
                of.at,
                "quantile() of a histogram's buckets",
                text!("histogram_quantile(0.95, sum by (le) (rate(…_bucket[5m])))").as_str(),
                text!("It is a quantile over the series, not over the requests.").as_str(),
                text!("write histogram_quantile").as_str(),
            );
            super::unsure(doubt);
        }
        let labels = match (name, grouping, facts.labels.clone()) {
            ("topk" | "bottomk" | "limitk", _, labels) => labels,
            ("count_values", ..) => Labels::Unknown,
            (_, None, _) => Labels::Closed(Names::default()),
            (
                _,
                Some(Grouping {
                    without: false,
                    labels,
                }),
                _,
            ) => {
                // What the series lack, the sum has not either.
                let bare = facts.family.is_some()
                    && facts
                        .series
                        .as_ref()
                        .is_some_and(|s| !s.ends_with("_bucket"));
                let lost = |label: &str| label == "le" && bare;
                let names = labels.iter().map(|label| label.name.clone());
                Labels::Closed(names.filter(|label| !lost(label)).collect())
            }
            (_, Some(Grouping { labels, .. }), mut left) => {
                if let Labels::Open(set) | Labels::Closed(set) = &mut left {
                    set.retain(&mut |label| !labels.iter().any(|gone| gone.name == *label));
                }
                // Without `instance` it is no more what was scraped.
                match left {
                    Labels::Open(set) if labels.iter().any(|gone| gone.name == "le") => {
                        Labels::Open(set)
                    }
                    Labels::Open(_) => Labels::Unknown,
                    other => other,
                }
            }
        };
        Facts {
            labels,
            low,
            high,
            raw: facts.raw && !counts,
            ..facts
        }
    }
}

/// The most of a sum: of the series of one pod, or of all.
#[cfg(feature = "full")]
fn summed(facts: &Facts, grouping: Option<&Grouping>) -> f64 {
    let each = |grouping: &Grouping| {
        let pod = grouping.labels.iter().any(|label| label.name == "pod");
        pod != grouping.without
    };
    // What was calculated with it has another most, or none.
    if facts.high.is_infinite() || facts.series.is_none() {
        return f64::INFINITY;
    }
    if facts.whole.is_finite() && grouping.is_some_and(each) {
        return facts.high;
    }
    facts.whole
}
