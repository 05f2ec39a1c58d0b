//! Why traces were kept, as the policy wrote it onto their spans: read from the file that the collector writes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use anyhow::Result;
use harness::otlp;
use serde_json::Value;

const REASON: &str = "vllm.sampling.reason";
const CAUSE: &str = "vllm.sampling.cause";

/// The file, read so far.
#[derive(Debug)]
pub struct Causes {
    file: PathBuf,
    read: u64,
    /// A line that is not yet whole.
    rest: String,
    counts: BTreeMap<String, u64>,
}

impl Causes {
    /// Of a file of OTLP/JSON lines that grows.
    #[must_use]
    pub fn new(file: PathBuf) -> Self {
        Self {
            file,
            read: 0,
            rest: String::new(),
            counts: BTreeMap::new(),
        }
    }

    /// Kept requests by cause, so far. A reason without a cause is not counted.
    ///
    /// # Errors
    /// When the file cannot be read, or a whole line of it is no export request.
    pub fn look(&mut self) -> Result<BTreeMap<String, u64>> {
        // The collector writes the file with the first kept trace.
        if let Ok(mut file) = File::open(&self.file) {
            file.seek(SeekFrom::Start(self.read))?;
            self.read += file.read_to_string(&mut self.rest)? as u64;
        }
        if let Some(end) = self.rest.rfind('\n') {
            let whole: String = self.rest.drain(..=end).collect();
            for export in otlp::parse_lines(&whole)? {
                for (_, _, span) in otlp::spans(&export) {
                    if let Some(cause) = stamp(span, CAUSE) {
                        *self.counts.entry(cause.to_owned()).or_default() += 1;
                    }
                }
            }
        }
        Ok(self.counts.clone())
    }
}

/// The reason for which a span's trace was kept, where it is the one that says so.
#[must_use]
pub fn reason(span: &Value) -> Option<&str> {
    stamp(span, REASON)
}

fn stamp<'a>(span: &'a Value, key: &str) -> Option<&'a str> {
    let attributes = span["attributes"].as_array()?;
    let found = attributes
        .iter()
        .find(|attribute| attribute["key"] == key)?;
    found["value"]["stringValue"].as_str()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use serde_json::json;

    use super::*;

    #[test]
    fn causes_are_counted_as_the_file_grows_and_a_cut_line_waits_for_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kept.jsonl");
        let mut causes = Causes::new(path.clone());
        assert!(causes.look().unwrap().is_empty());
        let span = json!({"attributes": [
            {"key": REASON, "value": {"stringValue": "e2e_latency"}},
            {"key": CAUSE, "value": {"stringValue": "queue"}},
        ]});
        let line = format!("{}\n", otlp::request(&json!({}), &json!({}), &span));
        let (first, second) = line.split_at(40);
        let mut file = File::create(&path).unwrap();
        file.write_all(format!("{line}{first}").as_bytes()).unwrap();
        assert_eq!(causes.look().unwrap(), [("queue".to_owned(), 1)].into());
        file.write_all(second.as_bytes()).unwrap();
        assert_eq!(causes.look().unwrap(), [("queue".to_owned(), 2)].into());
    }
}
