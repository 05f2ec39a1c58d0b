//! The files in `cases/`.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::here;
use crate::timeline::Timeline;

/// Series with their values, as promtool writes them, one sample a minute.
///
/// In a series' braces stand short forms of the labels of a target: `$vllm(p0)` and `$vllm(p0,1)`
/// for a series of vLLM in a pod (and its engine), `$pod(p0)` for its target, `$probe(p0)` for the
/// target of the probe that is asked about it, `$collector` for the
/// collector's, `$spans` for its counts of request spans, `$balancer(0)` for a balancer's,
/// `$prometheus` and `$alertmanager(0)` for those of standalone mode.
pub type Input = BTreeMap<String, String>;

/// What is known of one alert: the file `cases/<alert>.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Cases {
    /// The alert's name, which is also the file's.
    pub alert: String,
    /// Labels of the raised alert, `vllm_monitoring` and `severity` apart.
    pub labels: BTreeMap<String, String>,
    /// Its description in the case `fires`.
    pub description: String,
    /// Whether it is always raised: then there is no `healthy` that could differ.
    #[serde(default)]
    pub always: bool,
    /// When it has been raised in the case `fires`.
    #[serde(default = "twenty")]
    pub at_minute: usize,
    /// What raises it.
    pub fires: Input,
    /// Why `healthy` is none.
    pub healthy_why: String,
    /// What resembles it.
    pub healthy: Input,
    /// What is raised beside it: the same alert by another rule, of another severity.
    #[serde(default)]
    pub also: Vec<Also>,
    /// How many are raised long after every target has gone.
    #[serde(default)]
    pub after_outage: usize,
    /// How many are raised yet when the cause has been over for `recovers-within`.
    #[serde(default)]
    pub after_recovery: usize,
    /// How many minutes the cause must be over before the alert must be.
    #[serde(default = "twenty")]
    pub recovers_within: usize,
    /// The minute at which one state passes into the other, for `not-yet` and `recovery`.
    #[serde(default = "thirty")]
    pub changes_at: usize,
    /// Further cases by name.
    #[serde(default)]
    pub more: BTreeMap<String, More>,
}

/// A second alert of the same name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Also {
    /// Labels that differ.
    pub labels: BTreeMap<String, String>,
    /// Its description.
    pub description: String,
}

/// A case that is not derived.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct More {
    /// What it is about.
    pub why: String,
    /// What is scraped.
    pub input: Input,
    /// By minute: how many alerts of this name are raised.
    #[serde(default)]
    pub raised: BTreeMap<usize, usize>,
    /// By query: the one value it has at the end.
    #[serde(default)]
    pub values: BTreeMap<String, f64>,
}

const fn twenty() -> usize {
    20
}

const fn thirty() -> usize {
    30
}

/// Every file of cases.
///
/// # Errors
/// When a file cannot be read, or is not of the form of [`Cases`].
pub fn cases() -> Result<Vec<Cases>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(here().join("cases"))? {
        let path = entry?.path();
        let text = fs::read_to_string(&path)?;
        all.push(serde_yaml::from_str(&text).with_context(|| path.display().to_string())?);
    }
    Ok(all)
}

/// The target labels of this release's and of two other scrapes of the same pods.
pub const OWN: &str = r#"vllm_monitoring="monitoring/vllm-monitoring", model="qwen3""#;
/// See [`OWN`].
pub const OTHERS: [&str; 2] = [
    r#"job="foreign""#,
    r#"vllm_monitoring="monitoring/other", model="any""#,
];
const COLLECTOR: &str = r#"vllm_monitoring="monitoring/vllm-monitoring", namespace="monitoring", pod="vllm-monitoring-collector-0""#;

/// An input with its short forms written out and its values read.
///
/// # Errors
/// When values are not in promtool's notation.
pub fn written_out(input: &Input) -> Result<BTreeMap<String, Timeline>> {
    let mut out = BTreeMap::new();
    for (series, values) in input {
        let timeline = Timeline::parse(values).with_context(|| series.clone())?;
        out.insert(labels_of(series), timeline);
    }
    Ok(out)
}
const BALANCER: &str = r#"balancer_of="monitoring/vllm-monitoring", namespace="monitoring", pod="vllm-monitoring-balancer"#;

const PROBE: &str = r#"probe_of="monitoring/vllm-monitoring", model="qwen3""#;
const PROMETHEUS: &str =
    r#"watcher_of="monitoring/vllm-monitoring", job="prometheus", instance="127.0.0.1:9090""#;
const ALERTMANAGER: &str = r#"watcher_of="monitoring/vllm-monitoring", job="alertmanager", namespace="monitoring", pod="vllm-monitoring-alertmanager"#;

/// A series with its short forms written out.
#[must_use]
pub fn labels_of(series: &str) -> String {
    let spans = COLLECTOR.replacen("vllm_monitoring", "spans_of", 1);
    let mut text = series
        .replace("$collector", COLLECTOR)
        .replace("$spans", &spans);
    text = text.replace("$prometheus", PROMETHEUS);
    for (form, labels) in [("$balancer", BALANCER), ("$alertmanager", ALERTMANAGER)] {
        for number in ["0", "1"] {
            let short = format!("{form}({number})");
            text = text.replace(&short, &format!("{labels}-{number}\""));
        }
    }
    for (form, own) in [("$vllm(", OWN), ("$pod(", OWN), ("$probe(", PROBE)] {
        while let Some(start) = text.find(form) {
            let rest = &text[start + form.len()..];
            let (inside, after) = rest.split_once(')').unwrap_or((rest, ""));
            let (pod, engine) = inside.split_once(',').unwrap_or((inside, "0"));
            let mut labels = format!(r#"{own}, namespace="inference", pod="{pod}""#);
            if form == "$vllm(" {
                labels += &format!(r#", model_name="Qwen/Qwen3-235B", engine="{engine}""#);
            }
            text = format!("{}{labels}{after}", &text[..start]);
        }
    }
    text
}
