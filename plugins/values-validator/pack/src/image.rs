//! What the memory holds when a module has been instantiated.

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{DataKind, Operator, Parser, Payload};

/// The most bytes between the first segment and the last; a larger image is no compiler's.
const MOST: u32 = 16 << 20;

/// The data segments as one piece, with zeros between them.
pub struct Image {
    /// Address of the first byte.
    pub start: u32,
    /// From there to the last segment's end.
    pub bytes: Vec<u8>,
}

impl Image {
    /// Of a module.
    ///
    /// # Errors
    ///
    /// Where it has no data, or some that is not at a fixed address of its first memory.
    pub fn of(module: &[u8]) -> Result<Self> {
        let mut segments: Vec<(u32, &[u8])> = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            let Payload::DataSection(section) = payload? else {
                continue;
            };
            for data in section {
                let data = data?;
                let DataKind::Active {
                    memory_index: 0,
                    offset_expr,
                } = data.kind
                else {
                    bail!("found data that is copied later; expected active segments of memory 0");
                };
                let Operator::I32Const { value } = offset_expr.get_operators_reader().read()?
                else {
                    bail!("found data at a computed address; expected i32.const");
                };
                segments.push((value.cast_unsigned(), data.data));
            }
        }
        let start = (segments.iter().map(|(at, _)| *at).min()).context("found no data")?;
        let mut bytes = Vec::new();
        // In their order: a later segment overwrites an earlier one.
        for (at, data) in segments {
            let from = (at - start) as usize;
            let end = from + data.len();
            ensure!(
                end <= MOST as usize,
                "found data over {end} bytes; expected at most {MOST}"
            );
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            bytes[from..end].copy_from_slice(data);
        }
        Ok(Self { start, bytes })
    }
}
