//! Inputs grown from a corpus, by what they make the target do.
//!
//! libFuzzer wants a nightly compiler for its view into the target. Here the target itself says what
//! it did, as a number: an input that makes it do something new joins the pool from which the next
//! ones are grown. The fuel that a call used up is such a number, and a fine-grained one.
//!
//! A run within `cargo test` is short and the same each time. `FUZZ_SECONDS=60` runs each target for
//! that long, `FUZZ_RUNS=10000000` that often, from another seed (`FUZZ_SEED` to choose it).

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use std::{env, fs};

use crate::repo;
use anyhow::{Context, Result, ensure};
use fastrand::Rng;

/// Most inputs in the pool.
const POOL: usize = 8192;

/// How often a long run says how far it is, in inputs.
const NEWS: u64 = 500_000;

/// What is fuzzed.
pub struct Target<'a> {
    /// Its name.
    pub name: &'a str,
    /// The folder of its corpus, from the repository's root.
    pub corpus: &'a str,
    /// Pieces that inputs of it are made of.
    pub words: &'a [&'a [u8]],
    /// Longest input, in bytes.
    pub longest: usize,
    /// Inputs of a short run.
    pub runs: u64,
}

/// What a run came to.
#[derive(Debug, Clone, Copy)]
pub struct Outcome {
    /// Inputs that were grown and run.
    pub runs: u64,
    /// Different things that the target did.
    pub behaviours: usize,
}

impl Target<'_> {
    fn corpus(&self) -> PathBuf {
        repo::root().join(self.corpus)
    }

    /// Replays the corpus, then grows inputs from it. `check` panics when something is wrong, and
    /// otherwise says what the target did.
    ///
    /// # Errors
    /// When there is no corpus, or the environment asks for what is no number.
    ///
    /// # Panics
    /// When `check` does; the input is in the file that is named then.
    pub fn fuzz(&self, mut check: impl FnMut(&[u8]) -> u64) -> Result<Outcome> {
        let mut files: Vec<PathBuf> = fs::read_dir(self.corpus())
            .with_context(|| self.corpus().display().to_string())?
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<_>>()?;
        files.sort();
        let mut pool = Vec::new();
        let mut seen = HashSet::new();
        for file in files {
            let input = fs::read(&file).with_context(|| file.display().to_string())?;
            seen.insert(self.guarded(&input, &mut check));
            pool.push(input);
        }
        ensure!(!pool.is_empty(), "{} is empty", self.corpus().display());

        let time = number("FUZZ_SECONDS")?.map(Duration::from_secs);
        let count = number("FUZZ_RUNS")?;
        let seed = match (time.is_some() || count.is_some(), number("FUZZ_SEED")?) {
            (_, Some(seed)) => seed,
            (true, None) => fastrand::u64(..),
            (false, None) => 1,
        };
        let mut rng = Rng::with_seed(seed);
        let (started, mut runs) = (Instant::now(), 0);
        let more = |runs| match (time, count) {
            (Some(time), None) => started.elapsed() < time,
            (_, count) => runs < count.unwrap_or(self.runs),
        };
        while more(runs) {
            let input = self.grow(&mut rng, &pool);
            if seen.insert(self.guarded(&input, &mut check)) && pool.len() < POOL {
                pool.push(input);
            }
            runs += 1;
            if runs.is_multiple_of(NEWS) {
                println!("{}: {runs} inputs, {} behaviours", self.name, seen.len());
            }
        }
        println!(
            "{}: seed {seed}, {runs} inputs, {} behaviours",
            self.name,
            seen.len()
        );
        Ok(Outcome {
            runs,
            behaviours: seen.len(),
        })
    }

    /// Runs the check; leaves the input behind when it fails.
    fn guarded(&self, input: &[u8], check: &mut impl FnMut(&[u8]) -> u64) -> u64 {
        catch_unwind(AssertUnwindSafe(|| check(input))).unwrap_or_else(|panic| {
            let folder = repo::root().join("target/fuzz");
            let file = folder.join(format!("{}-failed", self.name));
            let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&file, input));
            eprintln!(
                "{}: failed on the input in {} ({written:?}); mend it, and put the input into {}",
                self.name,
                file.display(),
                self.corpus().display()
            );
            resume_unwind(panic)
        })
    }

    /// A new input out of one or two of the pool.
    fn grow(&self, rng: &mut Rng, pool: &[Vec<u8>]) -> Vec<u8> {
        let mut input = pool[rng.usize(..pool.len())].clone();
        for _ in 0..rng.usize(1..5) {
            let at = rng.usize(..=input.len());
            let end = rng.usize(at..=input.len().min(at + 64));
            match rng.u8(..9) {
                0 if at < input.len() => input[at] ^= 1 << rng.u8(..8),
                1 if at < input.len() => input[at] = rng.u8(..),
                2 => drop(input.drain(at..end)),
                3 => {
                    let piece = input[at..end].to_vec();
                    let to = rng.usize(..=input.len());
                    input.splice(to..to, piece);
                }
                4 => {
                    let other = &pool[rng.usize(..pool.len())];
                    let from = rng.usize(..=other.len());
                    input.splice(at.., other[from..].iter().copied());
                }
                5 | 6 if !self.words.is_empty() => {
                    let word = self.words[rng.usize(..self.words.len())];
                    let replaced = if rng.bool() { at..at } else { at..end };
                    input.splice(replaced, word.iter().copied());
                }
                _ => {
                    let number = [
                        0,
                        1,
                        u64::from(u32::MAX),
                        u64::MAX,
                        1 << 31,
                        rng.u64(..),
                        rng.u64(..64),
                    ];
                    let bytes = number[rng.usize(..number.len())].to_le_bytes();
                    let size = [1, 4, 8][rng.usize(..3)];
                    for (place, byte) in input[at..].iter_mut().zip(&bytes[..size]) {
                        *place = *byte;
                    }
                }
            }
        }
        input.truncate(self.longest);
        input
    }
}

fn number(variable: &str) -> Result<Option<u64>> {
    match env::var(variable) {
        Ok(text) if !text.is_empty() => text
            .replace('_', "")
            .parse()
            .map(Some)
            .with_context(|| format!("{variable}: found '{text}', expected a number")),
        _ => Ok(None),
    }
}
