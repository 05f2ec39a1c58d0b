//! Reading a record: little-endian numbers at fixed places, checked once, never trusted.
//!
//! `ABI.md` gives the layout. The sizes are validated for the record as a whole, after which the
//! span records are chunks of a constant size and need no check of their own. This file knows
//! nothing of what the slots mean.

/// Size of the header, which holds the answer area as well.
pub const HEADER: usize = 128;

/// Where the answer area starts in the header.
pub const ANSWER: usize = 64;

/// Size of a span record before its slots.
const SPAN_HEADER: usize = 32;

/// Size of a span record of so many slots.
#[must_use]
pub const fn span_size(slots: usize) -> usize {
    SPAN_HEADER + 8 * slots
}

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

impl core::fmt::Display for Malformed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Short => "record: shorter than its header of 128 bytes",
            Self::Size => "record: the size in its header is not its size, or no multiple of 8",
            Self::Spans => "record: its span records do not fit into it",
        })
    }
}

impl core::error::Error for Malformed {}

/// A record whose sizes agree. `SPAN` is the size of its span records.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a, const SPAN: usize> {
    bytes: &'a [u8],
    header: &'a [u8; HEADER],
    spans: &'a [[u8; SPAN]],
}

impl<'a, const SPAN: usize> Record<'a, SPAN> {
    /// Checks the sizes.
    ///
    /// # Errors
    ///
    /// [`Malformed`], which see.
    #[inline]
    pub fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let (header, body, matched) = split(bytes)?;
        let (spans, _) = body.as_chunks::<SPAN>();
        spans
            .get(..matched)
            .map(|spans| Self {
                bytes,
                header,
                spans,
            })
            .ok_or(Malformed::Spans)
    }

    /// The span records.
    #[inline]
    pub fn spans(&self) -> impl Iterator<Item = SpanRecord<'a>> + 'a {
        self.spans.iter().map(|bytes| SpanRecord {
            words: bytes.as_chunks::<8>().0,
        })
    }

    /// The header.
    #[inline]
    #[must_use]
    pub fn header(&self) -> Header<'a> {
        Header(self.header)
    }

    /// The bytes of a string slot; none where it lies outside of the record.
    #[inline]
    #[must_use]
    pub fn text(&self, text: Text) -> &'a [u8] {
        text.of(self.bytes)
    }
}

/// A record whose sizes agree, with as many slots in a span record as the policy asks for.
#[derive(Debug, Clone, Copy)]
pub struct Trace<'a> {
    bytes: &'a [u8],
    header: &'a [u8; HEADER],
    spans: &'a [u8],
    span_size: usize,
}

impl<'a> Trace<'a> {
    /// Checks the sizes.
    ///
    /// # Errors
    ///
    /// [`Malformed`], which see.
    #[inline]
    pub fn read(bytes: &'a [u8], slots: usize) -> Result<Self, Malformed> {
        let (header, body, matched) = split(bytes)?;
        let span_size = span_size(slots);
        matched
            .checked_mul(span_size)
            .and_then(|size| body.get(..size))
            .map(|spans| Self {
                bytes,
                header,
                spans,
                span_size,
            })
            .ok_or(Malformed::Spans)
    }

    /// The span records, in the order of arrival.
    #[inline]
    pub fn spans(&self) -> impl Iterator<Item = SpanRecord<'a>> + 'a {
        self.spans
            .chunks_exact(self.span_size)
            .map(|bytes| SpanRecord {
                words: bytes.as_chunks::<8>().0,
            })
    }

    /// The header.
    #[inline]
    #[must_use]
    pub fn header(&self) -> Header<'a> {
        Header(self.header)
    }

    /// The text in slot `slot` of a span; empty where there is none, or where it is not UTF-8.
    #[inline]
    #[must_use]
    pub fn text(&self, span: &SpanRecord<'_>, slot: usize) -> &'a str {
        core::str::from_utf8(span.text(slot).of(self.bytes)).unwrap_or_default()
    }
}

/// The header, the rest, and how many span records there are to be.
#[inline]
fn split(bytes: &[u8]) -> Result<(&[u8; HEADER], &[u8], usize), Malformed> {
    let (header, body) = bytes
        .split_first_chunk::<HEADER>()
        .ok_or(Malformed::Short)?;
    let [s0, s1, s2, s3, m0, m1, m2, m3, ..] = *header;
    let size = u32::from_le_bytes([s0, s1, s2, s3]);
    if usize::try_from(size) != Ok(bytes.len()) || size % 8 != 0 {
        return Err(Malformed::Size);
    }
    let matched = u32::from_le_bytes([m0, m1, m2, m3]);
    let matched = usize::try_from(matched).map_err(|_| Malformed::Spans)?;
    Ok((header, body, matched))
}

/// The header of a record. A part is meaningful only where the description asks for it.
#[derive(Debug, Clone, Copy)]
pub struct Header<'a>(&'a [u8; HEADER]);

impl Header<'_> {
    /// A word of 8 bytes.
    #[inline]
    fn word(self, at: usize) -> [u8; 8] {
        let (words, _) = self.0.as_chunks::<8>();
        words.get(at / 8).copied().unwrap_or_default()
    }

    /// The host's time, unix nanoseconds (`now`). It may step back.
    #[inline]
    #[must_use]
    pub fn now(self) -> u64 {
        u64::from_le_bytes(self.word(8))
    }

    /// How many share a limit per second: shards of this collector times collectors, at least 1
    /// (`shard`).
    #[inline]
    #[must_use]
    pub fn deciders(self) -> u32 {
        let [_, _, _, _, s0, s1, s2, s3] = self.word(16);
        let [_, _, _, _, c0, c1, c2, c3] = self.word(40);
        let shards = u32::from_le_bytes([s0, s1, s2, s3]).max(1);
        shards.saturating_mul(u32::from_le_bytes([c0, c1, c2, c3]).max(1))
    }

    /// The second half of the trace id, of which the last 7 bytes are random (`trace_id`).
    #[inline]
    #[must_use]
    pub fn random(self) -> [u8; 8] {
        self.word(32)
    }

    /// Spans of the trace, with a record or without (`span_count`).
    #[inline]
    #[must_use]
    pub fn span_count(self) -> u32 {
        let [c0, c1, c2, c3, ..] = self.word(40);
        u32::from_le_bytes([c0, c1, c2, c3])
    }

    /// Earliest start and latest end of all spans, unix nanoseconds (`time_range`).
    #[inline]
    #[must_use]
    pub fn time_range(self) -> [u64; 2] {
        [48, 56].map(|at| u64::from_le_bytes(self.word(at)))
    }
}

/// Where a string stands in the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Text {
    /// From the start of the record, in bytes.
    pub offset: u32,
    /// In bytes.
    pub length: u32,
}

impl Text {
    /// Its bytes in a record; none where it lies outside of it.
    #[inline]
    fn of(self, record: &[u8]) -> &[u8] {
        let from = self.offset as usize;
        let to = from.saturating_add(self.length as usize);
        record.get(from..to).unwrap_or_default()
    }
}

/// One span record.
#[derive(Debug, Clone, Copy)]
pub struct SpanRecord<'a> {
    words: &'a [[u8; 8]],
}

impl SpanRecord<'_> {
    /// The group of the description that the span belongs to.
    #[inline]
    #[must_use]
    pub fn group(&self) -> u16 {
        let [.., g0, g1] = self.word(3);
        u16::from_le_bytes([g0, g1])
    }

    /// The span's status code: 2 is ERROR. Meaningful only where it was asked for.
    #[inline]
    #[must_use]
    pub fn status(&self) -> u16 {
        let [_, _, _, _, s0, s1, _, _] = self.word(3);
        u16::from_le_bytes([s0, s1])
    }

    /// Whether slot `slot`, which is below 64, has a value.
    #[inline]
    #[must_use]
    pub fn has(&self, slot: usize) -> bool {
        u64::from_le_bytes(self.word(0)) >> (slot % 64) & 1 == 1
    }

    /// The number in slot `slot`; NaN where there is none.
    #[inline]
    #[must_use]
    pub fn number(&self, slot: usize) -> f64 {
        if self.has(slot) {
            f64::from_le_bytes(self.word(4 + slot))
        } else {
            f64::NAN
        }
    }

    /// The place of the string in slot `slot`; empty where there is none.
    #[inline]
    #[must_use]
    pub fn text(&self, slot: usize) -> Text {
        if !self.has(slot) {
            return Text::default();
        }
        let [o0, o1, o2, o3, l0, l1, l2, l3] = self.word(4 + slot);
        Text {
            offset: u32::from_le_bytes([o0, o1, o2, o3]),
            length: u32::from_le_bytes([l0, l1, l2, l3]),
        }
    }

    #[inline]
    fn word(&self, at: usize) -> [u8; 8] {
        self.words.get(at).copied().unwrap_or_default()
    }
}
