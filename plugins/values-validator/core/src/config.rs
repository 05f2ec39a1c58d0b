//! What a project says about findings: comments in the file, and a small configuration.
//!
//! `# vllm-values: ignore CODE` behind a value is about its line, on a line of its own about the next;
//! `# vllm-values: ignore-file CODE` is about the whole file. Several codes are parted by commas.

use crate::node::{Node, Value};
use crate::{Findings, Report, Severity, Source, codes, rules, yaml};

/// What a project has decided for all its values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// Codes that are not reported.
    pub ignore: Vec<String>,
    /// Codes with another severity.
    pub severity: Vec<(String, Severity)>,
    /// Names of metrics that something else exports: no alert on them is called dead.
    pub metrics: Vec<String>,
}

const EXPECTED: &str =
    "ignore: [CODE, …], severity: {CODE: error|warning|info}, metrics: [NAME, …]";

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// In one line, with the place: what was found and what was expected.
    pub fn read(source: &Source) -> Result<Self, String> {
        let mut findings = Findings::default();
        let Some(map) = yaml::read(source, 0, &mut findings) else {
            let found = findings.0.first();
            let line = found.and_then(|f| f.place).map_or(1, |place| place.line);
            let found = found.map_or("", |f| f.found.as_str());
            return Err(format!(
                "{}:{line}: found {found}; expected {EXPECTED}",
                source.name
            ));
        };
        let wrong = |node: &Node, expected: &str| {
            format!(
                "{}:{}: found {}; expected {expected}",
                source.name,
                node.place.line,
                node.described()
            )
        };
        let known = |node: &Node| -> Result<String, String> {
            let code = node.as_str().unwrap_or("");
            if code_exists(code) {
                Ok(code.to_owned())
            } else {
                Err(wrong(node, "a code of docs/findings.md"))
            }
        };
        let mut config = Self::default();
        for (key, node) in &map {
            match (key.as_str(), &node.value) {
                ("ignore", Value::List(items)) => {
                    for item in items {
                        config.ignore.push(known(item)?);
                    }
                }
                ("metrics", Value::List(items)) => {
                    for item in items {
                        let name = item
                            .as_str()
                            .ok_or_else(|| wrong(item, "the name of a metric"))?;
                        config.metrics.push(name.to_owned());
                    }
                }
                ("severity", Value::Map(map)) => {
                    for (code, node) in map {
                        if !code_exists(code) {
                            return Err(wrong(
                                node,
                                &format!("a code of docs/findings.md in place of {code:?}"),
                            ));
                        }
                        let severity = [Severity::Error, Severity::Warning, Severity::Info]
                            .into_iter()
                            .find(|severity| node.as_str() == Some(severity.name()))
                            .ok_or_else(|| wrong(node, "error, warning or info"))?;
                        config.severity.push((code.clone(), severity));
                    }
                }
                _ => {
                    return Err(format!(
                        "{}:{}: found the key {key:?}; expected {EXPECTED}",
                        source.name,
                        node.key_place().line
                    ));
                }
            }
        }
        Ok(config)
    }

    /// Leaves out what is ignored, and gives the others their severity.
    pub fn apply(&self, report: &mut Report) {
        report.findings.retain(|finding| {
            let named = |name: &String| finding.found.split([',', ' ']).next() == Some(name);
            let exported = finding.code == "alert-metric" && self.metrics.iter().any(named);
            !exported && !self.ignore.iter().any(|code| code == finding.code)
        });
        for finding in &mut report.findings {
            let given = self.severity.iter().find(|(code, _)| code == finding.code);
            if let Some((_, severity)) = given {
                finding.severity = *severity;
            }
        }
    }
}

/// Whether there is a finding with that code.
#[must_use]
pub fn code_exists(code: &str) -> bool {
    codes::ALL.iter().any(|c| c.code == code) || rules::ALL.iter().any(|r| r.code == code)
}

/// Leaves out what comments in the sources ignore.
pub(crate) fn comments(report: &mut Report) {
    const MARK: &str = "vllm-values: ignore";
    let mut ignored: Vec<(u32, Option<u32>, Vec<String>)> = Vec::new();
    for (index, source) in (0..).zip(&report.sources) {
        if !source.text.contains(MARK) || source.set_kind().is_some() {
            continue;
        }
        let lines: Vec<&str> = source.text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let Some((before, rest)) = line.split_once(MARK) else {
                continue;
            };
            let Some(before) = before.trim_end().strip_suffix('#') else {
                continue;
            };
            let (file, rest) = match rest.strip_prefix("-file") {
                Some(rest) => (true, rest),
                None => (false, rest),
            };
            let codes = rest
                .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
                .take_while(|word| word.is_empty() || code_exists(word))
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect();
            let number = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
            let next = || {
                let below = lines.iter().enumerate().skip(at + 1);
                let mut below = below.filter(|(_, line)| {
                    let line = line.trim_start();
                    !line.is_empty() && !line.starts_with('#')
                });
                below.next().map_or(number(at), |(at, _)| number(at))
            };
            let line = if file {
                None
            } else if before.trim().is_empty() {
                Some(next())
            } else {
                Some(number(at))
            };
            ignored.push((index, line, codes));
        }
    }
    if ignored.is_empty() {
        return;
    }
    report.findings.retain(|finding| {
        let Some(place) = finding.place else {
            return true;
        };
        !ignored.iter().any(|(source, line, codes)| {
            *source == place.source
                && line.is_none_or(|line| line == place.line)
                && finding.code != codes::BAD_YAML.code
                && codes.iter().any(|code| code == finding.code)
        })
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Input, check};

    fn codes_of(text: &str) -> Vec<&'static str> {
        let report = check(&Input {
            sources: vec![Source::new("values.yaml", text)],
            sets: Vec::new(),
        });
        report.findings.iter().map(|f| f.code).collect()
    }

    #[test]
    fn a_comment_silences_its_line_the_next_line_or_the_file() {
        let bad = "zzz: 1\n";
        assert_eq!(codes_of(bad), ["unknown-key"]);
        for good in [
            "zzz: 1 # vllm-values: ignore unknown-key\n",
            "# vllm-values: ignore[unknown-key]\n# more\nzzz: 1\n",
            "# vllm-values: ignore-file bad-format, unknown-key why not\na: 1\nzzz: 1\n",
        ] {
            assert_eq!(codes_of(good), [""; 0], "{good}");
        }
        for other in [
            "zzz: 1 # vllm-values: ignore bad-format\n",
            "# vllm-values: ignore unknown-key\nrules: {}\nzzz: 1\n",
            "zzz: \"# vllm-values: ignored unknown-key\"\n",
        ] {
            assert_eq!(codes_of(other), ["unknown-key"], "{other}");
        }
    }

    #[test]
    fn a_configuration_ignores_changes_severities_and_knows_metrics() {
        let text =
            "ignore: [pdb-replicas]\nseverity: {unknown-key: info}\nmetrics: [vllm:corp_total]\n";
        let config = Config::read(&Source::new("c", text)).unwrap();
        let values = "zzz: 1\nrules: {additionalAlerts: [{alert: A, expr: 'rate(vllm:corp_total[5m]) > 3'}]}\n";
        let mut report = check(&Input {
            sources: vec![Source::new("values.yaml", values)],
            sets: Vec::new(),
        });
        assert!(report.failed() && report.findings.len() == 2, "{report:?}");
        config.apply(&mut report);
        assert!(!report.failed() && report.findings.len() == 1, "{report:?}");
        for bad in [
            "ignore: [no-such-code]\n",
            "ignored: []\n",
            "severity: {unknown-key: loud}\n",
            "ignore: a\n",
        ] {
            assert!(Config::read(&Source::new("c", bad)).is_err(), "{bad}");
        }
    }
}
