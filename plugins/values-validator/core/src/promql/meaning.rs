//! What an expression means: whether it can ever give a result, always gives one, or reads something
//! else than was meant. Types, labels, bounds and units come from the catalog; of names that it lacks
//! nothing is said beyond Prometheus' own conventions.

use crate::embedded::Text;
use vllm_catalog::{Family, Kind as Metric, Unit, Values, family_of_series, le_text};

use super::expr::{Expr, Grouping, Kind, Matcher, Type};
use crate::re2;
use crate::sorted::{Names, sort};

/// Which rule a [`Doubt`] belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// Counters and their rates.
    Rate,
    /// `histogram_quantile`.
    Quantile,
    /// Names and values of labels.
    Selector,
    /// A comparison that is never or always true.
    Threshold,
    /// No comparison at all.
    Condition,
    /// A range too short for its samples.
    Window,
    /// Two sides whose labels differ.
    Matching,
}

/// Something in an expression that cannot be meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    /// Which rule says so.
    pub topic: Topic,
    /// Bytes from the start of the text.
    pub at: usize,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
    /// The consequence.
    pub why: &'static str,
    /// What to do.
    pub fix: String,
    /// The word at [`Doubt::at`], and what to write in its place, where there is no doubt.
    pub edit: Option<(String, String)>,
    /// Whether it can only be wrong: false where another exporter may have it so.
    pub sure: bool,
}

/// What is known of where an expression is evaluated.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// Seconds between two scrapes of vLLM; none: unknown.
    pub interval: Option<f64>,
    /// Whether vLLM's servers have bucket bounds of their own.
    pub own_buckets: bool,
    /// Whether the expression is an alert's.
    pub alert: bool,
    /// Whether this chart's own scrape gives the label job: `namespace/name`, never a plain word.
    pub own_jobs: bool,
    /// The entries of `models`, which the label model names; empty where they cannot be known.
    pub entries: &'a [&'a str],
}

/// Everything doubtful in an expression, in the order of its text.
#[must_use]
pub fn doubts(expr: &Expr, context: Context<'_>) -> Vec<Doubt> {
    let mut reader = Reader {
        context,
        doubts: Vec::new(),
    };
    reader.read(expr, Use::Value);
    if context.alert {
        reader.condition(expr);
    }
    let mut doubts = reader.doubts;
    sort(&mut doubts, |a, b| a.at.cmp(&b.at));
    doubts.dedup();
    doubts
}

/// The labels of what an expression gives; none where they cannot be known.
#[must_use]
pub fn labels(expr: &Expr) -> Option<Names> {
    let mut reader = Reader {
        context: Context::default(),
        doubts: Vec::new(),
    };
    match reader.read(expr, Use::Value).labels {
        Labels::Closed(labels) => Some(labels),
        _ => None,
    }
}

/// Labels that targets have by their scrape, or by common relabelling.
const TARGET: [&str; 23] = [
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

/// What surrounds an expression.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Use {
    /// Its value counts.
    Value,
    /// Only its growth counts.
    Rate,
    /// Only that it is there counts.
    Presence,
}

#[derive(Debug, Clone, PartialEq)]
enum Labels {
    Unknown,
    /// As scraped: these, and the target's.
    Open(Names),
    /// These and no others.
    Closed(Names),
}

#[derive(Debug, Clone)]
struct Facts {
    labels: Labels,
    low: f64,
    high: f64,
    /// Whose values it still has, put together or not.
    family: Option<&'static Family>,
    /// The series that are read, where it is one name's.
    series: Option<String>,
    /// Whether it is a counter that nothing has taken the rate of.
    raw: bool,
    /// Whether it is a rate.
    rate: bool,
}

const UNKNOWN: Facts = Facts {
    labels: Labels::Unknown,
    low: f64::NEG_INFINITY,
    high: f64::INFINITY,
    family: None,
    series: None,
    raw: false,
    rate: false,
};

struct Reader<'a> {
    context: Context<'a>,
    doubts: Vec<Doubt>,
}

const NEVER: Text = text!("It never gives a result, so the alert never fires.");
const ALWAYS: Text = text!("It is always true, so the alert fires all the time.");

impl Reader<'_> {
    fn doubt(
        &mut self,
        topic: Topic,
        at: usize,
        found: impl Into<String>,
        expected: impl Into<String>,
        why: &'static str,
        fix: impl Into<String>,
    ) -> Option<&mut Doubt> {
        self.doubts.push(Doubt {
            topic,
            at,
            found: found.into(),
            expected: expected.into(),
            why,
            fix: fix.into(),
            edit: None,
            sure: true,
        });
        self.doubts.last_mut()
    }

    fn read(&mut self, expr: &Expr, used: Use) -> Facts {
        match &expr.kind {
            Kind::Number(number) => Facts {
                low: *number,
                high: *number,
                ..UNKNOWN
            },
            Kind::Text(_) => UNKNOWN,
            Kind::Selector { name, matchers } => self.selector(expr.at, name, matchers, used),
            Kind::Moved { of, unitless } => {
                self.unit(*unitless);
                self.read(of, used)
            }
            Kind::Negative(of) => {
                let facts = self.read(of, used);
                Facts {
                    low: -facts.high,
                    high: -facts.low,
                    ..facts
                }
            }
            Kind::Range {
                of,
                subquery,
                unitless,
                ..
            } => {
                self.unit(*unitless);
                if *subquery && used == Use::Rate && sums(of) {
                    let facts = self.read(of, Use::Presence);
                    if facts.raw {
                        self.doubt(
                            Topic::Rate,
                            of.at,
                            "the rate of a sum",
                            text!("the sum of rates: sum(rate(metric[5m]))").as_str(),
                            text!("When one server restarts, the sum falls, and the rate jumps.")
                                .as_str(),
                            text!(
                                "take the rate first, then the sum: sum by (…) (rate(metric[5m]))"
                            )
                            .as_str(),
                        );
                    }
                    return Facts {
                        raw: false,
                        ..facts
                    };
                }
                self.read(of, used)
            }
            Kind::Call { name, arguments } => self.call(expr.at, name, arguments, used),
            Kind::Aggregate {
                name,
                grouping,
                parameter,
                of,
            } => {
                if name == "quantile"
                    && let Some(q) = parameter.as_ref().and_then(|p| p.number())
                {
                    self.fraction(expr.at, name, q);
                }
                self.aggregate(name, grouping.as_ref(), of, used)
            }
            Kind::Binary {
                operator,
                boolean,
                matching,
                many,
                left,
                right,
            } => self.binary(
                expr,
                (operator, *boolean, matching.as_ref(), *many),
                left,
                right,
                used,
            ),
        }
    }

    fn selector(&mut self, at: usize, name: &str, matchers: &[Matcher], used: Use) -> Facts {
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
        let gauge = family.is_some_and(|f| f.kind == Metric::Gauge) || name == "up";
        if gauge && used == Use::Rate {
            self.doubt(
                Topic::Rate,
                at,
                format!("{name}, a gauge, in rate() or increase()"),
                text!("a counter, whose name ends in _total, _sum, _count or _bucket").as_str(),
                text!("rate() takes each fall of a gauge for a restart, so its result means nothing.").as_str(),
                format!("write avg_over_time({name}[5m]) or max_over_time({name}[5m]); delta({name}[5m]) for its change"),
            );
        }
        let (low, high) = match family.map(|f| (f.unit, suffixed)) {
            Some((Unit::Ratio | Unit::Flag, false)) => (0.0, 1.0),
            Some(_) => (0.0, f64::INFINITY),
            None if name == "up" => (0.0, 1.0),
            None if counter => (0.0, f64::INFINITY),
            None => (f64::NEG_INFINITY, f64::INFINITY),
        };
        let labels = match family {
            Some(family) if family.unit != Unit::Info => {
                let own = family.labels.iter().map(|label| label.name.to_owned());
                Labels::Open(own.chain(bucket.then(|| "le".to_owned())).collect())
            }
            _ if name == "up" => Labels::Open(Names::default()),
            _ => Labels::Unknown,
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

    fn matcher(&mut self, name: &str, family: Option<&'static Family>, matcher: &Matcher) {
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
            self.doubt(
                Topic::Selector,
                *at,
                format!("{label}{operator}{value:?}, which compares letter by letter"),
                format!("{label}{regex}{pattern:?}"),
                why.as_str(),
                format!("write {label}{regex}{pattern:?}"),
            );
            return;
        }
        if label == "job"
            && equals
            && self.context.own_jobs
            && !value.contains('/')
            && (family.is_some() || value.contains("vllm"))
        {
            self.doubt(
                Topic::Selector,
                *at,
                format!("job={value:?}"),
                text!("a label that this chart's targets have: model, namespace, pod, vllm_monitoring").as_str(),
                NEVER.as_str(),
                text!("write model=\"<the entry's name>\", or leave job out: the chart's jobs are namespace/name").as_str(),
            );
            return;
        }
        let Some(family) = family else { return };
        if label == "model" && !self.context.entries.is_empty() {
            self.entry(matcher);
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
            let fits = match *operator {
                "=" | "!=" => value.is_empty() || texts.contains(&value.as_str()),
                _ => re2::whole(value)
                    .is_none_or(|p| texts.iter().any(|t| p.is_match(t)) || p.is_match("")),
            };
            if !fits {
                let near = crate::shape::nearest(value, texts.iter().copied());
                let fix = near.map_or_else(
                    || format!("write one of them: {}", texts.join(", ")),
                    |near| format!("did you mean {label}{operator}{near:?}?"),
                );
                self.doubt(
                    Topic::Selector,
                    *at,
                    format!("{label}{operator}{value:?}"),
                    format!("one of {}", texts.join(", ")),
                    why.as_str(),
                    fix,
                );
            } else if equals && label == "finished_reason" && value == "abort" {
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

    /// The label model names an entry of `models`; the name that vLLM serves is in model_name.
    fn entry(&mut self, matcher: &Matcher) {
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
    fn status(&mut self, matcher: &Matcher, why: &'static str) {
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
        let fix = match value.chars().next() {
            Some(class @ '1'..='5') => {
                let operator = operator.replace('~', "");
                format!("write status{operator}\"{class}xx\"")
            }
            _ => text!("write status=\"5xx\"").as_str().to_owned(),
        };
        let doubt = self.doubt(
            Topic::Selector,
            *at,
            format!("status{operator}{value:?}"),
            text!("a class, as vLLM writes it: 2xx, 3xx, 4xx or 5xx").as_str(),
            why,
            fix,
        );
        unsure(doubt);
    }

    /// A label that the family lacks, and that is near one that it has.
    fn label(&mut self, family: &Family, bucket: bool, at: usize, label: &str, why: &'static str) {
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
            "finish_reason" | "stop_reason" => "finished_reason",
            "modelname" | "served_model_name" | "model_id" => "model_name",
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
            doubt.edit = Some((label.to_owned(), near.to_owned()));
            // Other servers count HTTP requests too.
            doubt.sure = family.name.starts_with("vllm:");
        }
    }

    fn bound(&mut self, family: &Family, matcher: &Matcher) {
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
        let seconds: Option<f64> = value.parse().ok();
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
        self.doubt(
            Topic::Selector,
            matcher.at,
            found,
            expected,
            NEVER.as_str(),
            fix,
        );
    }

    fn call(&mut self, at: usize, name: &str, arguments: &[Expr], used: Use) -> Facts {
        let last = arguments.last();
        let Some(first) = arguments.first() else {
            return UNKNOWN;
        };
        match name {
            "rate" | "irate" | "increase" => {
                self.window(first);
                let facts = self.read(first, Use::Rate);
                Facts {
                    low: 0.0,
                    high: f64::INFINITY,
                    raw: false,
                    rate: true,
                    ..facts
                }
            }
            "resets" | "changes" | "count_over_time" | "present_over_time" | "timestamp" => {
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
                    self.fraction(at, name, q);
                }
                last.map_or(UNKNOWN, |of| self.read(of, used))
            }
            "histogram_quantile" => last.map_or(UNKNOWN, |of| self.quantile(at, first, of)),
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
    fn unit(&mut self, unitless: Option<(usize, f64)>) {
        let Some((at, number)) = unitless.filter(|(_, number)| *number > 0.0) else {
            return;
        };
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
    fn window(&mut self, range: &Expr) {
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
            let show = crate::rules::duration;
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
    fn fraction(&mut self, at: usize, name: &str, q: f64) {
        if (0.0..=1.0).contains(&q) {
            return;
        }
        let meant = if (1.0..=100.0).contains(&q) {
            format!("write {}", q / 100.0)
        } else {
            text!("write a number between 0 and 1, such as 0.99")
                .as_str()
                .to_owned()
        };
        self.doubt(
            Topic::Quantile,
            at,
            format!("{name}({q}, …)"),
            text!("a number between 0 and 1: the 99th percentile is 0.99").as_str(),
            text!("Outside of it the result is infinite, whatever was measured.").as_str(),
            meant,
        );
    }

    fn quantile(&mut self, at: usize, q: &Expr, of: &Expr) -> Facts {
        if let Some(q) = q.number() {
            self.fraction(at, "histogram_quantile", q);
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
                    text!("keep le: sum by (le) (rate(…_bucket[5m]))")
                        .as_str()
                        .to_owned(),
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
            self.doubt(
                Topic::Quantile,
                at,
                found,
                text!("buckets, with their label le").as_str(),
                NEVER.as_str(),
                fix,
            );
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

    fn aggregate(
        &mut self,
        name: &str,
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
            "count" => (1.0, f64::INFINITY),
            _ => (0.0, f64::INFINITY),
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
            ) => Labels::Closed(labels.iter().map(|label| label.name.clone()).collect()),
            (_, Some(Grouping { labels, .. }), mut left) => {
                if let Labels::Open(set) | Labels::Closed(set) = &mut left {
                    set.retain(&mut |label| !labels.iter().any(|gone| gone.name == *label));
                }
                // Without `instance` it is no more what was scraped.
                match left {
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

    fn binary(
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
        let grown = operator == "-" && same_series(left, right);
        let untouched = comparison
            && matches!(operator, "==" | "!=")
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
        if vectors && matching.is_none() && !matches!(operator, "or" | "unless") {
            self.matching(expr.at, operator, &a, &b);
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
            match (left.number(), right.number()) {
                (None, Some(limit)) => self.compare(expr.at, operator, &a, limit),
                (Some(limit), None) => self.compare(expr.at, mirrored(operator), &b, limit),
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
        let (low, high) = interval(operator, &a, &b);
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

    fn matching(&mut self, at: usize, operator: &str, a: &Facts, b: &Facts) {
        let differ: Names = match (&a.labels, &b.labels) {
            (Labels::Closed(a), Labels::Closed(b)) | (Labels::Open(a), Labels::Open(b)) => {
                let (first, second) = (a.iter(), b.iter());
                (first.filter(|label| !b.contains(label)))
                    .chain(second.filter(|label| !a.contains(label)))
                    .collect()
            }
            (Labels::Closed(closed), Labels::Open(open))
            | (Labels::Open(open), Labels::Closed(closed)) => {
                if closed.contains("instance") && open.is_subset(closed) {
                    return;
                }
                let all = open.iter().chain(["instance", "job"]);
                all.filter(|label| !closed.contains(label)).collect()
            }
            _ => Names::default(),
        };
        if differ.is_empty() {
            return;
        }
        let named = differ.joined();
        let on = match (&a.labels, &b.labels) {
            (Labels::Closed(a) | Labels::Open(a), Labels::Closed(b) | Labels::Open(b)) => {
                let common: Names = a.iter().filter(|label| b.contains(label)).collect();
                common.joined()
            }
            _ => String::new(),
        };
        self.doubt(
            Topic::Matching,
            at,
            format!("`{operator}` between series of which only one side has {named}"),
            text!("the same labels on both sides, or on (…) / ignoring (…)").as_str(),
            text!("No series of one side has a partner on the other: it never gives a result.").as_str(),
            if on.is_empty() {
                format!("put both sides together by the same labels, or write {operator} ignoring ({named})")
            } else {
                format!("put both sides together by ({on}), or write {operator} on ({on})")
            },
        );
    }

    fn compare(&mut self, at: usize, operator: &str, facts: &Facts, limit: f64) {
        let (low, high) = (facts.low, facts.high);
        let never = match operator {
            ">" => limit >= high,
            ">=" => limit > high,
            "<" => limit <= low,
            "<=" => limit < low,
            "==" => limit > high || limit < low,
            _ => false,
        };
        let always = match operator {
            ">" => limit < low,
            ">=" => limit <= low,
            "<" => limit > high,
            "<=" => limit >= high,
            "!=" => limit > high || limit < low,
            _ => false,
        };
        // `>= 0` takes out what is no number.
        if operator == ">=" && limit == 0.0 {
            return;
        }
        // A constant, or something that is only there or not.
        if !(never || always) || (low - high).abs() < f64::EPSILON {
            return;
        }
        let range = if high.is_finite() {
            format!("a value between {low} and {high}")
        } else {
            format!("a value of at least {low}")
        };
        let seconds = facts.family.is_some_and(|f| f.unit == Unit::Seconds);
        let fix = if high <= 1.0 && limit > 1.0 && limit <= 100.0 {
            format!("a ratio goes from 0 to 1: write {}", limit / 100.0)
        } else if high == 100.0 && limit > 100.0 {
            text!("a percentage goes from 0 to 100: write a number between them")
                .as_str()
                .to_owned()
        } else if never && seconds && limit / 1000.0 < high && limit > high {
            format!("write seconds: {}", limit / 1000.0)
        } else {
            text!("choose a number that can be crossed")
                .as_str()
                .to_owned()
        };
        self.doubt(
            Topic::Threshold,
            at,
            format!("`{operator} {limit}` for {range}"),
            text!("a number that the value can cross").as_str(),
            if never {
                NEVER.as_str()
            } else {
                ALWAYS.as_str()
            },
            fix,
        );
    }

    /// An alert fires for each series that its expression gives.
    fn condition(&mut self, expr: &Expr) {
        let mut names = Vec::new();
        expr.metrics(&mut names);
        let ours = |name: &str| {
            !name.contains(':') || name.starts_with("vllm:") || name.contains(":vllm_")
        };
        if let Kind::Binary {
            operator,
            boolean: true,
            ..
        } = &expr.kind
        {
            self.doubt(
                Topic::Condition,
                expr.at,
                format!("`{operator} bool`, whose result is 0 or 1"),
                format!("`{operator}` without bool"),
                text!("An alert fires for every series that its expression gives, also where the value is 0.").as_str(),
                "leave bool out",
            );
        } else if !filters(expr) && names.iter().any(|(_, name)| ours(name)) {
            self.doubt(
                Topic::Condition,
                expr.at,
                "no comparison",
                text!("a condition, such as > 10, or absent(…)").as_str(),
                text!("An alert fires for every series that its expression gives, also where the value is 0.").as_str(),
                text!("compare it with the number from which on it is a problem").as_str(),
            );
        }
    }
}

fn unsure(doubt: Option<&mut Doubt>) {
    if let Some(doubt) = doubt {
        doubt.sure = false;
    }
}

const ALWAYS_FITS: Text = text!("It excludes nothing: every series fits.");

fn without_le(labels: &Names) -> Names {
    labels.iter().filter(|label| *label != "le").collect()
}

/// Whether an aggregation is in it.
fn sums(expr: &Expr) -> bool {
    matches!(expr.kind, Kind::Aggregate { .. }) || expr.parts().into_iter().any(sums)
}

/// Whether it gives fewer series than it reads.
fn filters(expr: &Expr) -> bool {
    let itself = match &expr.kind {
        Kind::Binary {
            operator, boolean, ..
        } => {
            matches!(*operator, "and" | "unless")
                || (matches!(*operator, "==" | "!=" | "<" | ">" | "<=" | ">=") && !boolean)
        }
        Kind::Call { name, .. } => name.starts_with("absent"),
        _ => false,
    };
    itself || expr.parts().into_iter().any(filters)
}

/// How many matchers a side has.
fn narrowed(expr: &Expr) -> usize {
    let own = match &expr.kind {
        Kind::Selector { matchers, .. } => matchers.len(),
        _ => 0,
    };
    own + expr.parts().into_iter().map(narrowed).sum::<usize>()
}

/// Whether both are one counter at two times.
fn same_series(left: &Expr, right: &Expr) -> bool {
    let [a, b] = [left, right].map(|side| {
        let mut names = Vec::new();
        side.metrics(&mut names);
        names.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    });
    !a.is_empty() && a == b
}

/// `<` of `>`.
fn mirrored(operator: &str) -> &str {
    match operator {
        ">" => "<",
        "<" => ">",
        ">=" => "<=",
        "<=" => ">=",
        other => other,
    }
}

/// Least and most of `a operator b`.
fn interval(operator: &str, a: &Facts, b: &Facts) -> (f64, f64) {
    let all = (f64::NEG_INFINITY, f64::INFINITY);
    let (low, high) = match operator {
        "+" => (a.low + b.low, a.high + b.high),
        "-" => (a.low - b.high, a.high - b.low),
        "*" if a.low >= 0.0 && b.low >= 0.0 => (a.low * b.low, a.high * b.high),
        "/" if part_of(a, b) => (0.0, 1.0),
        "/" if a.low >= 0.0 && b.low > 0.0 => (a.low / b.high, a.high / b.low),
        "/" if a.low >= 0.0 && b.low >= 0.0 => (0.0, f64::INFINITY),
        _ => all,
    };
    if low.is_nan() || high.is_nan() {
        return all;
    }
    (low, high)
}

/// Whether one rate counts a part of what the other counts.
fn part_of(a: &Facts, b: &Facts) -> bool {
    let (Some(part), Some(whole)) = (&a.series, &b.series) else {
        return false;
    };
    let ends = [
        ("_hits_total", "_queries_total"),
        ("_bucket", "_count"),
        ("_accepted_tokens_total", "_draft_tokens_total"),
    ];
    a.rate
        && b.rate
        && ends.iter().any(|(x, y)| {
            part.strip_suffix(x)
                .is_some_and(|stem| whole.strip_suffix(y) == Some(stem))
        })
}
