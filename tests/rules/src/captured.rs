//! `/metrics` bodies, captured or simulated, as input series for promtool.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_yaml::Value;

use crate::cases::OWN;

/// Seconds between two captured bodies.
const STEP: u64 = 5;

/// What was scraped of one or more servers.
#[derive(Debug, Default)]
pub struct Captured {
    /// Series as promtool writes them, with this release's target labels; a value by step.
    pub series: BTreeMap<String, Vec<Option<String>>>,
    /// How many steps there are.
    pub steps: usize,
}

impl Captured {
    /// Reads `scrapes.tar.gz` of a version's folder.
    ///
    /// # Errors
    /// When the archive cannot be read or holds no body.
    pub fn read(folder: &Path) -> Result<Self> {
        let archive = folder.join("scrapes.tar.gz");
        let file = std::fs::File::open(&archive).with_context(|| archive.display().to_string())?;
        let mut bodies = BTreeMap::new();
        for entry in tar::Archive::new(flate2::read::GzDecoder::new(file)).entries()? {
            let mut entry = entry?;
            let path = entry.path()?.into_owned();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let time = name
                .strip_prefix("scrape-")
                .and_then(|name| name.strip_suffix(".txt"))
                .and_then(|seconds| seconds.parse::<u64>().ok());
            if let Some(time) = time {
                let mut body = String::new();
                entry.read_to_string(&mut body)?;
                bodies.insert(time, body);
            }
        }
        let Some(first) = bodies.keys().next().copied() else {
            bail!("{}: found no scrape-<seconds>.txt", archive.display());
        };
        // The time at which a body came is not sharp.
        let step = |time: u64| ((time - first + STEP / 2) / STEP) as usize;
        let mut captured = Self::default();
        for (time, body) in &bodies {
            captured.scrape(step(*time), "p0", Some(body));
        }
        Ok(captured)
    }

    /// Adds what a pod answered, or that it did not.
    pub fn scrape(&mut self, step: usize, pod: &str, body: Option<&str>) {
        let target = format!(r#"{OWN}, namespace="inference", pod="{pod}""#);
        self.add(
            step,
            &format!("up{{{target}}}"),
            if body.is_some() { "1" } else { "0" },
        );
        for line in body
            .unwrap_or_default()
            .lines()
            .filter(|line| !line.starts_with('#'))
        {
            let Some((series, value)) = line.rsplit_once(' ') else {
                continue;
            };
            let labelled = match series.split_once('{') {
                Some((name, labels)) => format!("{name}{{{target}, {labels}"),
                None => format!("{series}{{{target}}}"),
            };
            self.add(step, &labelled, value);
        }
    }

    /// Adds one sample.
    pub fn add(&mut self, step: usize, series: &str, value: &str) {
        self.steps = self.steps.max(step + 1);
        let values = self.series.entry(series.to_owned()).or_default();
        values.resize(step, None);
        values.push(Some(value.to_owned()));
    }

    /// Leaves only the series whose name is kept.
    pub fn retain(&mut self, keeps: impl Fn(&str) -> bool) {
        self.series
            .retain(|series, _| series.split('{').next().is_some_and(&keeps));
    }

    /// Names of the metrics, as the server wrote them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.series
            .keys()
            .filter_map(|series| series.split('{').next())
    }

    /// The captured series of these metrics as promtool's `input_series`.
    #[must_use]
    pub fn input(&self, wanted: impl Fn(&str) -> bool) -> Vec<Value> {
        let chosen = self
            .series
            .iter()
            .filter(|(series, _)| series.split('{').next().is_some_and(&wanted));
        chosen
            .map(|(series, values)| {
                // A series that is not there any more is seen to be gone once.
                let mut words = Vec::with_capacity(self.steps);
                let mut before = false;
                for step in 0..self.steps {
                    let value = values.get(step).and_then(Option::as_deref);
                    words.push(value.unwrap_or(if before { "stale" } else { "_" }));
                    before = value.is_some();
                }
                let mut input = serde_yaml::Mapping::new();
                input.insert("series".into(), series.as_str().into());
                input.insert("values".into(), words.join(" ").into());
                Value::Mapping(input)
            })
            .collect()
    }
}
