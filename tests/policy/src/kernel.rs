//! What an Extism host gives a plugin, as far as the policy uses it: input, output, an error, a log,
//! and blocks of memory of the host's own.

use std::collections::BTreeMap;

use wasmi::{Caller, Engine, Error, Linker};

/// The host's side of one call.
#[derive(Debug, Default)]
pub(crate) struct Kernel {
    pub input: Vec<u8>,
    pub output: Option<Vec<u8>>,
    pub error: Option<Vec<u8>>,
    /// Blocks by their handle. Handles lie far apart, as offsets into one memory do.
    blocks: BTreeMap<u64, Vec<u8>>,
}

/// Distance of two handles, and the most that a block can hold.
const STRIDE: u64 = 1 << 24;

impl Kernel {
    /// Starts a call.
    pub fn begin(&mut self, input: &[u8]) {
        *self = Self {
            input: input.to_vec(),
            ..Self::default()
        };
    }

    fn alloc(&mut self, size: u64) -> Result<u64, Error> {
        if size > STRIDE {
            return Err(Error::new(format!("alloc: found {size} bytes")));
        }
        let handle = STRIDE * (1 + self.blocks.len() as u64);
        self.blocks.insert(handle, vec![0; size as usize]);
        Ok(handle)
    }

    fn store(&mut self, offset: u64, bytes: &[u8]) -> Result<(), Error> {
        let block = self.blocks.range_mut(..=offset).next_back();
        block
            .and_then(|(handle, block)| {
                let at = usize::try_from(offset - handle).ok()?;
                block.get_mut(at..at.checked_add(bytes.len())?)
            })
            .ok_or_else(|| Error::new(format!("store: nothing was allocated at {offset}")))?
            .copy_from_slice(bytes);
        Ok(())
    }

    fn take(&self, offset: u64) -> Result<Vec<u8>, Error> {
        let block = self.blocks.get(&offset).cloned();
        block.ok_or_else(|| Error::new(format!("no block starts at {offset}")))
    }

    fn load<const N: usize>(&self, offset: u64) -> Result<[u8; N], Error> {
        let at = usize::try_from(offset).ok();
        at.and_then(|at| self.input.get(at..)?.first_chunk().copied())
            .ok_or_else(|| Error::new(format!("input: {N} bytes at {offset} are outside of it")))
    }
}

/// A linker with the functions of the host.
pub(crate) fn linker(engine: &Engine) -> Result<Linker<Kernel>, Error> {
    type Host<'a> = Caller<'a, Kernel>;
    const ENV: &str = "extism:host/env";
    let mut linker = Linker::new(engine);
    linker.func_wrap(ENV, "input_length", |host: Host<'_>| {
        host.data().input.len() as u64
    })?;
    linker.func_wrap(ENV, "input_load_u8", |host: Host<'_>, at: u64| {
        host.data().load(at).map(|[byte]: [u8; 1]| u32::from(byte))
    })?;
    linker.func_wrap(ENV, "input_load_u64", |host: Host<'_>, at: u64| {
        host.data().load(at).map(u64::from_le_bytes)
    })?;
    linker.func_wrap(ENV, "alloc", |mut host: Host<'_>, size: u64| {
        host.data_mut().alloc(size)
    })?;
    linker.func_wrap(ENV, "store_u8", |mut host: Host<'_>, at: u64, byte: u32| {
        host.data_mut().store(at, &[byte as u8])
    })?;
    linker.func_wrap(
        ENV,
        "store_u64",
        |mut host: Host<'_>, at: u64, word: u64| host.data_mut().store(at, &word.to_le_bytes()),
    )?;
    linker.func_wrap(
        ENV,
        "output_set",
        |mut host: Host<'_>, at: u64, size: u64| {
            let mut block = host.data().take(at)?;
            block.truncate(usize::try_from(size).unwrap_or(usize::MAX));
            host.data_mut().output = Some(block);
            Ok::<(), Error>(())
        },
    )?;
    linker.func_wrap(ENV, "error_set", |mut host: Host<'_>, at: u64| {
        host.data_mut().error = Some(host.data().take(at)?);
        Ok::<(), Error>(())
    })?;
    linker.func_wrap(ENV, "log_info", |host: Host<'_>, at: u64| {
        host.data().take(at).map(drop)
    })?;
    Ok(linker)
}
