//! Names, labels and matchers of a selector, against the catalog.

use super::{Facts, Labels, NEVER, Reader, Topic, Use, glob, unsure};
use crate::embedded::{Text, recorded, recorded_labels};
use crate::promql::expr::Matcher;
use crate::re2;
use crate::sorted::Names;
use vllm_catalog::{Family, Kind as Metric, Unit, Values, family_of_series, le_text};

/// Labels that targets have by their scrape, or by common relabelling.
pub(super) const TARGET: [&str; 23] = [
    "app",
    "cluster",
    "container",
    "endpoint",
    "env",
    "environment",
    "instance",
    "job",
    "model",
    "name",
    "namespace",
    "node",
    "pod",
    "prometheus",
    "prometheus_replica",
    "region",
    "replica",
    "service",
    "tenant",
    "team",
    "vllm_monitoring",
    "zone",
    "deployment",
];

/// What a recorded series is made of, and how.
fn source(name: &str) -> Option<(&'static Family, &str)> {
    let mut parts = name.split(':');
    let stem = parts.nth(1)?.strip_prefix("vllm_")?;
    let of = |end: &str| family_of_series(&format!("vllm:{stem}{end}"));
    let family = of("").or_else(|| of("_bucket"));
    let family = family.or_else(|| of("_total").filter(|_| crate::FULL))?;
    Some((family, parts.next()?))
}

const ALWAYS_FITS: Text = text!("It excludes nothing: every series fits.");

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
            Some(family) => family.kind == Metric::Counter || suffixed,
            // By Prometheus' convention.
            None => name.ends_with("_total") && !name.contains(':'),
        };
        for matcher in matchers {
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
            None if matches!(source(name), Some((family, "max" | "min" | "mean"))
                if matches!(family.unit, Unit::Ratio | Unit::Flag)) =>
            {
                (0.0, 1.0)
            }
            None => match quantile_of(name).filter(|_| !self.context.own_buckets) {
                Some(most) => (0.0, most),
                None => (f64::NEG_INFINITY, f64::INFINITY),
            },
        };
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
            family,
            series: Some(name.to_owned()),
            raw: counter,
            rate: false,
        }
    }

    pub(super) fn matcher(
        &mut self,
        name: &str,
        family: Option<&'static Family>,
        matcher: &Matcher,
    ) {
        let Matcher {
            at,
            label,
            operator,
            value,
        } = matcher;
        // A variable of Grafana may be anything.
        if value
            .match_indices('$')
            .any(|(at, _)| value[at + 1..].starts_with(|c: char| c.is_alphabetic() || c == '_'))
        {
            return;
        }
        let equals = *operator == "=";
        let negative = operator.starts_with('!');
        let why = if negative { ALWAYS_FITS } else { NEVER };
        if matches!(*operator, "=" | "!=")
            && (value.contains('*') || value.contains(".+") || value.contains('|'))
        {
            let regex = if equals { "=~" } else { "!~" };
            let pattern = if value.contains(".*") || value.contains(".+") || value.contains('|') {
                value.clone()
            } else {
                value.replace('*', ".*")
            };
            let doubt = self.doubt(
                Topic::Selector,
                *at,
                format!("{label}{operator}{value:?}, which compares letter by letter"),
                format!("{label}{regex}{pattern:?}"),
                why.as_str(),
                format!("write {label}{regex}{pattern:?}"),
            );
            if let Some(doubt) = doubt {
                let old = format!("{label}{operator}{value:?}");
                doubt.edit = Some((*at, old, format!("{label}{regex}{pattern:?}")));
            }
            return;
        }
        if operator.ends_with('~') && value.ends_with('*') && glob(value) {
            let found = format!("{label}{operator}{value:?}");
            let meant = format!("{label}{operator}\"{}.*\"", value.trim_end_matches('*'));
            let doubt = self.doubt(
                Topic::Selector,
                *at,
                found.clone(),
                text!("a regular expression: .* for any text").as_str(),
                text!(
                    "The * repeats the letter before it: names that go on differently do not match."
                )
                .as_str(),
                format!("write {meant}"),
            );
            if let Some(doubt) = doubt {
                doubt.edit = Some((*at, found, meant));
                doubt.sure = false;
            }
            return;
        }
        if *operator == "!~" && matches!(value.as_str(), ".*" | "^.*$") {
            self.doubt(
                Topic::Selector,
                *at,
                format!("{label}!~{value:?}, which excludes every text"),
                text!("a pattern that some series do not match").as_str(),
                NEVER.as_str(),
                format!("write {label}=\"\" for series without it, or leave it out"),
            );
            return;
        }
        if label == "job"
            && equals
            && self.context.own_jobs
            && !value.contains('/')
            // Another job with vllm in its name may be a gateway of the user's own.
            && (family.is_some() || value == "vllm")
        {
            let doubt = self.doubt(
                Topic::Selector,
                *at,
                format!("job={value:?}"),
                text!("a label that this chart's targets have: model, namespace, pod, vllm_monitoring").as_str(),
                NEVER.as_str(),
                text!("write model=\"<the entry's name>\", or leave job out: the chart's jobs are namespace/name").as_str(),
            );
            unsure(doubt);
            return;
        }
        let Some(family) = family else {
            #[cfg(feature = "full")]
            self.recorded(name, matcher, why.as_str());
            return;
        };
        if label == "model" && !self.context.entries.is_empty() {
            self.entry(matcher);
            return;
        }
        if label == "model_name"
            && equals
            && !self.context.entries.contains(&value.as_str())
            && let Some(near) = crate::shape::nearest(value, self.context.entries.iter().copied())
            && value.len() > 3
            && value
                .chars()
                .filter(char::is_ascii_digit)
                .eq(near.chars().filter(char::is_ascii_digit))
        {
            let old = format!("{label}={value:?}");
            let doubt = self.doubt(
                Topic::Selector,
                *at,
                old.clone(),
                format!("a name that a model has, such as {near}"),
                NEVER.as_str(),
                format!("did you mean {label}={near:?}?"),
            );
            if let Some(doubt) = doubt {
                doubt.edit = Some((*at, old, format!("{label}={near:?}")));
                doubt.sure = false;
            }
            return;
        }
        let bucket = name.ends_with("_bucket");
        if family.name == "http_requests_total" && label == "status" {
            self.status(matcher, why.as_str());
            return;
        }
        let known = family.labels.iter().find(|known| known.name == label);
        if label == "le" && bucket {
            self.bound(family, matcher);
        } else if label == "le" || label == "quantile" {
            self.doubt(
                Topic::Selector,
                *at,
                format!("the label {label} on {name}"),
                format!(
                    "{}_bucket for le; histogram_quantile() for a quantile",
                    family.name
                ),
                why.as_str(),
                format!("read {}_bucket, or leave {label} out", family.name),
            );
        } else if let Some(known) = known {
            let Values::OneOf(all) = known.values else {
                return;
            };
            let texts: Vec<&str> = all.iter().map(|value| value.text).collect();
            if !self.one_of(matcher, &texts, why.as_str())
                && equals
                && label == "finished_reason"
                && value == "abort"
            {
                self.doubt(
                    Topic::Selector,
                    *at,
                    text!("finished_reason=\"abort\"").as_str(),
                    text!("a reason that vLLM counts").as_str(),
                    text!("vLLM does not count requests whose client went away: this stays at 0.").as_str(),
                    text!("compare http_requests_total or the gateway's own metric with vllm:request_success_total").as_str(),
                );
            }
        } else if !TARGET.contains(&label.as_str()) {
            self.label(family, bucket, *at, label, why.as_str());
        }
    }

    /// Whether none of the texts that a label has is asked for, which is said then.
    #[cfg_attr(not(feature = "full"), inline(always))]
    fn one_of(&mut self, matcher: &Matcher, texts: &[&str], why: &'static str) -> bool {
        let Matcher {
            at,
            label,
            operator,
            value,
        } = matcher;
        let fits = match *operator {
            "=" | "!=" => value.is_empty() || texts.contains(&value.as_str()),
            _ => re2::whole(value)
                .is_none_or(|p| texts.iter().any(|t| p.is_match(t)) || p.is_match("")),
        };
        if fits || crate::FULL && texts.is_empty() {
            return false;
        }
        // Another window is another number, and no misspelt one.
        let near = crate::shape::nearest(value, texts.iter().copied())
            .filter(|_| !crate::FULL || !value.starts_with(|c: char| c.is_ascii_digit()));
        let fix = near.map_or_else(
            || format!("write one of them: {}", texts.join(", ")),
            |near| format!("did you mean {label}{operator}{near:?}?"),
        );
        let found = format!("{label}{operator}{value:?}");
        let doubt = self.doubt(
            Topic::Selector,
            *at,
            found.clone(),
            match near {
                Some(near) if crate::FULL && texts.len() > 20 => {
                    format!("a name such as {near}")
                }
                _ => format!("one of {}", texts.join(", ")),
            },
            why,
            fix,
        );
        if let (Some(doubt), Some(near)) = (doubt, near) {
            doubt.edit = Some((*at, found, format!("{label}{operator}{near:?}")));
        }
        true
    }

    /// Labels of alerts, and of what the chart records.
    #[cfg(feature = "full")]
    fn recorded(&mut self, name: &str, matcher: &Matcher, why: &'static str) {
        let Matcher {
            at, label, value, ..
        } = matcher;
        let context = self.context;
        let texts = match (name, label.as_str()) {
            ("ALERTS", "alertstate") => &["firing", "pending"],
            ("ALERTS", "alertname") if value.starts_with("Vllm") => context.alerts,
            ("model:vllm_slo:error_ratio", "window") => context.windows,
            _ => &[],
        };
        if self.one_of(matcher, texts, why) && label != "alertstate" {
            unsure(self.doubts.last_mut());
        }
        let lost = ["pod", "engine", "instance", "container"].contains(&label.as_str());
        if let Some(labels) = recorded_labels(name).filter(|_| lost && !value.is_empty())
            && !labels.split(',').any(|own| own == label)
        {
            let labels = labels.replace(',', ", ");
            let fix = match source(name) {
                Some((family, _)) => {
                    format!("select by {labels}, or read {}", family.name)
                }
                None => format!("select by {labels}"),
            };
            let found = format!("the label {label} on {name}");
            let expected = format!("a label that it has: {labels}");
            let doubt = self.doubt(Topic::Selector, *at, found, expected, why, fix);
            unsure(doubt);
        }
    }

    /// The label model names an entry of `models`; the name that vLLM serves is in model_name.
    pub(super) fn entry(&mut self, matcher: &Matcher) {
        let Matcher {
            at,
            operator,
            value,
            ..
        } = matcher;
        let entries = self.context.entries;
        let fits = match *operator {
            "=" => value.is_empty() || entries.contains(&value.as_str()),
            "=~" => re2::whole(value)
                .is_none_or(|p| p.is_match("") || entries.iter().any(|e| p.is_match(e))),
            _ => true,
        };
        if fits {
            return;
        }
        let all = entries.join(", ");
        let near = crate::shape::nearest(value, entries.iter().copied());
        let fix = match near {
            Some(near) => format!("did you mean model{operator}{near:?}?"),
            None => format!("write model_name{operator}{value:?} for the name that vLLM serves"),
        };
        let doubt = self.doubt(
            Topic::Selector,
            *at,
            format!("model{operator}{value:?}"),
            format!("the name of an entry of models: {all}"),
            NEVER.as_str(),
            fix,
        );
        unsure(doubt);
    }

    /// vLLM counts HTTP requests by class: 2xx, 4xx.
    pub(super) fn status(&mut self, matcher: &Matcher, why: &'static str) {
        const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
        let Matcher {
            at,
            operator,
            value,
            ..
        } = matcher;
        let fits = match *operator {
            "=" | "!=" => value.is_empty() || CLASSES.contains(&value.as_str()),
            _ => re2::whole(value)
                .is_none_or(|p| p.is_match("") || CLASSES.iter().any(|c| p.is_match(c))),
        };
        if fits {
            return;
        }
        let found = format!("status{operator}{value:?}");
        let meant = match value.chars().next() {
            Some(class @ '1'..='5') => {
                let operator = operator.replace('~', "");
                format!("status{operator}\"{class}xx\"")
            }
            _ => "status=\"5xx\"".to_owned(),
        };
        let doubt = self.doubt(
            Topic::Selector,
            *at,
            found.clone(),
            text!("a class, as vLLM writes it: 2xx, 3xx, 4xx or 5xx").as_str(),
            why,
            format!("write {meant}"),
        );
        if let Some(doubt) = doubt {
            doubt.edit = Some((*at, found, meant));
            doubt.sure = false;
        }
    }

    /// A label that the family lacks, and that is near one that it has.
    pub(super) fn label(
        &mut self,
        family: &Family,
        bucket: bool,
        at: usize,
        label: &str,
        why: &'static str,
    ) {
        let known: Vec<&str> = family
            .labels
            .iter()
            .map(|l| l.name)
            .chain(["namespace", "pod", "instance", "job"])
            .chain(bucket.then_some("le"))
            .collect();
        if known.contains(&label) {
            return;
        }
        // What other servers call it.
        let elsewhere = match label {
            "code" | "status_code" | "http_status_code" => "status",
            "path" | "route" | "endpoint_path" | "uri" => "handler",
            "verb" => "method",
            "finish_reason" | "stop_reason" | "reason" => "finished_reason",
            "modelname" | "served_model_name" | "model_id" => "model_name",
            "pod_name" | "kubernetes_pod_name" | "podname" => "pod",
            "kubernetes_namespace" | "exported_namespace" => "namespace",
            _ => "",
        };
        let near = crate::shape::nearest(label, known.iter().copied())
            .or_else(|| known.iter().copied().find(|k| *k == elsewhere));
        let Some(near) = near else {
            return;
        };
        if let Some(doubt) = self.doubt(
            Topic::Selector,
            at,
            format!("the label {label}"),
            format!("a label of {}: {}", family.name, known.join(", ")),
            why,
            format!("did you mean {near}?"),
        ) {
            doubt.edit = Some((at, label.to_owned(), near.to_owned()));
            // Other servers count HTTP requests too.
            doubt.sure = family.name.starts_with("vllm:");
        }
    }

    pub(super) fn bound(&mut self, family: &Family, matcher: &Matcher) {
        let Some(bounds) = family.bounds.filter(|_| !self.context.own_buckets) else {
            return;
        };
        let value = matcher.value.as_str();
        if bounds.depends_on_max_model_len() || value.is_empty() {
            return;
        }
        let texts: Vec<String> = bounds
            .finite(0)
            .iter()
            .map(|bound| le_text(*bound).python)
            .chain(["+Inf".into()])
            .collect();
        let fits = match matcher.operator {
            "=" | "!=" => texts.iter().any(|text| text == value),
            _ => re2::whole(value).is_none_or(|p| texts.iter().any(|t| p.is_match(t))),
        };
        if fits {
            return;
        }
        let seconds = crate::units::float(value);
        let same = seconds.filter(|s| bounds.finite(0).contains(s));
        let near = seconds.map(|s| bounds.neighbours(s));
        let (expected, fix) = match (same, near) {
            (Some(same), _) => {
                let text = le_text(same).python;
                (
                    format!("le=\"{text}\", as vLLM writes it"),
                    format!("write le=\"{text}\""),
                )
            }
            (None, Some(near)) => {
                let sides: Vec<String> = [near.below, near.above]
                    .into_iter()
                    .flatten()
                    .map(|bound| format!("le=\"{}\"", le_text(bound).python))
                    .collect();
                (
                    text!("a bound of the histogram").as_str().to_owned(),
                    format!("write {}", sides.join(" or ")),
                )
            }
            _ => (
                text!("a bound of the histogram").as_str().to_owned(),
                format!("write one of {}", texts.join(", ")),
            ),
        };
        let found = format!(
            "le{}{value:?}, which no bucket of {} has",
            matcher.operator, family.name
        );
        let doubt = self.doubt(
            Topic::Selector,
            matcher.at,
            found,
            expected,
            NEVER.as_str(),
            fix,
        );
        if let (Some(doubt), Some(same)) = (doubt, same) {
            let new = format!("le=\"{}\"", le_text(same).python);
            doubt.edit = Some((matcher.at, format!("le={value:?}"), new));
        }
    }
}

/// The largest bound of the histogram whose quantile a rule of the chart records: `model:vllm_<family>:p99`.
pub(super) fn quantile_of(name: &str) -> Option<f64> {
    let rest = name.strip_prefix("model:vllm_")?;
    let (family, quantile) = rest.split_once(':')?;
    let bounds = family_of_series(&format!("vllm:{family}_bucket"))?.bounds?;
    let known = matches!(quantile, "p50" | "p95" | "p99") && !bounds.depends_on_max_model_len();
    known.then(|| bounds.finite(0).last().copied())?
}
