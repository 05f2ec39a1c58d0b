//! Writes `docs/peers.md`.

use anyhow::Result;

fn main() -> Result<()> {
    std::fs::write(rules_tests::peers::page(), rules_tests::peers::render()?)?;
    Ok(())
}
