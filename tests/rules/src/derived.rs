//! What happens to the two inputs of an alert, and what must come of it.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_yaml::{Mapping, Value};

use crate::cases::{Cases, OTHERS, OWN, written_out};
use crate::timeline::{Sample, Timeline};

type Series = BTreeMap<String, Timeline>;

/// Series with their values as promtool reads them, and how many minutes they last.
#[derive(Default)]
struct Written {
    series: BTreeMap<String, String>,
    minutes: usize,
}

impl From<Series> for Written {
    fn from(series: Series) -> Self {
        let minutes = series.values().map(|t| t.0.len()).max().unwrap_or(0);
        let series = series.into_iter().map(|(name, t)| (name, t.text()));
        Self {
            series: series.collect(),
            minutes,
        }
    }
}

/// Classic histograms as Prometheus stores them with `convert_classic_histograms_to_nhcb`: one native
/// histogram with custom bounds of the family's own name; what is no histogram is left as it is. A
/// family of which only the count is known has all observations in one bucket.
fn native(series: &Series) -> Written {
    let mut families: BTreeMap<String, BTreeMap<String, &Timeline>> = BTreeMap::new();
    let mut rest = Series::new();
    for (name, timeline) in series {
        let (metric, labels) = name.split_once('{').unwrap_or((name, "}"));
        let part = ["_bucket", "_count", "_sum"]
            .iter()
            .find_map(|part| Some((metric.strip_suffix(part)?, *part)));
        let Some((family, part)) = part.filter(|_| metric.starts_with("vllm:")) else {
            rest.insert(name.clone(), timeline.clone());
            continue;
        };
        let (labels, le) = without_le(labels);
        let key = if part == "_bucket" {
            le
        } else {
            part.to_owned()
        };
        let of_family = families.entry(format!("{family}{{{labels}")).or_default();
        of_family.insert(key, timeline);
    }
    let mut written = Written::from(rest);
    for (name, parts) in families {
        let mut bounds: Vec<(f64, &Timeline)> = parts
            .iter()
            .filter_map(|(le, t)| Some((le.parse::<f64>().ok()?, *t)))
            .collect();
        bounds.sort_by(|a, b| a.0.total_cmp(&b.0));
        if bounds.last().is_none_or(|(le, _)| le.is_finite())
            && let Some(count) = parts.get("_count")
        {
            bounds.push((f64::INFINITY, count));
        }
        let Some((_, all)) = bounds.last().copied() else {
            continue;
        };
        let finite: Vec<String> = bounds
            .iter()
            .filter(|(le, _)| le.is_finite())
            .map(|(le, _)| le.to_string())
            .collect();
        // Without a bound there is no native histogram with custom bounds: one that nothing exceeds.
        let custom = if finite.is_empty() {
            "1".to_owned()
        } else {
            finite.join(" ")
        };
        let samples = (0..all.0.len()).map(|minute| {
            let value = |t: &Timeline| match t.0.get(minute) {
                Some(Sample::Value(value)) => Some(*value),
                _ => None,
            };
            let Some(count) = value(all) else {
                return if all.0[minute] == Sample::Stale {
                    "stale"
                } else {
                    "_"
                }
                .to_owned();
            };
            let mut below = 0.0;
            let buckets: Vec<String> = bounds
                .iter()
                .map(|(_, t)| {
                    let upto = value(t).unwrap_or(below);
                    let inside = upto - below;
                    below = upto;
                    inside.to_string()
                })
                .collect();
            let sum = parts.get("_sum").and_then(|t| value(t)).unwrap_or(count);
            format!(
                "{{{{schema:-53 custom_values:[{custom}] count:{count} sum:{sum} buckets:[{}]}}}}",
                buckets.join(" ")
            )
        });
        let text = samples.collect::<Vec<_>>().join(" ");
        written.minutes = written.minutes.max(all.0.len());
        written.series.insert(name, text);
    }
    written
}

/// Labels (with the closing brace) without `le`, and its value.
fn without_le(labels: &str) -> (String, String) {
    let Some((before, rest)) = labels.split_once("le=\"") else {
        return (labels.to_owned(), String::new());
    };
    let (le, after) = rest.split_once('"').unwrap_or((rest, ""));
    let before = before.trim_end_matches([' ', ',']);
    (format!("{before}{after}"), le.replace("+Inf", "inf"))
}

/// A minute by which every window is filled, at which something happens.
const EVENT: usize = 15;

/// The derived cases of an alert that is always raised.
pub const ALWAYS: [&str; 3] = ["fires", "gap", "outage"];

/// One timeline with what must come of it.
pub struct Case {
    /// What it shows: `fires`, `not-yet`, `healthy`, `reset`, `gap`, `recovery`, `outage`,
    /// `le-plain`, `native`, or a name of its own.
    pub name: String,
    input: Written,
    alert_tests: Vec<Value>,
    query_tests: Vec<Value>,
}

impl Case {
    fn new(name: &str, input: impl Into<Written>) -> Self {
        Self {
            name: name.to_owned(),
            input: input.into(),
            alert_tests: Vec::new(),
            query_tests: Vec::new(),
        }
    }

    /// Expects that many raised alerts at a minute.
    fn raised(mut self, alert: &str, minute: usize, count: usize) -> Self {
        // promtool names the query that failed, not its test: the name stands in a comment of it.
        let expr = format!(
            r#"count(ALERTS{{alertname="{alert}", alertstate="firing", vllm_monitoring="monitoring/vllm-monitoring"}}) # {}"#,
            self.name
        );
        self.query_tests
            .push(query(&expr, minute, (count > 0).then_some(count as f64)));
        self
    }

    /// Expects none, looked at every five minutes.
    fn never(mut self, alert: &str) -> Self {
        for minute in (5..self.input.minutes).step_by(5) {
            self = self.raised(alert, minute, 0);
        }
        self
    }

    /// The case as promtool reads it; `doubled`: with every series also scraped by others.
    #[must_use]
    pub fn promtool(&self, alert: &str, doubled: bool) -> Value {
        let mut input = Vec::new();
        for (series, values) in &self.input.series {
            let mut add = |series: String| {
                input.push(mapping([
                    ("series", series.into()),
                    ("values", values.as_str().into()),
                ]));
            };
            add(series.clone());
            if !doubled {
                continue;
            }
            if series.contains(OWN) {
                OTHERS
                    .iter()
                    .for_each(|other| add(series.replace(OWN, other)));
            } else if ![
                "vllm_monitoring=",
                "balancer_of=",
                "spans_of=",
                "watcher_of=",
                "probe_of=",
            ]
            .iter()
            .any(|own| series.contains(own))
            {
                add(series.replacen('{', r#"{prometheus="second", "#, 1));
            }
        }
        mapping([
            (
                "name",
                format!(
                    "{alert} {}{}",
                    self.name,
                    if doubled { " doubled" } else { "" }
                )
                .into(),
            ),
            ("interval", "1m".into()),
            ("input_series", input.into()),
            ("alert_rule_test", self.alert_tests.clone().into()),
            ("promql_expr_test", self.query_tests.clone().into()),
        ])
    }
}

fn mapping<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let fields = fields.into_iter().map(|(k, v)| (Value::from(k), v));
    Value::Mapping(fields.collect::<Mapping>())
}

fn query(expr: &str, minute: usize, value: Option<f64>) -> Value {
    let samples: Vec<Value> = value
        .into_iter()
        .map(|v| mapping([("labels", "{}".into()), ("value", v.into())]))
        .collect();
    mapping([
        ("expr", expr.into()),
        ("eval_time", format!("{minute}m").into()),
        ("exp_samples", samples.into()),
    ])
}

fn is_counter(series: &str) -> bool {
    let name = series.split('{').next().unwrap_or(series);
    // The collector's counters have no suffix.
    let gauge = ["_queue", "_state", "_num_backends", "_on_memory"]
        .iter()
        .any(|part| name.contains(part));
    ["_total", "_count", "_sum", "_bucket"]
        .iter()
        .any(|s| name.ends_with(s))
        || (name.starts_with("otelcol_") && !gauge)
}

/// `before` until `minute`, then `after`; a series that one of them lacks is gone meanwhile.
fn joined(before: &Series, minute: usize, after: &Series) -> Series {
    let length = before.values().map(|t| t.0.len()).max().unwrap_or(0);
    let absent = Timeline(vec![Sample::Missing; length]);
    let gone = Timeline(vec![Sample::Stale]);
    let names = before.keys().chain(after.keys());
    names
        .map(|name| {
            let first = before.get(name).unwrap_or(&absent);
            let then = after.get(name).unwrap_or(&gone);
            (name.clone(), first.then(minute, then, is_counter(name)))
        })
        .collect()
}

fn each(series: &Series, change: impl Fn(&str, &Timeline) -> Timeline) -> Series {
    series
        .iter()
        .map(|(name, t)| (name.clone(), change(name, t)))
        .collect()
}

/// Every case of an alert whose rule is `rule`: the derived ones and its own.
///
/// # Errors
/// When the file's values are not in promtool's notation, or the rule is not complete.
pub fn derive(file: &Cases, rule: &Value) -> Result<Vec<Case>> {
    let alert = file.alert.as_str();
    let fires = written_out(&file.fires)?;
    let healthy = written_out(&file.healthy)?;
    let reset = |name: &str, t: &Timeline| {
        if is_counter(name) {
            t.with_reset(EVENT)
        } else {
            t.clone()
        }
    };
    let gap = |_: &str, t: &Timeline| t.with_gap(EVENT);
    let change = file.changes_at;
    let end = change + file.recovers_within;
    let all = 1 + file.also.len();
    let late = EVENT + file.at_minute;
    let waits = minutes(rule["for"].as_str().context("a rule without for")?)?;
    let mut cases = vec![
        Case {
            alert_tests: vec![raised_in_full(file, rule)],
            ..Case::new("fires", fires.clone())
        },
        Case::new("not-yet", joined(&healthy, change, &fires)).raised(
            alert,
            change + waits.saturating_sub(1),
            0,
        ),
        Case::new("healthy", healthy.clone()).never(alert),
        Case::new("recovery", joined(&fires, change, &healthy))
            .raised(alert, change - 1, all)
            .raised(alert, end, file.after_recovery),
        Case::new("gap", each(&fires, gap)).raised(alert, late, all),
        Case::new("gap-healthy", each(&healthy, gap)).never(alert),
        Case::new("outage", each(&fires, |_, t| t.ended_at(EVENT))).raised(
            alert,
            late + 30,
            file.after_outage,
        ),
    ];
    if file.always {
        cases.retain(|case| ALWAYS.contains(&case.name.as_str()));
    }
    if fires.keys().any(|name| is_counter(name)) {
        cases.push(Case::new("reset", each(&fires, reset)).raised(alert, late, all));
        cases.push(Case::new("reset-healthy", each(&healthy, reset)).never(alert));
    }
    if fires.keys().any(|name| name.contains("le=\"")) {
        let plain = |(name, t): (&String, &Timeline)| (name.replace(".0\"", "\""), t.clone());
        let input: Series = fires.iter().map(plain).collect();
        cases.push(Case::new("le-plain", input).raised(alert, file.at_minute, all));
        cases.push(Case::new("native", native(&fires)).raised(alert, file.at_minute, all));
        cases.push(Case::new("native-healthy", native(&healthy)).never(alert));
    }
    for (name, more) in &file.more {
        let mut case = Case::new(name, written_out(&more.input)?);
        for (minute, count) in &more.raised {
            case = case.raised(alert, *minute, *count);
        }
        let end = case.input.minutes.saturating_sub(1);
        for (expr, value) in &more.values {
            case.query_tests.push(query(expr, end, Some(*value)));
        }
        cases.push(case);
    }
    Ok(cases)
}

/// The alert as it must read; what never changes is taken from the rule.
fn raised_in_full(file: &Cases, rule: &Value) -> Value {
    let mut labels: BTreeMap<&str, &str> = file
        .labels
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    labels.insert("vllm_monitoring", "monitoring/vllm-monitoring");
    labels.insert(
        "severity",
        rule["labels"]["severity"].as_str().unwrap_or_default(),
    );
    let expected = |labels: &BTreeMap<&str, &str>, description: &str| {
        let mut annotations = rule["annotations"].clone();
        annotations["description"] = description.into();
        let labels = labels.iter().map(|(k, v)| ((*k).into(), (*v).into()));
        mapping([
            ("exp_labels", Value::Mapping(labels.collect())),
            ("exp_annotations", annotations),
        ])
    };
    let mut raised = vec![expected(&labels, &file.description)];
    for also in &file.also {
        labels.extend(also.labels.iter().map(|(k, v)| (k.as_str(), v.as_str())));
        raised.push(expected(&labels, &also.description));
    }
    mapping([
        ("eval_time", format!("{}m", file.at_minute).into()),
        ("alertname", file.alert.as_str().into()),
        ("exp_alerts", raised.into()),
    ])
}

/// `5m` and `1h` in minutes, rounded down.
fn minutes(duration: &str) -> Result<usize> {
    let number = |unit| duration.strip_suffix(unit).map(str::parse::<usize>);
    match (number('m'), number('h'), number('s')) {
        (Some(n), _, _) => Ok(n?),
        (_, Some(n), _) => Ok(n? * 60),
        (_, _, Some(n)) => Ok(n? / 60),
        _ => anyhow::bail!("for: found {duration}, expected one number and one unit"),
    }
}
