//! What is known of each model: at most 64 of them, and one entry that all others share.

use crate::reasons::REASONS;
use crate::sketch::{Sketch, Slow, aged};

/// Models with an entry of their own.
pub const NAMED: usize = 64;

/// Entries: one for each model, then the shared one.
pub const ENTRIES: usize = NAMED + 1;

/// The name of the shared entry, in metrics.
pub const OTHERS: &str = "(others)";

/// Longest name, in bytes. Models whose names agree so far share an entry.
pub const LONGEST: usize = 120;

/// Places of the index: a power of two, four times the names.
const PLACES: usize = 256;

/// Prompt classes: up to 256, 1,024, 4,096, 16,384 and 65,536 tokens, and more.
pub const PROMPTS: [(f64, &str); 6] = [
    (256.0, "256"),
    (1024.0, "1024"),
    (4096.0, "4096"),
    (16384.0, "16384"),
    (65536.0, "65536"),
    (f64::INFINITY, "+Inf"),
];

/// What is known of a model. All zero bytes are an unused entry.
#[derive(Debug, Clone)]
#[repr(C)]
pub struct Model {
    /// Length of the name and 1; 0 is an unused entry.
    named: u32,
    name: [u8; LONGEST],
    /// The minute up to which the sketches have aged.
    minute: u64,
    /// When a trace of each reason was kept for being the first, in nanoseconds; 0 is never.
    pub first: [u64; REASONS.len()],
    /// When a trace was kept for comparison, in nanoseconds; 0 is never.
    pub baseline: u64,
    /// Time to first token, by prompt class.
    pub first_token: [Sketch; PROMPTS.len()],
    /// Time per output token.
    pub output: Sketch,
}

impl Model {
    /// An unused entry.
    pub const UNUSED: Self = Self {
        named: 0,
        name: [0; LONGEST],
        minute: 0,
        first: [0; REASONS.len()],
        baseline: 0,
        first_token: [Sketch::EMPTY; PROMPTS.len()],
        output: Sketch::EMPTY,
    };

    /// The name, as far as it is kept.
    #[inline]
    #[must_use]
    pub fn name(&self) -> &[u8] {
        self.name
            .get(..(self.named as usize).saturating_sub(1))
            .unwrap_or_default()
    }

    #[inline]
    fn is(&self, name: &[u8]) -> bool {
        self.named as usize == name.len() + 1 && self.name() == name
    }

    /// The sketch of the first token for a prompt of so many tokens; none for NaN.
    #[inline]
    #[must_use]
    pub fn of_prompt(&mut self, tokens: f64) -> Option<&mut Sketch> {
        let class = PROMPTS.iter().position(|(most, _)| tokens <= *most)?;
        self.first_token.get_mut(class)
    }

    /// Ages the sketches up to `minute` and settles their limits; within a minute it does nothing,
    /// so that limits are constant in each.
    #[inline]
    pub fn settle(&mut self, minute: u64, factor: f32, slow: &Slow) {
        if minute == self.minute {
            return;
        }
        let factor = aged(factor, minute.saturating_sub(self.minute));
        self.minute = minute;
        for sketch in self.first_token.iter_mut().chain([&mut self.output]) {
            sketch.settle(factor, slow);
        }
    }
}

/// All entries. All zero bytes are none.
#[derive(Debug, Clone)]
#[repr(C)]
pub struct Models {
    entries: [Model; ENTRIES],
    /// Entries in use, but for the shared one.
    used: u32,
    /// The entry that was asked for last.
    last: u32,
    /// Lookups that ended at the shared entry.
    others: u64,
    /// Entry and 1, by hash; 0 is an empty place.
    index: [u8; PLACES],
}

impl Models {
    /// None.
    pub const NONE: Self = Self {
        entries: [Model::UNUSED; ENTRIES],
        used: 0,
        last: 0,
        others: 0,
        index: [0; PLACES],
    };

    /// The entry of a number that [`Models::find`] gave.
    #[inline]
    #[must_use]
    pub fn get_mut(&mut self, entry: usize) -> Option<&mut Model> {
        self.entries.get_mut(entry)
    }

    /// All entries, the shared one last.
    #[must_use]
    pub fn entries(&self) -> &[Model] {
        &self.entries
    }

    /// Lookups that ended at the shared entry.
    #[must_use]
    pub fn others(&self) -> u64 {
        self.others
    }

    /// The number of the entry of that name: its own, a new one if there is room, else the shared
    /// one. A number keeps its meaning for ever, because hosts remember names by it.
    #[inline]
    pub fn find(&mut self, name: &[u8]) -> usize {
        let name = name.get(..LONGEST).unwrap_or(name);
        let last = self.last as usize;
        if self.entries.get(last).is_some_and(|entry| entry.is(name)) {
            return last;
        }
        self.look_up(name)
    }

    fn look_up(&mut self, name: &[u8]) -> usize {
        let start = hash(name);
        // A quarter of the places is taken at most, so an empty one always comes.
        for step in 0..PLACES {
            let Some(place) = self.index.get_mut((start + step) % PLACES) else {
                break;
            };
            let Some(entry) = usize::from(*place).checked_sub(1) else {
                if self.used as usize >= NAMED {
                    break;
                }
                let entry = self.used as usize;
                self.used += 1;
                *place = self.used as u8;
                self.last = entry as u32;
                if let Some(model) = self.entries.get_mut(entry) {
                    model.named = name.len() as u32 + 1;
                    if let Some(place) = model.name.get_mut(..name.len()) {
                        place.copy_from_slice(name);
                    }
                }
                return entry;
            };
            if self.entries.get(entry).is_some_and(|entry| entry.is(name)) {
                self.last = entry as u32;
                return entry;
            }
        }
        self.others += 1;
        NAMED
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.entries.fill(Model::UNUSED);
        self.index = [0; PLACES];
        (self.used, self.last, self.others) = (0, 0, 0);
    }
}

/// A place of the index, from 8 bytes at a time.
fn hash(name: &[u8]) -> usize {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = name.len() as u64;
    let (words, rest) = name.as_chunks::<8>();
    for word in words {
        hash = (hash ^ u64::from_le_bytes(*word))
            .wrapping_mul(ODD)
            .rotate_left(29);
    }
    for byte in rest {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(ODD);
    }
    (hash >> 56) as usize
}
