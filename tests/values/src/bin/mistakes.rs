//! Writes the index of the corpus of mistakes.

use anyhow::Result;
use values_tests::mistakes;

fn main() -> Result<()> {
    std::fs::write(mistakes::folder().join("index.json"), mistakes::index()?)?;
    Ok(())
}
