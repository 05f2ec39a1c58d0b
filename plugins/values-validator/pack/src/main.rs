//! Compresses the static data of a WebAssembly module: `values-validator-pack MODULE.wasm OUT.wasm`.

use std::env;
use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match write(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("values-validator-pack: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn write(arguments: &[String]) -> Result<()> {
    let [module, out] = arguments else {
        bail!(
            "found {} arguments; expected MODULE.wasm OUT.wasm",
            arguments.len()
        );
    };
    let bytes = fs::read(module).with_context(|| module.clone())?;
    let packed = values_validator_pack::pack(&bytes).with_context(|| module.clone())?;
    fs::write(out, packed).with_context(|| out.clone())
}
