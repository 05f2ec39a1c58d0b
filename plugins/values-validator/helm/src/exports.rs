//! The export that Helm calls, and all the unsafe code of the guest.

#![allow(unsafe_code)]

use std::io::{Read, Write};

use extism_pdk::Memory;
use values_validator_core::{Node, set};

use crate::command;

/// Entry of a cli/v1 plugin: `{"extraArgs": [...]}` in, `{}` or an error out.
///
/// Written out instead of `#[plugin_fn]`, whose errors are printed with `anyhow`'s debug form: that
/// brings the backtrace printer along. Never exits and never panics: Helm then prints a trace of
/// the module instead of our words.
#[unsafe(no_mangle)]
pub extern "C" fn helm_plugin_main() -> i32 {
    match checked() {
        Ok(()) => {
            if let Ok(output) = Memory::from_bytes("{}") {
                output.set_output();
            }
            0
        }
        Err(text) => {
            if let Ok(text) = Memory::from_bytes(text) {
                // SAFETY: the handle is the one the host has just given out.
                unsafe { extism_pdk::extism::error_set(text.offset()) };
            }
            1
        }
    }
}

fn checked() -> Result<(), String> {
    let outcome = command::run(&arguments()?, read);
    let mut stdout = std::io::stdout();
    stdout
        .write_all(outcome.output.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|error| format!("standard output: {error}"))?;
    outcome.error.map_or(Ok(()), Err)
}

/// What Helm did not take for itself of the command line.
fn arguments() -> Result<Vec<String>, String> {
    let input = String::from_utf8(extism_pdk::input_bytes()).ok();
    let input = input.and_then(|text| set::read_json(&text));
    let input = input.ok_or("Helm's input: found no JSON")?;
    let arguments = input.child("extraArgs").map_or(&[][..], Node::items);
    Ok(arguments
        .iter()
        .filter_map(|argument| argument.as_str().map(str::to_owned))
        .collect())
}

fn read() -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    match std::io::stdin().read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(format!("standard input: {error}")),
    }
}
