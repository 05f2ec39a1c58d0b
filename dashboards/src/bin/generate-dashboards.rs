//! Writes the dashboards: `cargo run -p dashboards --bin generate-dashboards`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use dashboards::files;

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let files = files::all();
    for folder in files::FOLDERS {
        fs::create_dir_all(root.join(folder))?;
        for entry in fs::read_dir(root.join(folder))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_file() && !files.contains_key(&format!("{folder}/{name}")) {
                fs::remove_file(&path).with_context(|| path.display().to_string())?;
            }
        }
    }
    for (path, text) in files {
        fs::write(root.join(&path), text).with_context(|| path.clone())?;
    }
    Ok(())
}
