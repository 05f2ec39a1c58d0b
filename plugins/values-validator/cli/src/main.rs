//! `vllm-values`: checks values of the chart vllm-monitoring before they are installed.
//!
//! Findings go to standard output, what is wrong with the call to standard error. Status 0: no
//! error; 1: errors in the values; 2: the call could not be served.

mod args;
mod excerpt;
mod explain;
mod fix;
mod lint;
mod reading;
mod several;

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;
use values_validator_core::{Input, Report, Severity, check, render};

use args::{Args, Color, Format};
use lint::LintArgs;

/// Errors in the values, or warnings where `--strict` makes them errors.
const BAD_VALUES: u8 = 1;

/// Wrong arguments (clap's status too), or a file that cannot be read.
const BAD_CALL: u8 = 2;

fn main() -> ExitCode {
    // A command of its own among arguments that are files.
    let answer = if std::env::args().nth(1).as_deref() == Some("lint") {
        linted(&LintArgs::parse_from(std::env::args().skip(1)))
    } else {
        checked(&Args::get())
    };
    match answer {
        Ok(code) => code,
        Err(error) => {
            eprintln!("vllm-values: {error}");
            ExitCode::from(BAD_CALL)
        }
    }
}

fn linted(args: &LintArgs) -> Result<ExitCode, String> {
    let mut report = lint::report(args)?;
    reading::config(args.config.as_deref())?.apply(&mut report);
    shown(&report, args.format, args.color, args.strict)
}

fn checked(args: &Args) -> Result<ExitCode, String> {
    if let Some(code) = &args.explain {
        let text = explain::explain(code)?;
        write(&text, Format::Json, args.color)
            .map_err(|error| format!("standard output: {error}"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let config = reading::config(args.config.as_deref())?;
    let inputs = reading::inputs(args)?;
    let mut reports = Vec::new();
    for input in &inputs {
        let mut report = check(input);
        config.apply(&mut report);
        reports.push(report);
    }
    if args.diff || args.fix {
        return mended(args, &inputs, &reports);
    }
    shown(
        &several::merged(reports.into_iter()),
        args.format,
        args.color,
        args.strict,
    )
}

/// The edits as a diff; with `--fix` they are made, and what is left is shown.
fn mended(args: &Args, inputs: &[Input], reports: &[Report]) -> Result<ExitCode, String> {
    let mut edited: Vec<fix::Edited> = Vec::new();
    for (input, report) in inputs.iter().zip(reports) {
        for one in fix::edits(input, report) {
            if !edited.iter().any(|other| other.name == one.name) {
                edited.push(one);
            }
        }
    }
    let diff: String = edited.iter().map(fix::diff).collect();
    write(&diff, Format::Json, args.color).map_err(|error| format!("standard output: {error}"))?;
    if !args.fix {
        return Ok(if edited.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(BAD_VALUES)
        });
    }
    for one in &edited {
        std::fs::write(&one.name, &one.after).map_err(|error| format!("{}: {error}", one.name))?;
    }
    let config = reading::config(args.config.as_deref())?;
    let mut left = Vec::new();
    for input in reading::inputs(args)? {
        let mut report = check(&input);
        config.apply(&mut report);
        left.push(report);
    }
    shown(
        &several::merged(left.into_iter()),
        args.format,
        args.color,
        args.strict,
    )
}

fn shown(report: &Report, format: Format, color: Color, strict: bool) -> Result<ExitCode, String> {
    let text = match format {
        Format::Text => excerpt::text(report),
        Format::Json => render::json(report),
        Format::Github => render::github(report),
        Format::Sarif => render::sarif(report),
    };
    if let Err(error) = write(&text, format, color) {
        // A reader that has seen enough, as `head` has.
        if error.kind() != ErrorKind::BrokenPipe {
            return Err(format!("standard output: {error}"));
        }
    }
    Ok(if fails(report, strict) {
        ExitCode::from(BAD_VALUES)
    } else {
        ExitCode::SUCCESS
    })
}

fn fails(report: &Report, strict: bool) -> bool {
    report.failed() || strict && report.count(Severity::Warning) > 0
}

/// Colours are kept only where they are wanted: the stream takes them out otherwise.
fn write(text: &str, format: Format, color: Color) -> io::Result<()> {
    if format == Format::Text {
        let mut out = anstream::AutoStream::new(io::stdout(), color.into());
        out.write_all(text.as_bytes())?;
        out.flush()
    } else {
        let mut out = io::stdout();
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}
