//! On which vLLM releases each rule has data: the rules over the captured series of each, by
//! promtool, as `docs/rules-by-version.md` says it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::OnceLock;

use anyhow::{Result, anyhow};
use captures::Capture;
use serde_yaml::Value;

use crate::answers::{answers, ever, exporter, needed_ever};
use crate::captured::Captured;
use crate::{all, expr, own_rules};

/// The command that writes the page.
pub const COMMAND: &str = "cargo run -p rules-tests --bin by-version";

/// The recorded releases, oldest first.
///
/// # Errors
/// If the recordings cannot be listed.
pub fn versions() -> Result<Vec<Capture>> {
    Ok(captures::releases()?)
}

/// What a rule is on a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// All that it needs returns data.
    Data,
    /// All that it needs is exported; what it looks for did not happen in the captured run.
    Quiet,
    /// Something that it needs is not exported.
    Off,
}

/// A rule with what it is on each of [`versions`].
#[derive(Debug)]
pub struct Row {
    /// The alert's or record's name, with the labels that tell rules of one name apart.
    pub rule: String,
    /// Whether it is an alert.
    pub alert: bool,
    /// What else must be scraped.
    pub needs: BTreeSet<&'static str>,
    /// By version.
    pub life: Vec<Life>,
}

/// Where the page is.
#[must_use]
pub fn page() -> PathBuf {
    harness::repo::root().join("docs/rules-by-version.md")
}

/// A rule's name, with the labels that tell it from others of that name.
#[must_use]
pub fn title(rule: &Value) -> String {
    let labels = rule["labels"].as_mapping().into_iter().flatten();
    let labels: Vec<String> = labels
        .filter_map(|(k, v)| Some((k.as_str()?, v.as_str()?)))
        .filter(|(k, _)| matches!(*k, "slo" | "window"))
        .map(|(k, v)| format!("{k}=\"{v}\""))
        .collect();
    let name = rule["alert"]
        .as_str()
        .or(rule["record"].as_str())
        .unwrap_or_default();
    if labels.is_empty() {
        name.to_owned()
    } else {
        format!("{name}{{{}}}", labels.join(", "))
    }
}

/// The raw metrics of vLLM behind a rule, and what other exporters it needs.
fn behind(rule: &Value, rules: &Value) -> Result<(BTreeSet<String>, BTreeSet<&'static str>)> {
    let mut raw = BTreeSet::new();
    let mut needs = BTreeSet::new();
    let mut open = vec![rule.clone()];
    let mut seen = BTreeSet::new();
    while let Some(rule) = open.pop() {
        for selector in expr::read(rule["expr"].as_str().unwrap_or_default())?.selectors {
            if !seen.insert(selector.metric.clone()) {
                continue;
            }
            needs.extend(exporter(&selector.metric));
            // A histogram's own name is how a Prometheus that converts it stores it.
            let native = vllm_catalog::family(&selector.metric).is_some_and(|f| f.bounds.is_some());
            if !native
                && (selector.metric.starts_with("vllm:") || selector.metric.starts_with("http_"))
            {
                raw.insert(selector.metric.clone());
            }
            let records = all(rules)
                .into_iter()
                .filter(|r| r["record"].as_str() == Some(&selector.metric));
            open.extend(records.cloned());
        }
    }
    Ok((raw, needs))
}

/// Runs every rule over every captured release.
///
/// # Errors
/// When a capture cannot be read or promtool cannot be run.
pub fn rows() -> Result<&'static [Row]> {
    // The tests of a process run once what they all read.
    static ROWS: OnceLock<Result<Vec<Row>, String>> = OnceLock::new();
    let rows = ROWS.get_or_init(|| rows_under(|_| true).map_err(|e| format!("{e:#}")));
    rows.as_deref().map_err(|e| anyhow!("{e}"))
}

/// The same with only those series whose name is kept.
///
/// # Errors
/// As [`rows`].
pub fn rows_under(keeps: impl Fn(&str) -> bool + Sync) -> Result<Vec<Row>> {
    let rules = own_rules()?;
    // By rule: queries that must all answer.
    let mut asked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for rule in all(&rules) {
        let queries = match rule["record"].as_str() {
            Some(_) => BTreeSet::from([ever(&selector_of(rule))]),
            None => needed_ever(rule["expr"].as_str().unwrap_or_default())?,
        };
        asked.insert(title(rule), queries);
    }
    let queries: BTreeSet<String> = asked.values().flatten().cloned().collect();
    let mut rows: Vec<Row> = Vec::new();
    let run = |version: &Capture| -> Result<(BTreeSet<String>, BTreeSet<String>)> {
        let mut captured = Captured::read(&version.path(""))?;
        captured.retain(&keeps);
        let exported = captured.names().map(str::to_owned).collect();
        Ok((exported, answers(&captured, &rules, &queries)?))
    };
    // promtool uses one core.
    let runs = crate::on_every_core(&versions()?, run);
    for found in runs {
        let (exported, spoke) = found?;
        for (i, rule) in all(&rules).into_iter().enumerate() {
            let name = title(rule);
            let (raw, needs) = behind(rule, &rules)?;
            let life = if asked[&name].is_subset(&spoke) {
                Life::Data
            } else if !needs.is_empty() || raw.iter().all(|name| exported.contains(name)) {
                Life::Quiet
            } else {
                Life::Off
            };
            if rows.len() == i {
                let alert = rule["alert"].is_string();
                rows.push(Row {
                    rule: name,
                    alert,
                    needs,
                    life: Vec::new(),
                });
            }
            rows[i].life.push(life);
        }
    }
    Ok(rows)
}

/// The selector of what a recording rule records.
fn selector_of(rule: &Value) -> String {
    let labels = rule["labels"].as_mapping().into_iter().flatten();
    let labels: Vec<String> = labels
        .filter_map(|(k, v)| Some(format!("{}={:?}", k.as_str()?, v.as_str()?)))
        .collect();
    format!(
        "{}{{{}}}",
        rule["record"].as_str().unwrap_or_default(),
        labels.join(", ")
    )
}

/// The page's text.
///
/// # Errors
/// As [`rows`].
pub fn render() -> Result<String> {
    let mut page = format!(
        "# Rules by vLLM version\n\n\
         Every alert and every recording rule over what real servers exported, one a release\n\
         (`tests/fixtures/vllm`), by promtool. Generated; do not edit:\n\n    {COMMAND}\n\n\
         - **yes**: all that the rule needs returned data;\n\
         - **quiet**: all that it needs is there, and what it looks for did not happen in the recorded run;\n\
         - **off**: the release does not export what it needs, so the rule says nothing there.\n\n\
         A rule that also needs another exporter names it; without that it is silent on every release,\n\
         with it (here its series are those of `tests/rules/cases`) it is as the table says. Objectives\n\
         and queues fall back where a release lacks a metric: before 0.13 no request ends by `error`, so\n\
         that availability counts HTTP 5xx alone, and before 0.20 no reason for waiting is told, so that\n\
         all that wait count.\n"
    );
    let rows = rows()?;
    let versions: Vec<String> = versions()?.iter().map(Capture::release).collect();
    for (heading, alert) in [("Alerts", true), ("Recording rules", false)] {
        let _ = write!(
            page,
            "\n## {heading}\n\n| rule | {} | also needs |\n|---|{}---|\n",
            versions.join(" | "),
            "---|".repeat(versions.len())
        );
        for row in rows.iter().filter(|row| row.alert == alert) {
            let cells: Vec<&str> = row
                .life
                .iter()
                .map(|life| match life {
                    Life::Data => "yes",
                    Life::Quiet => "quiet",
                    Life::Off => "off",
                })
                .collect();
            let needs: Vec<&str> = row.needs.iter().copied().collect();
            let _ = writeln!(
                page,
                "| `{}` | {} | {} |",
                row.rule,
                cells.join(" | "),
                needs.join(", ")
            );
        }
    }
    Ok(page)
}
