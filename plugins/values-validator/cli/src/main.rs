//! `vllm-values`: checks values of the chart vllm-monitoring before they are installed.
//!
//! Findings go to standard output, what is wrong with the call to standard error. Status 0: no
//! error; 1: errors in the values; 2: the call could not be served.

mod args;
mod excerpt;
mod reading;
mod several;

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use values_validator_core::{Report, Severity, check, render};

use args::{Args, Format};

/// Errors in the values, or warnings where `--strict` makes them errors.
const BAD_VALUES: u8 = 1;

/// Wrong arguments (clap's status too), or a file that cannot be read.
const BAD_CALL: u8 = 2;

fn main() -> ExitCode {
    let args = Args::get();
    let inputs = match reading::inputs(&args) {
        Ok(inputs) => inputs,
        Err(error) => {
            eprintln!("vllm-values: {error}");
            return ExitCode::from(BAD_CALL);
        }
    };
    let report = several::merged(inputs.iter().map(check));
    let text = match args.format {
        Format::Text => excerpt::text(&report),
        Format::Json => render::json(&report),
        Format::Github => render::github(&report),
    };
    if let Err(error) = write(&text, &args) {
        // A reader that has seen enough, as `head` has.
        if error.kind() != ErrorKind::BrokenPipe {
            eprintln!("vllm-values: standard output: {error}");
            return ExitCode::from(BAD_CALL);
        }
    }
    if fails(&report, args.strict) {
        ExitCode::from(BAD_VALUES)
    } else {
        ExitCode::SUCCESS
    }
}

fn fails(report: &Report, strict: bool) -> bool {
    report.failed() || strict && report.count(Severity::Warning) > 0
}

/// Colours are kept only where they are wanted: the stream takes them out otherwise.
fn write(text: &str, args: &Args) -> io::Result<()> {
    if args.format == Format::Text {
        let mut out = anstream::AutoStream::new(io::stdout(), args.color.into());
        out.write_all(text.as_bytes())?;
        out.flush()
    } else {
        let mut out = io::stdout();
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}
