//! The page about findings: a heading for each code and rule, with the words of its source file and,
//! for a rule, the first case of its test file.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use values_validator_core::{Input, Severity, Source, check, codes, rules};

const CORE: &str = "plugins/values-validator/core";

#[derive(Deserialize)]
struct Cases {
    fires: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    values: String,
}

/// docs/findings.md, from the sources below `root`.
///
/// # Errors
/// When a rule's file or its test file cannot be read, or its first case is not found.
pub fn page(root: &Path) -> Result<String> {
    let core = root.join(CORE);
    let mut page = String::from(INTRODUCTION);
    page.push_str("\n## Reading and shape\n");
    let source = read(&core.join("src/codes.rs"))?;
    for code in codes::ALL {
        let comment = comment_of(&source, code.code);
        section(&mut page, code.code, code.severity, code.title, &comment)?;
    }
    page.push_str("\n## Meaning\n");
    for rule in rules::ALL {
        let file = rule.code.replace('-', "_");
        let source = read(&core.join(format!("src/rules/{file}.rs")))?;
        let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
        let comment: Vec<&str> = lines.map(str::trim).collect();
        section(
            &mut page,
            rule.code,
            rule.severity,
            &rule.title,
            &comment.join("\n"),
        )?;
        let tests = core.join(format!("tests/rules/{}.yaml", rule.code));
        let cases: Cases = serde_yaml::from_str(&read(&tests)?).context(rule.code)?;
        let case = cases.fires.first().context(rule.code)?;
        example(&mut page, rule.code, &case.values)?;
    }
    Ok(page)
}

const INTRODUCTION: &str = "# What the validator finds

Every finding has a code: one of those below. An **error** makes the check fail: the chart refuses such
values, or what it makes of them cannot work. A **warning** installs, and does not do what was meant. An
**info** is worth knowing.

This page is generated (`cargo run -p values-schema --bin generate-values`).
";

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| path.display().to_string())
}

fn section(
    page: &mut String,
    code: &str,
    severity: Severity,
    title: &str,
    comment: &str,
) -> Result<()> {
    ensure!(
        !comment.trim().is_empty(),
        "{code}: nothing is said about it where it is made"
    );
    let _ = write!(
        page,
        "\n### {code}\n\n**{}**: {title}.\n\n{comment}\n",
        severity.name()
    );
    Ok(())
}

/// The comment above the constant with that code.
fn comment_of(source: &str, code: &str) -> String {
    let quoted = format!("{code:?}");
    let lines: Vec<&str> = source.lines().collect();
    let at = lines
        .iter()
        .position(|line| line.contains(&quoted))
        .unwrap_or(0);
    let above = lines[..at].iter().rev();
    let mut comment: Vec<&str> = above
        .skip_while(|line| !line.starts_with("///"))
        .map_while(|line| line.strip_prefix("///"))
        .map(str::trim)
        .collect();
    comment.reverse();
    comment.join("\n")
}

fn example(page: &mut String, code: &str, values: &str) -> Result<()> {
    let report = check(&Input {
        sources: vec![Source::new("values.yaml", values)],
        sets: Vec::new(),
    });
    let finding = report.findings.iter().find(|f| f.code == code);
    let finding = finding.with_context(|| format!("{code} is not found in its first case"))?;
    let place = finding.place.unwrap_or_default();
    let _ = write!(
        page,
        "\n```yaml\n{values}```\n\nIn line {}: found {}; ",
        place.line, finding.found
    );
    let _ = writeln!(
        page,
        "expected {}. {} Fix: {}.",
        finding.expected, finding.why, finding.fix.text
    );
    Ok(())
}
