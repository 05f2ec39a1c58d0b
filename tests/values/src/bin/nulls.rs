//! Writes the defaults that may be null, as the validator knows them, and those without which no template renders, as
//! the chart refuses them: half an hour, for each is rendered several times.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use anyhow::{Result, ensure};
use harness::repo;
use values_tests::nulls;

fn main() -> Result<()> {
    let mut text = String::new();
    for path in nulls::paths()? {
        if nulls::renders(&path)? {
            text.push_str(&path);
            text.push('\n');
        }
    }
    fs::write(nulls::file(), text)?;

    let folder = tempfile::tempdir()?;
    let chart = folder.path().join("chart");
    let mut copy = Command::new("cp");
    copy.arg("-r").arg(repo::root().join("chart")).arg(&chart);
    ensure!(copy.status()?.success(), "{copy:?}");
    fs::write(chart.join("files/required.txt"), "")?;
    let mut required = String::new();
    for (path, switch) in nulls::defaults()? {
        if nulls::stops(&chart, &path)? {
            writeln!(required, "{path}{}", if switch { " enabled" } else { "" })?;
        }
    }
    fs::write(nulls::required_file(), required)?;
    Ok(())
}
