//! Reading a record: little-endian numbers at fixed places, checked once, never trusted.
//!
//! `ABI.md` gives the layout. The sizes are validated for the record as a whole, after which the
//! span records are chunks of a constant size and need no check of their own.

/// Size of the header, which holds the answer area as well.
pub const HEADER: usize = 96;

/// Where the answer area starts in the header.
pub const ANSWER: usize = 64;

/// Attribute slots in a span record: as many as the description asks for, one for each rule.
pub const SLOTS: usize = 3;

/// Size of a span record before its attribute slots.
const SPAN_HEADER: usize = 32;

/// Size of a span record.
pub const SPAN: usize = SPAN_HEADER + 8 * SLOTS;

/// The record contradicts itself: the host speaks another layout, or wrote past its own sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// Shorter than a header.
    Short,
    /// The size in the header is not the size that came, or is no multiple of 8.
    Size,
    /// The span records do not fit into the record.
    Spans,
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Short => "record: shorter than its header of 96 bytes",
            Self::Size => "record: the size in its header is not its size, or no multiple of 8",
            Self::Spans => "record: its span records do not fit into it",
        })
    }
}

impl std::error::Error for Malformed {}

/// A record whose sizes agree.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    spans: &'a [[u8; SPAN]],
}

impl<'a> Record<'a> {
    /// Checks the sizes.
    ///
    /// # Errors
    ///
    /// [`Malformed`], which see.
    #[inline]
    pub fn read(record: &'a [u8]) -> Result<Self, Malformed> {
        let (header, body) = record
            .split_first_chunk::<HEADER>()
            .ok_or(Malformed::Short)?;
        let [s0, s1, s2, s3, m0, m1, m2, m3, ..] = *header;
        let size = u32::from_le_bytes([s0, s1, s2, s3]);
        if usize::try_from(size) != Ok(record.len()) || size % 8 != 0 {
            return Err(Malformed::Size);
        }
        let matched = u32::from_le_bytes([m0, m1, m2, m3]);
        let (spans, _) = body.as_chunks::<SPAN>();
        usize::try_from(matched)
            .ok()
            .and_then(|matched| spans.get(..matched))
            .map(|spans| Self { spans })
            .ok_or(Malformed::Spans)
    }

    /// The spans that match the description.
    #[inline]
    pub fn spans(&self) -> impl Iterator<Item = Span> + 'a {
        self.spans.iter().map(Span::read)
    }
}

/// What the policy asks of a span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Bit *i* is set when attribute slot *i* has a value.
    pub presence: u64,
    /// The attribute slots, in the order in which the description asks for them.
    pub numbers: [f64; SLOTS],
}

impl Span {
    #[inline]
    fn read(bytes: &[u8; SPAN]) -> Self {
        let (words, _) = bytes.as_chunks::<8>();
        // Both matches always succeed: a span record is 4 words and one for each slot.
        let (presence, slots) = match words {
            [presence, _, _, _, slots @ ..] => (*presence, slots),
            _ => ([0; 8], [].as_slice()),
        };
        let mut numbers = [0.0; SLOTS];
        for (number, slot) in numbers.iter_mut().zip(slots) {
            *number = f64::from_le_bytes(*slot);
        }
        Self {
            presence: u64::from_le_bytes(presence),
            numbers,
        }
    }

    /// Whether attribute slot `slot` has a value.
    #[inline]
    #[must_use]
    pub fn has(&self, slot: u32) -> bool {
        self.presence
            .checked_shr(slot)
            .is_some_and(|bits| bits & 1 == 1)
    }
}
