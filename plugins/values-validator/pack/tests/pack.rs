//! A packed module has the same memory when it has been instantiated, and says what it cannot pack.

use anyhow::{Context, Result};
use values_validator_pack::pack;
use wasmi::{Engine, Linker, Module, Store};

/// The first 192 KiB of a module's memory as it is before anything is called, and what `read` answers.
fn started(module: &[u8]) -> Result<(Vec<u8>, i32)> {
    let engine = Engine::default();
    let module = Module::new(&engine, module)?;
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "seven", || 7_i32)?;
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    let memory = instance.get_memory(&store, "memory").context("no memory")?;
    let read = instance.get_typed_func::<(), i32>(&store, "read")?;
    let bytes = memory.data(&store)[..0x3_0000].to_vec();
    Ok((bytes, read.call(&mut store, ())?))
}

/// A module as LLVM writes it: the stack below 0x10000, data above it.
fn module(data: &str) -> Result<Vec<u8>> {
    Ok(wat::parse_str(format!(
        r#"(module
          (import "host" "seven" (func $seven (result i32)))
          (memory (export "memory") 4)
          (global $stack (mut i32) (i32.const 0x10000))
          (table 1 funcref)
          (func (export "read") (result i32) (i32.add (call $seven) (call_indirect (result i32) (i32.const 0))))
          (func $ten (result i32) (i32.const 10))
          (elem (i32.const 0) $ten)
          {data})"#
    ))?)
}

/// What stands above the stack, where the packed block lies until it is overwritten.
fn data(memory: &[u8]) -> &[u8] {
    &memory[0x1_0000..]
}

fn assert_same(segments: &[(usize, Vec<u8>)]) -> Result<()> {
    let segments: String = (segments.iter())
        .map(|(at, bytes)| {
            let text: String = bytes.iter().map(|b| format!("\\{b:02x}")).collect();
            format!("(data (i32.const {at}) \"{text}\")\n")
        })
        .collect();
    let plain = module(&segments)?;
    let packed = pack(&plain)?;
    let ((before, seventeen), (after, answer)) = (started(&plain)?, started(&packed)?);
    assert!(data(&before) == data(&after), "{segments:.200}");
    assert_eq!((seventeen, answer), (17, 17));
    Ok(())
}

/// Bytes without a pattern, always the same ones.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state.to_le_bytes()[0]
        })
        .collect()
}

#[test]
fn the_memory_is_the_same_for_all_lengths() -> Result<()> {
    // Around 15 and 15 + 255 a length takes one byte more.
    for count in (1..40).chain(265..290).chain([1000, 20_000]) {
        assert_same(&[(0x1_0000, noise(count))])?;
        assert_same(&[(0x1_0000, vec![7; count])])?;
        let repeated = [noise(count), noise(count), vec![1]].concat();
        assert_same(&[(0x1_0000, repeated)])?;
    }
    Ok(())
}

#[test]
fn gaps_are_zeros_and_later_segments_win() -> Result<()> {
    assert_same(&[
        (0x1_0040, noise(10)),
        (0x2_8000, b"far away".to_vec()),
        (0x1_0000, vec![1; 70]),
    ])?;
    Ok(())
}

#[test]
fn repetition_gets_smaller() -> Result<()> {
    let text = b"expected a duration such as 30s or 5m; ".repeat(500);
    let escaped: String = text.iter().map(|b| format!("\\{b:02x}")).collect();
    let plain = module(&format!("(data (i32.const 0x10000) \"{escaped}\")"))?;
    assert!(pack(&plain)?.len() * 10 < plain.len());
    Ok(())
}

/// Why a module is not packed.
fn said(module: &[u8]) -> String {
    pack(module)
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default()
}

#[test]
fn what_cannot_be_packed_is_said() -> Result<()> {
    for (data, expected) in [
        ("", "found no data"),
        (
            "(data \"later\")",
            "found data that is copied later; expected active segments of memory 0",
        ),
        (
            "(data (i32.const 0xfff0) \"in the stack\")",
            "found the stack's end at 65536, the data at 65520; expected the stack below the data",
        ),
        (
            "(data (i32.const 0x10000) \"a\") (func $first) (start $first)",
            "found a start function; expected none",
        ),
    ] {
        assert_eq!(said(&module(data)?), expected, "{data}");
    }
    assert_eq!(said(b"no module"), "found no valid WebAssembly module");
    Ok(())
}
