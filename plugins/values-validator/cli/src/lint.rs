//! `vllm-values lint`: PromQL in rule files and dashboards, whoever wrote them.

use std::path::PathBuf;

use clap::Parser;
use values_validator_core::{Report, Source, Version};

use crate::args::{Color, Format};

/// Checks the PromQL of Prometheus rule files, PrometheusRules, and dashboards of Grafana and Perses.
///
/// Each expression is looked up in what a release of vLLM exports: names, labels, buckets, counters and
/// gauges. Of a dashboard also its variables and their queries, and labels of legends. Status 0: no error; 1: errors; 2: wrong arguments or a file that cannot be read.
#[derive(Debug, Parser)]
#[command(name = "vllm-values lint", max_term_width = 100)]
pub struct LintArgs {
    /// Rule files (YAML) and dashboards (JSON or YAML)
    #[arg(value_name = "RULES|DASHBOARD", required = true)]
    pub files: Vec<PathBuf>,

    /// Release of vLLM whose metrics are meant
    #[arg(long, value_name = "VERSION", default_value_t = Version::NEWEST, value_parser = version)]
    pub vllm: Version,

    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,

    /// Warnings are errors
    #[arg(long)]
    pub strict: bool,

    /// Colours; NO_COLOR and CLICOLOR_FORCE are heard where it is auto
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub color: Color,

    /// Configuration of the project; .vllm-values.yaml is read where it is there
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `0.33` is the release 0.33.0.
fn version(text: &str) -> Result<Version, String> {
    let full = if text.matches('.').count() == 1 {
        format!("{text}.0")
    } else {
        text.to_owned()
    };
    Version::parse(&full).map_err(|error| error.to_string())
}

/// What is found in the files.
///
/// # Errors
/// When a file cannot be read, in one line.
pub fn report(args: &LintArgs) -> Result<Report, String> {
    let mut sources = Vec::new();
    for file in &args.files {
        let name = file.display().to_string();
        let bytes = std::fs::read(file).map_err(|error| format!("{name}: {error}"))?;
        sources.push(Source::from_bytes(name, &bytes));
    }
    Ok(values_validator_core::lint(sources, args.vllm))
}
