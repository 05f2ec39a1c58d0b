//! The texts of the repository, as its readers find them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository's root.
#[must_use]
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// A text and its path in the repository.
#[derive(Debug, Clone)]
pub struct Text {
    /// Its path, with `/`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// Paths of files that git knows or would add and that `wanted` wants, in alphabetical order.
///
/// # Panics
/// When git cannot be run.
#[must_use]
#[allow(clippy::unwrap_used)] // for tests
pub fn paths(wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(listed.status.success(), "git ls-files: {listed:?}");
    let mut paths: Vec<String> = String::from_utf8(listed.stdout)
        .unwrap()
        .lines()
        .filter(|path| wanted(path) && root().join(path).is_file())
        .map(str::to_owned)
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

/// Those files with their texts.
///
/// # Panics
/// When git cannot be run, or a file is no UTF-8.
#[must_use]
#[allow(clippy::unwrap_used)] // for tests
pub fn texts(wanted: impl Fn(&str) -> bool) -> Vec<Text> {
    paths(wanted)
        .into_iter()
        .map(|path| Text {
            text: fs::read_to_string(root().join(&path)).unwrap(),
            path,
        })
        .collect()
}

/// The Markdown pages of the repository, without those of fixtures.
#[must_use]
pub fn pages() -> Vec<Text> {
    texts(|path| has_ending(path, "md") && !path.contains("/fixtures/"))
}

/// Whether a path's extension is `ending`.
#[must_use]
pub fn has_ending(path: &str, ending: &str) -> bool {
    Path::new(path).extension().is_some_and(|e| e == ending)
}
