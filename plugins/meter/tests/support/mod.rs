//! Metered modules, run.

#![allow(clippy::expect_used, clippy::panic, dead_code)] // in helpers, where clippy sees no test

use wasm_meter::{FUEL, Metered, Options, meter};
use wasmi::{Engine, Error, Instance, Linker, Module, Store, TrapCode, Val};

/// Loops alone.
pub const LOOPS: Options = Options {
    loops_only: true,
    start_fuel: wasm_meter::START_FUEL,
};

/// Everything.
pub fn all() -> Options {
    Options::default()
}

/// The bytes of a module in the text format.
pub fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the test's own module")
}

/// The text, metered.
pub fn metered(text: &str, options: Options) -> Metered {
    meter(&wasm(text), &options).unwrap_or_else(|refusal| panic!("{refusal}"))
}

/// A module at work.
pub struct Running {
    pub store: Store<()>,
    pub instance: Instance,
}

impl Running {
    /// Instantiates a module without imports; runs its start function.
    pub fn new(wasm: &[u8]) -> Result<Self, Error> {
        let engine = Engine::default();
        let module = Module::new(&engine, wasm)?;
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
        Ok(Self { store, instance })
    }

    /// The text, metered and instantiated.
    pub fn metered(text: &str, options: Options) -> Self {
        Self::new(&metered(text, options).wasm).expect("instantiated")
    }

    /// What is left.
    pub fn fuel(&self) -> i64 {
        let global = self.instance.get_global(&self.store, FUEL).expect("fuel");
        match global.get(&self.store) {
            Val::I64(left) => left,
            other => panic!("{FUEL}: found {other:?}, expected an i64"),
        }
    }

    /// Sets the budget, as a host does before a call.
    pub fn refuel(&mut self, fuel: i64) {
        let global = self.instance.get_global(&self.store, FUEL).expect("fuel");
        global
            .set(&mut self.store, Val::I64(fuel))
            .expect("mutable");
    }

    /// Calls `name: (i32) -> i32`.
    pub fn call(&mut self, name: &str, argument: i32) -> Result<i32, TrapCode> {
        let function = self
            .instance
            .get_typed_func::<i32, i32>(&self.store, name)
            .expect("an export (i32) -> i32");
        function
            .call(&mut self.store, argument)
            .map_err(|error| error.as_trap_code().expect("a trap"))
    }

    /// Calls `name` with a budget; what it took, and what it gave.
    pub fn spend(&mut self, name: &str, argument: i32, fuel: i64) -> (i64, Result<i32, TrapCode>) {
        self.refuel(fuel);
        let given = self.call(name, argument);
        (fuel - self.fuel(), given)
    }
}
