//! Compresses the texts that the core embeds: a page and a Helm plugin load the module on every start.

use std::path::Path;
use std::{env, fs};

/// In the order in which `src/embedded.rs` reads them.
const TEXTS: [&str; 4] = ["shape.json", "defaults.yaml", "recorded.txt", "flags.txt"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut all = Vec::new();
    for name in TEXTS {
        let path = Path::new("src").join(name);
        println!("cargo::rerun-if-changed={}", path.display());
        all.extend(fs::read(path)?);
        all.push(0);
    }
    let packed = miniz_oxide::deflate::compress_to_vec(&all, 10);
    fs::write(
        Path::new(&env::var("OUT_DIR")?).join("embedded.deflate"),
        packed,
    )?;
    Ok(())
}
