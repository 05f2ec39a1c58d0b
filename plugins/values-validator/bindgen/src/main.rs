//! Writes a JavaScript flavour of a wasm-bindgen module:
//! `values-validator-bindgen MODULE.wasm web|nodejs DIR`.
//!
//! Leaves `vllm_values.js`, `vllm_values_bg.wasm` and their `.d.ts` in DIR.

use std::env;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

/// Start of the written files' names.
const NAME: &str = "vllm_values";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match write(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("values-validator-bindgen: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn write(arguments: &[String]) -> Result<()> {
    let [module, flavour, dir] = arguments else {
        bail!(
            "found {} arguments; expected MODULE.wasm web|nodejs DIR",
            arguments.len()
        );
    };
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(module)
        .out_name(NAME)
        // Else `init()` in a page must be told where the module lies.
        .omit_default_module_path(false)
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true);
    match flavour.as_str() {
        "web" => bindgen.web(true)?,
        "nodejs" => bindgen.nodejs(true)?,
        other => bail!("found the flavour '{other}'; expected web or nodejs"),
    };
    bindgen.generate(dir).with_context(|| module.clone())
}
