//! `wasm-meter [--loops-only] [--start-fuel UNITS] IN OUT`: see README.md of this crate.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::prelude::*;
use wasm_meter::{FUEL, Options, meter};

const USAGE: &str = "\
usage: wasm-meter [--loops-only] [--start-fuel UNITS] IN OUT

Writes the WebAssembly module IN to OUT with a budget: the exported global `tsp_fuel`, from which
every loop iteration, every function call and every 64 bytes of a bulk memory instruction take one
unit; below zero the call traps.

  --loops-only         meter nothing but loops: for code that is known not to recurse at length
  --start-fuel UNITS   the budget until the host sets one (default 1000000000)";

fn main() -> ExitCode {
    match run() {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("wasm-meter: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Arguments {
    options: Options,
    from: PathBuf,
    to: PathBuf,
}

fn run() -> Result<String, String> {
    let Some(Arguments { options, from, to }) =
        arguments(std::env::args_os().skip(1)).map_err(|error| format!("{error}\n{USAGE}"))?
    else {
        return Ok(USAGE.to_owned());
    };
    let wasm = std::fs::read(&from).map_err(|error| format!("{}: {error}", from.display()))?;
    let metered =
        meter(&wasm, &options).map_err(|refusal| format!("{}: {refusal}", from.display()))?;
    std::fs::write(&to, &metered.wasm).map_err(|error| format!("{}: {error}", to.display()))?;
    Ok(format!(
        "{}: {FUEL} taken by {} loops, {} functions and {} bulk instructions",
        to.display(),
        metered.loops,
        metered.functions,
        metered.bulk
    ))
}

/// `None` when help is asked for.
fn arguments(given: impl Iterator<Item = OsString>) -> Result<Option<Arguments>, lexopt::Error> {
    let mut options = Options::default();
    let mut paths = Vec::new();
    let mut parser = lexopt::Parser::from_args(given);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("loops-only") => options.loops_only = true,
            Long("start-fuel") => options.start_fuel = parser.value()?.parse()?,
            Short('h') | Long("help") => return Ok(None),
            Value(path) => paths.push(PathBuf::from(path)),
            other => return Err(other.unexpected()),
        }
    }
    match <[PathBuf; 2]>::try_from(paths) {
        Ok([from, to]) => Ok(Some(Arguments { options, from, to })),
        Err(paths) => Err(format!("found {} paths; expected IN and OUT", paths.len()).into()),
    }
}
