//! Writes `docs/rules-by-version.md`.

use anyhow::Result;

fn main() -> Result<()> {
    std::fs::write(
        rules_tests::by_version::page(),
        rules_tests::by_version::render()?,
    )?;
    Ok(())
}
