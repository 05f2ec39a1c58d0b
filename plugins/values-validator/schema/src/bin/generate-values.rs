//! Writes what is generated from the types of the chart's values; with `--check` compares instead.

use std::path::Path;

use anyhow::{Context, Result, bail};
use values_schema::{COMMAND, outputs};

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let check = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => false,
        [one] if one == "--check" => true,
        found => bail!("arguments: found {found:?}, expected none or --check"),
    };
    for output in outputs(&root)? {
        let path = root.join(output.path);
        if !check {
            std::fs::write(&path, &output.text).context(output.path)?;
        } else if std::fs::read_to_string(&path).context(output.path)? != output.text {
            bail!("{} differs from the types; run `{COMMAND}`", output.path);
        }
    }
    Ok(())
}
