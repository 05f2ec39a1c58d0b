//! What the real helm makes of files and arguments: a chart of one template that prints its values.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, thread};

use anyhow::{Context, Result, ensure};
use harness::repo;
use serde_json::Value as Json;
use tempfile::TempDir;
use values_validator_core::{Input, Set, SetKind, Source};

/// What a chart is given, and its own defaults.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// The chart's values.yaml.
    pub defaults: Vec<u8>,
    /// Files of `-f`, in order.
    pub files: Vec<Vec<u8>>,
    /// Arguments.
    pub sets: Vec<Set>,
}

impl Case {
    /// One file and no defaults.
    #[must_use]
    pub fn of(file: impl Into<Vec<u8>>) -> Self {
        Self {
            files: vec![file.into()],
            ..Self::default()
        }
    }

    /// The same for our side: sources are named `defaults`, `f0`, `f1`.
    #[must_use]
    pub fn input(&self) -> (Source, Input) {
        let files = self.files.iter().enumerate();
        let input = Input {
            sources: files
                .map(|(i, file)| Source::from_bytes(format!("f{i}"), file))
                .collect(),
            sets: self.sets.clone(),
        };
        (Source::from_bytes("defaults", &self.defaults), input)
    }
}

/// The values that templates see, or helm's words on why there are none.
pub type Answer = std::result::Result<Json, String>;

/// The pinned helm, and a place for charts.
pub struct Helm {
    binary: PathBuf,
    folder: TempDir,
    number: AtomicUsize,
}

impl Helm {
    /// Finds helm.
    ///
    /// # Errors
    /// When `tools/get helm` fails.
    pub fn new() -> Result<Self> {
        Ok(Self {
            binary: repo::tool("helm")?,
            folder: tempfile::tempdir()?,
            number: AtomicUsize::new(0),
        })
    }

    /// What helm makes of a case.
    ///
    /// # Errors
    /// When helm cannot be run, or prints what is no answer.
    pub fn answer(&self, case: &Case) -> Result<Answer> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let chart = self.folder.path().join(number.to_string());
        fs::create_dir_all(chart.join("templates"))?;
        fs::write(
            chart.join("Chart.yaml"),
            "apiVersion: v2\nname: c\nversion: 0.1.0\n",
        )?;
        fs::write(chart.join("values.yaml"), &case.defaults)?;
        fs::write(
            chart.join("templates/values.yaml"),
            "values: {{ .Values | toJson }}\n",
        )?;
        let mut command = self.command();
        command.args(["template", "r"]).arg(&chart);
        for (i, file) in case.files.iter().enumerate() {
            let path = chart.join(format!("f{i}"));
            fs::write(&path, file)?;
            command.arg("-f").arg(path);
        }
        for set in &case.sets {
            command.arg(format!("{}={}", set.kind.flag(), set.text));
        }
        let out = command.output().context("helm cannot be run")?;
        fs::remove_dir_all(&chart)?;
        if !out.status.success() {
            return Ok(Err(String::from_utf8_lossy(&out.stderr).into_owned()));
        }
        let text = String::from_utf8(out.stdout)?;
        let json = text
            .lines()
            .find_map(|line| line.strip_prefix("values: "))
            .with_context(|| format!("helm printed: {text}"))?;
        Ok(Ok(serde_json::from_str(json)?))
    }

    /// What helm makes of each case, a few at once.
    ///
    /// # Errors
    /// When one of them has no answer.
    pub fn answers(&self, cases: &[Case]) -> Result<Vec<Answer>> {
        let next = AtomicUsize::new(0);
        let workers = thread::available_parallelism().map_or(2, |n| n.get()) * 2;
        let mut answers: Vec<(usize, Answer)> = thread::scope(|scope| {
            let work = || -> Result<Vec<(usize, Answer)>> {
                let mut done = Vec::new();
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(i) else {
                        return Ok(done);
                    };
                    done.push((i, self.answer(case)?));
                }
            };
            let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            let mut all = Vec::new();
            for thread in threads {
                match thread.join() {
                    Ok(done) => all.extend(done?),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            Ok::<_, anyhow::Error>(all)
        })?;
        answers.sort_by_key(|(i, _)| *i);
        ensure!(answers.len() == cases.len(), "an answer is missing");
        Ok(answers.into_iter().map(|(_, answer)| answer).collect())
    }
}

impl Helm {
    /// The values that each of these files gives as a chart's own, all charts in one run of helm.
    ///
    /// # Errors
    /// When helm refuses one of them, or prints what is no answer.
    pub fn defaults(&self, files: &[&[u8]]) -> Result<Vec<Json>> {
        let chart = self.folder.path().join("together");
        let manifest = |name: &str| format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\n");
        fs::create_dir_all(chart.join("charts"))?;
        fs::write(chart.join("Chart.yaml"), manifest("all"))?;
        for (i, file) in files.iter().enumerate() {
            let folder = chart.join(format!("charts/c{i}"));
            fs::create_dir_all(folder.join("templates"))?;
            fs::write(folder.join("Chart.yaml"), manifest(&format!("c{i}")))?;
            fs::write(folder.join("values.yaml"), file)?;
            let template = format!("c{i}: {{{{ omit .Values \"global\" | toJson }}}}\n");
            fs::write(folder.join("templates/values.yaml"), template)?;
        }
        let out = self
            .command()
            .args(["template", "r"])
            .arg(&chart)
            .output()?;
        fs::remove_dir_all(&chart)?;
        let words = String::from_utf8_lossy(&out.stderr);
        ensure!(out.status.success(), "helm refuses one: {words}");
        let text = String::from_utf8(out.stdout)?;
        (0..files.len())
            .map(|i| {
                let start = format!("c{i}: ");
                let json = text.lines().find_map(|line| line.strip_prefix(&start));
                Ok(serde_json::from_str(json.context(start.clone())?)?)
            })
            .collect()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        // Its own folders: nothing of the machine's repositories and plugins is loaded.
        for variable in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
            command.env(variable, self.folder.path());
        }
        command
    }
}

/// An argument of a kind that is chosen by a number.
#[must_use]
pub const fn kind(number: usize) -> SetKind {
    match number % 3 {
        0 => SetKind::Set,
        1 => SetKind::String,
        _ => SetKind::Json,
    }
}
