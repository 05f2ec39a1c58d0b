//! Writes the lists of the examples' objects.

use anyhow::{Context, Result};
use chart_tests::examples::{examples, outline};

fn main() -> Result<()> {
    for (values, list) in examples()? {
        let text = outline(values)?;
        std::fs::write(&list, text).with_context(|| list.display().to_string())?;
    }
    Ok(())
}
