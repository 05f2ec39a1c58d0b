//! `render --values F [--set k=v] [--api-versions V] [--release N] [--namespace N] [--chart DIR] --out DIR`:
//! the chart as helm renders it, and what tools read out of it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use harness::render::{Options, Rendered};
use harness::repo;
use lexopt::prelude::*;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("render: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut options = Options::default();
    let mut out = repo::root().join("target/render");
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("values") | Short('f') => options.values.push(arguments.value()?.into()),
            Long("set") => options.set.push(arguments.value()?.string()?),
            Long("api-versions") => options.api_versions.push(arguments.value()?.string()?),
            Long("release") => options.release = arguments.value()?.string()?,
            Long("namespace") => options.namespace = arguments.value()?.string()?,
            Long("chart") => options.chart = arguments.value()?.into(),
            Long("out") => out = PathBuf::from(arguments.value()?),
            other => bail!(
                "{}: expected --values, --set, --api-versions, --release, --namespace, --chart or --out",
                other.unexpected()
            ),
        }
    }
    let rendered = Rendered::new(&options)?;
    for line in rendered.write(&out)? {
        println!("render: {line}");
    }
    println!(
        "render: {} objects in {}",
        rendered.objects.len(),
        out.display()
    );
    Ok(())
}
