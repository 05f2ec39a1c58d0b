//! Inputs grown from a corpus, by what they make the target do.
//!
//! libFuzzer wants a nightly compiler for its view into the target. Here the target itself says what
//! it did, as a number: an input that makes it do something new joins the pool from which the next
//! ones are grown. The fuel that a call used up is such a number, and a fine-grained one.
//!
//! A run within `cargo test` is short and the same each time. `FUZZ_SECONDS=60` runs each target for
//! that long from another seed (`FUZZ_SEED` to choose it).

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use fastrand::Rng;
use harness::repo;

/// Longest input, in bytes; the border's size checks lie far below.
const LONGEST: usize = 8192;

/// Most inputs in the pool.
const POOL: usize = 4096;

/// What is fuzzed.
pub struct Target<'a> {
    /// Its name: the folder of its corpus.
    pub name: &'a str,
    /// Pieces that inputs of it are made of.
    pub words: &'a [&'a [u8]],
    /// Inputs of a short run.
    pub runs: usize,
}

impl Target<'_> {
    /// The folder of the corpus.
    #[must_use]
    pub fn corpus(&self) -> PathBuf {
        repo::root().join("tests/policy/corpus").join(self.name)
    }

    /// Replays the corpus, then grows inputs from it. `check` panics when something is wrong, and
    /// otherwise says what the target did.
    ///
    /// # Errors
    /// When there is no corpus, or the environment asks for what is no number.
    ///
    /// # Panics
    /// When `check` does; the input is in the file that is named then.
    pub fn fuzz(&self, mut check: impl FnMut(&[u8]) -> u64) -> Result<()> {
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

        let long = number("FUZZ_SECONDS")?.map(Duration::from_secs);
        let seed = match (long, number("FUZZ_SEED")?) {
            (_, Some(seed)) => seed,
            (Some(_), None) => fastrand::u64(..),
            (None, None) => 1,
        };
        let mut rng = Rng::with_seed(seed);
        let (started, mut runs) = (Instant::now(), 0);
        while long.map_or(runs < self.runs, |long| started.elapsed() < long) {
            let input = grow(&mut rng, &pool, self.words);
            if seen.insert(self.guarded(&input, &mut check)) && pool.len() < POOL {
                pool.push(input);
            }
            runs += 1;
        }
        println!(
            "{}: seed {seed}, {runs} inputs, {} behaviours",
            self.name,
            seen.len()
        );
        Ok(())
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
}

fn number(variable: &str) -> Result<Option<u64>> {
    match env::var(variable) {
        Ok(text) if !text.is_empty() => text
            .parse()
            .map(Some)
            .with_context(|| format!("{variable}: found '{text}', expected a number")),
        _ => Ok(None),
    }
}

/// A new input out of one or two of the pool.
fn grow(rng: &mut Rng, pool: &[Vec<u8>], words: &[&[u8]]) -> Vec<u8> {
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
            5 | 6 if !words.is_empty() => {
                let word = words[rng.usize(..words.len())];
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
    input.truncate(LONGEST);
    input
}
