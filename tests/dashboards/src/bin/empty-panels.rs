//! Writes `tests/pages/empty.json`.

use anyhow::Result;
use dashboards_tests::empty;

fn main() -> Result<()> {
    Ok(std::fs::write(empty::path(), empty::text()?)?)
}
