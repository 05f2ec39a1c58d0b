//! The module that the chart packs, in an interpreter.

use std::io::Read;

use anyhow::{Context, Result, anyhow, ensure};
use harness::repo;
use wasmi::{Engine, Global, Instance, Memory, Module, Store, TypedFunc, Val};

use vllm_policy::record::Wanted;

use crate::kernel::{self, Kernel};

/// The bytes of the module, as `plugins/build` put them into the chart.
///
/// # Errors
/// When they cannot be read.
pub fn packed() -> Result<Vec<u8>> {
    let path = repo::root().join("chart/files/sampling-policy.wasm.gz");
    let file = std::fs::File::open(&path).with_context(|| path.display().to_string())?;
    let mut wasm = Vec::new();
    flate2::read::GzDecoder::new(file)
        .read_to_end(&mut wasm)
        .with_context(|| path.display().to_string())?;
    Ok(wasm)
}

/// One instance of the policy.
pub struct Guest {
    store: Store<Kernel>,
    instance: Instance,
    memory: Memory,
    fuel: Global,
    evaluate: TypedFunc<i32, i32>,
    buffer: usize,
    capacity: usize,
    state: std::ops::Range<usize>,
}

impl Guest {
    /// Instantiates the packed module.
    ///
    /// # Errors
    /// When it is not what `ABI.md` asks for.
    pub fn new() -> Result<Self> {
        let engine = Engine::default();
        // As the host does when it loads a module.
        let metered = wasm_meter::meter(&packed()?, &wasm_meter::Options::default())?;
        let module = Module::new(&engine, &metered.wasm)?;
        let mut store = Store::new(&engine, Kernel::default());
        let instance = kernel::linker(&engine)?.instantiate_and_start(&mut store, &module)?;
        let mut constant = |name: &str| -> Result<i32> {
            Ok(instance
                .get_typed_func::<(), i32>(&store, name)?
                .call(&mut store, ())?)
        };
        ensure!(constant("tsp_abi")? == 2, "tsp_abi: expected 2");
        let buffer = usize::try_from(constant("tsp_buffer")?)?;
        let capacity = usize::try_from(constant("tsp_capacity")?)?;
        let state = usize::try_from(constant("tsp_state")?)?;
        let state = state..state + usize::try_from(constant("tsp_state_size")?)?;
        Ok(Self {
            state,
            memory: instance.get_memory(&store, "memory").context("no memory")?,
            fuel: instance
                .get_global(&store, "tsp_fuel")
                .context("no tsp_fuel")?,
            evaluate: instance.get_typed_func(&store, "tsp_evaluate")?,
            instance,
            store,
            buffer,
            capacity,
        })
    }

    /// Size of the record buffer, in bytes.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The whole memory.
    #[must_use]
    pub fn memory(&self) -> &[u8] {
        self.memory.data(&self.store)
    }

    /// Where the record buffer lies in the memory.
    #[must_use]
    pub fn buffer(&self) -> std::ops::Range<usize> {
        self.buffer..self.buffer + self.capacity
    }

    /// Where the state lies in the memory.
    #[must_use]
    pub fn state(&self) -> std::ops::Range<usize> {
        self.state.clone()
    }

    /// Writes over the state, as a host does that hands one over.
    ///
    /// # Errors
    /// When it has another size.
    pub fn set_state(&mut self, state: &[u8]) -> Result<()> {
        ensure!(state.len() == self.state.len(), "another size");
        Ok(self
            .memory
            .write(&mut self.store, self.state.start, state)?)
    }

    /// Puts settings in force: what the policy wants to see then.
    ///
    /// # Errors
    /// When they are refused, or the call traps.
    pub fn configure(&mut self, document: &str) -> Result<Wanted> {
        let configured = self.call("configure", document.as_bytes())?;
        configured.map_err(|mistakes| anyhow!("{document}: {mistakes}"))?;
        let described = self.call("describe", b"")?.map_err(|text| anyhow!(text))?;
        Wanted::from_description(std::str::from_utf8(&described)?)
    }

    /// What is left of the budget.
    ///
    /// # Errors
    /// When it is no `i64`.
    pub fn fuel(&self) -> Result<i64> {
        match self.fuel.get(&self.store) {
            Val::I64(left) => Ok(left),
            other => Err(anyhow!("tsp_fuel: found {other:?}; expected an i64")),
        }
    }

    /// Sets the budget.
    ///
    /// # Errors
    /// When it cannot be set.
    pub fn refuel(&mut self, fuel: i64) -> Result<()> {
        Ok(self.fuel.set(&mut self.store, Val::I64(fuel))?)
    }

    /// Writes the start of the record buffer. Then calls `tsp_evaluate(len)`: its status.
    ///
    /// # Errors
    /// When the bytes do not fit, or the call traps.
    pub fn evaluate_as(&mut self, bytes: &[u8], len: u32) -> Result<i32> {
        ensure!(bytes.len() <= self.capacity, "larger than the buffer");
        self.memory.write(&mut self.store, self.buffer, bytes)?;
        Ok(self.evaluate.call(&mut self.store, len.cast_signed())?)
    }

    /// Decides on a record and reads it back, with the answer.
    ///
    /// # Errors
    /// When it does not fit, the call traps or gives a status.
    pub fn evaluate(&mut self, record: &mut [u8]) -> Result<()> {
        let status = self.evaluate_as(record, u32::try_from(record.len())?)?;
        ensure!(status == 0, "tsp_evaluate: status {status}");
        Ok(self.memory.read(&self.store, self.buffer, record)?)
    }

    /// Calls an Extism function: its output, or its error text.
    ///
    /// # Errors
    /// When the call traps, or gives neither.
    pub fn call(&mut self, name: &str, input: &[u8]) -> Result<Result<Vec<u8>, String>> {
        self.store.data_mut().begin(input);
        let function = self.instance.get_typed_func::<(), i32>(&self.store, name)?;
        let code = function.call(&mut self.store, ())?;
        let kernel = self.store.data_mut();
        match (code, kernel.output.take(), kernel.error.take()) {
            (0, Some(output), None) => Ok(Ok(output)),
            (1, None, Some(error)) => Ok(Err(String::from_utf8(error)?)),
            (code, output, error) => Err(anyhow!(
                "{name}: found code {code}, output {output:?}, error {error:?}"
            )),
        }
    }
}
