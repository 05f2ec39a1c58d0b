//! Writes the defaults that may be null, as the validator knows them: some minutes, for each is rendered.

use anyhow::Result;
use values_tests::nulls;

fn main() -> Result<()> {
    let mut text = String::new();
    for path in nulls::paths()? {
        if nulls::renders(&path)? {
            text.push_str(&path);
            text.push('\n');
        }
    }
    std::fs::write(nulls::file(), text)?;
    Ok(())
}
