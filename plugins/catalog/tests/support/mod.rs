//! Compares what a real server said with the catalogue: every difference becomes one line that says place, found and expected.

#![allow(dead_code, reason = "each test program uses a part of it")]

pub mod exposition;
pub mod metrics;
pub mod traces;

use vllm_catalog::Version;

/// A recording, and what its server had switched on.
pub struct Capture {
    /// Where it is.
    pub from: captures::Capture,
    /// The server's release.
    pub version: Version,
    /// Whether the optional families were enabled: the variant `optional`.
    pub optional: bool,
    /// Whether FastAPI traces itself: a variant `fastapi-…`.
    pub fastapi_spans: bool,
}

/// The servers' `--max-model-len`.
pub const MAX_MODEL_LEN: u64 = 2048;

/// Every recording.
pub fn captures() -> Vec<Capture> {
    let all = captures::all().expect("the recordings");
    all.into_iter()
        .map(|from| Capture {
            version: from.release().parse().expect("a release"),
            optional: from.variant == "optional",
            fastapi_spans: from.variant.starts_with("fastapi-"),
            from,
        })
        .collect()
}

/// The recording of this name.
pub fn capture(name: &str) -> Capture {
    captures()
        .into_iter()
        .find(|capture| capture.name() == name)
        .unwrap_or_else(|| panic!("no recording {name}"))
}

impl Capture {
    /// Its folder below tests/fixtures/vllm.
    pub fn name(&self) -> String {
        self.from.name()
    }

    /// The text of a file of the folder.
    pub fn read(&self, file: &str) -> String {
        self.from
            .read(file)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Name and text of every `metrics-*.txt`.
    pub fn bodies(&self) -> Vec<(String, String)> {
        self.from.bodies().unwrap_or_else(|error| panic!("{error}"))
    }
}
