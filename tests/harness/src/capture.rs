//! The captured series of `/metrics` bodies.

use std::io::Read;

use anyhow::{Result, bail};

/// The model name in the captured bodies.
pub const MODEL: &str = "qwen3-235b";

/// The bodies of a captured series with their unix seconds, in order of time.
///
/// # Errors
/// When the archive (a tar.gz) cannot be read or holds no body.
pub fn bodies(archive: impl Read) -> Result<Vec<(u64, String)>> {
    let mut bodies = Vec::new();
    for entry in tar::Archive::new(flate2::read::GzDecoder::new(archive)).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // scrape-<unix seconds>.txt; other forms of the same moment stand beside it.
        let Some(seconds) = name
            .strip_prefix("scrape-")
            .and_then(|name| name.strip_suffix(".txt"))
            .and_then(|seconds| seconds.parse::<u64>().ok())
        else {
            continue;
        };
        let mut body = String::new();
        entry.read_to_string(&mut body)?;
        bodies.push((seconds, body));
    }
    if bodies.is_empty() {
        bail!("found no scrape-<seconds>.txt");
    }
    bodies.sort_by_key(|(seconds, _)| *seconds);
    Ok(bodies)
}
