//! Writes the names that the chart's rules record, as the validator knows them.

use anyhow::Result;
use values_tests::recorded;

fn main() -> Result<()> {
    std::fs::write(recorded::file(), recorded::names()?)?;
    Ok(())
}
