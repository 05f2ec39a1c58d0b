//! Compares what a real server said with the catalogue: every difference becomes one line that says place, found and expected.

#![allow(dead_code, reason = "each test program uses a part of it")]

pub mod exposition;
pub mod metrics;
pub mod traces;

use std::path::{Path, PathBuf};

use vllm_catalog::Version;

/// A folder of captures, and what its server had switched on.
pub struct Capture {
    /// Below tests/fixtures/vllm.
    pub folder: &'static str,
    /// The server's release.
    pub version: Version,
    /// Whether the optional families of `optional/` were enabled.
    pub optional: bool,
    /// Whether FastAPI traces itself.
    pub fastapi_spans: bool,
}

/// The servers' `--max-model-len`.
pub const MAX_MODEL_LEN: u64 = 2048;

const fn capture(folder: &'static str, version: Version) -> Capture {
    Capture {
        folder,
        version,
        optional: false,
        fastapi_spans: false,
    }
}

/// Every folder of captures.
pub static CAPTURES: &[Capture] = &[
    capture("0.10.2", Version::new(0, 10, 2)),
    capture("0.20.2", Version::new(0, 20, 2)),
    Capture {
        fastapi_spans: true,
        ..capture("0.20.2/fastapi-0.165.0", Version::new(0, 20, 2))
    },
    capture("0.32.0", Version::new(0, 32, 0)),
    capture("0.33.0", Version::new(0, 33, 0)),
    Capture {
        optional: true,
        ..capture("0.33.0/optional", Version::new(0, 33, 0))
    },
];

/// tests/fixtures/vllm.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/vllm")
}

impl Capture {
    /// A file of the folder.
    pub fn path(&self, file: &str) -> PathBuf {
        fixtures().join(self.folder).join(file)
    }

    /// The text of a file of the folder.
    pub fn read(&self, file: &str) -> String {
        let path = self.path(file);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Name and text of every `metrics-*.txt`.
    pub fn bodies(&self) -> Vec<(String, String)> {
        let mut names: Vec<String> = std::fs::read_dir(self.path(""))
            .unwrap_or_else(|error| panic!("{}: {error}", self.folder))
            .map(|entry| {
                entry
                    .expect("a directory entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .filter(|name| name.starts_with("metrics-") && name.ends_with(".txt"))
            .collect();
        names.sort();
        names
            .into_iter()
            .map(|name| (name.clone(), self.read(&name)))
            .collect()
    }
}
