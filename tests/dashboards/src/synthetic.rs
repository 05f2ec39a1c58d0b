//! Hours of a fleet, made of bodies that a real vLLM 0.32.0 exported under load.
//!
//! Counters go on from the first to the last captured body at each pod's own pace; gauges repeat
//! what was captured. Only families that rules or dashboards read are written: the others cost
//! nothing in a query.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};

/// The labels of this release's targets, as [`rules_tests::cases::OWN`] has them.
const OWN: &str = rules_tests::cases::OWN;

/// A sample of the captured server.
struct Line {
    name: String,
    labels: String,
    /// In each body.
    values: Vec<f64>,
}

/// A fleet of one model.
pub struct Fleet {
    lines: Vec<Line>,
    pods: usize,
}

impl Fleet {
    /// So many pods, with the series whose name is wanted.
    ///
    /// # Errors
    /// When the captured bodies cannot be read.
    pub fn new(pods: usize, wanted: &BTreeSet<String>) -> Result<Self> {
        let folder = harness::repo::root().join("tests/fixtures/vllm/0.32.0");
        let mut lines: Vec<Line> = Vec::new();
        for number in 1..=4 {
            let path = folder.join(format!("metrics-loaded-{number}.txt"));
            let body = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let samples = body.lines().filter(|line| !line.starts_with('#'));
            for (i, line) in samples
                .filter(|line| wanted.contains(name(line)))
                .enumerate()
            {
                let (series, value) = line.rsplit_once(' ').context("a line without a value")?;
                let value: f64 = value.parse()?;
                if number == 1 {
                    let labels = series
                        .split_once('{')
                        .map_or("", |(_, l)| l.trim_end_matches('}'));
                    lines.push(Line {
                        name: name(line).to_owned(),
                        labels: labels.to_owned(),
                        values: Vec::new(),
                    });
                }
                lines
                    .get_mut(i)
                    .context("bodies with different series")?
                    .values
                    .push(value);
            }
        }
        Ok(Self { lines, pods })
    }

    /// Names of its series.
    #[must_use]
    pub fn names(&self) -> BTreeSet<String> {
        let lines = self.lines.iter().map(|line| line.name.clone());
        lines.chain(["up".to_owned()]).collect()
    }

    /// Writes the samples of a time, unix seconds, as OpenMetrics text.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(
        &self,
        path: &Path,
        (start, end): (u64, u64),
        scrape: u64,
        origin: u64,
    ) -> Result<()> {
        let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
        for pod in 0..self.pods {
            let target = format!(r#"{OWN},namespace="inference",pod="p{pod}""#).replace(", ", ",");
            for time in (start..end).step_by(usize::try_from(scrape)?) {
                writeln!(out, "up{{{target}}} 1 {time}")?;
            }
            for line in &self.lines {
                let labels = if line.labels.is_empty() {
                    target.clone()
                } else {
                    format!("{target},{}", line.labels)
                };
                for time in (start..end).step_by(usize::try_from(scrape)?) {
                    writeln!(
                        out,
                        "{}{{{labels}}} {} {time}",
                        line.name,
                        line.at(pod, time - origin)
                    )?;
                }
            }
        }
        out.write_all(b"# EOF\n")?;
        Ok(out.flush()?)
    }
}

impl Line {
    /// Its value in a pod, so many seconds after the beginning.
    fn at(&self, pod: usize, seconds: u64) -> f64 {
        let (first, last) = (self.values[0], self.values[self.values.len() - 1]);
        let counts = ["_total", "_bucket", "_sum", "_count"];
        if counts.iter().any(|end| self.name.ends_with(end)) {
            // The captured load took five minutes.
            let pace = 1.0 + pod as f64 / 100.0;
            first + (last - first) * pace * seconds as f64 / 300.0
        } else {
            self.values[(seconds as usize / 600 + pod) % self.values.len()]
        }
    }
}

fn name(line: &str) -> &str {
    line.split(['{', ' ']).next().unwrap_or_default()
}
