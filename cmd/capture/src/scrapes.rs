//! The series of scrapes, and the bodies of it that stand alone.

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Bodies by their unix seconds, in order of time.
#[derive(Debug, Default)]
pub struct Series(Vec<(u64, String)>);

impl Series {
    /// Adds a body.
    pub fn push(&mut self, seconds: u64, body: String) {
        self.0.push((seconds, body));
    }

    /// `metrics-loaded-1.txt` and `-2`: a third and two thirds of the load; `metrics-busy.txt`: the fullest queue.
    pub fn bodies(&self) -> Vec<(&'static str, &str)> {
        let at = |share: usize| self.0.get(self.0.len() * share / 3);
        let fullest = self.0.iter().max_by_key(|(_, body)| waiting(body));
        [
            ("metrics-loaded-1.txt", at(1)),
            ("metrics-loaded-2.txt", at(2)),
            ("metrics-busy.txt", fullest),
        ]
        .into_iter()
        .filter_map(|(name, found)| Some((name, found?.1.as_str())))
        .collect()
    }

    /// `scrapes.tar.gz`.
    pub fn archive(&self) -> Result<Vec<u8>> {
        let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::best()));
        for (seconds, body) in &self.0 {
            let mut header = tar::Header::new_gnu();
            header.set_size(body.len() as u64);
            header.set_mode(0o644);
            header.set_mtime(*seconds);
            archive.append_data(
                &mut header,
                format!("scrapes/scrape-{seconds}.txt"),
                body.as_bytes(),
            )?;
        }
        Ok(archive.into_inner()?.finish()?)
    }
}

/// Requests that wait, in a body: a whole number, so that bodies compare.
fn waiting(body: &str) -> u64 {
    body.lines()
        .filter(|line| line.starts_with("vllm:num_requests_waiting{"))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .map(|value| value as u64)
        .sum()
}
