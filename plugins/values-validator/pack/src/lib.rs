//! Compresses the static data of a WebAssembly module.
//!
//! What a compiler writes into the data section is names, messages and tables of pointers: half of it is
//! repetition. The packed module holds it as one LZ4 block and unpacks it in its start function, before
//! anything else runs. Code is left as it is: WebAssembly has no way to load more of it.

mod image;
mod sections;

use anyhow::{Context, Result, ensure};
use image::Image;
use lz4::block::{CompressionMode, compress};

/// The source of the start function. `{from}`, `{end}` and `{to}` are addresses.
const UNPACK: &str = include_str!("unpack.wat");

/// The same module with its data packed.
///
/// # Errors
///
/// Where it is no valid module, has a start function already, data that is not at a fixed address, or too
/// little room for the block below its data. That room is the stack, which nobody uses yet.
pub fn pack(module: &[u8]) -> Result<Vec<u8>> {
    wasmparser::validate(module).context("found no valid WebAssembly module")?;
    let image = Image::of(module)?;
    let block = compress(
        &image.bytes,
        Some(CompressionMode::HIGHCOMPRESSION(12)),
        false,
    )?;
    let size = u32::try_from(block.len())?;
    let stack = sections::stack(module)?;
    ensure!(
        stack <= image.start,
        "found the stack's end at {stack}, the data at {}; expected the stack below the data",
        image.start
    );
    let from = stack
        .checked_sub(size)
        .with_context(|| format!("found a stack of {stack} bytes; expected room for {size}"))?;
    let source = UNPACK
        .replace("{from}", &from.to_string())
        .replace("{end}", &(from + size).to_string())
        .replace("{to}", &image.start.to_string());
    let packed = sections::rewrite(module, &wat::parse_str(source)?, from, &block)?;
    wasmparser::validate(&packed).context("the packed module is not valid")?;
    Ok(packed)
}
