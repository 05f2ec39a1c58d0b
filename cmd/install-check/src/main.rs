//! `install-check [FILE]`: reads the chart's input from FILE, else from the variable
//! `INSTALL_CHECK`, and prints a line for each check. Ends with 0 when nothing failed, with 1 when
//! something did, with 2 when the input is wrong.

use std::process::ExitCode;
use std::{env, fs};

use install_check::input::Input;
use install_check::run;

fn main() -> ExitCode {
    let input = match read() {
        Ok(input) => input,
        Err(wrong) => {
            eprintln!("install-check: {wrong}");
            return ExitCode::from(2);
        }
    };
    println!(
        "install-check {}: release {}, at most {} s",
        env!("CARGO_PKG_VERSION"),
        input.release,
        input.timeout_seconds
    );
    if run::all(&input, |line| println!("{line}")) {
        println!("the release works");
        return ExitCode::SUCCESS;
    }
    println!("the release does not work yet: see the lines that begin with FAIL");
    ExitCode::FAILURE
}

fn read() -> Result<Input, String> {
    let text = match env::args_os().nth(1) {
        Some(file) => fs::read_to_string(&file)
            .map_err(|e| format!("{} cannot be read: {e}", file.display()))?,
        None => env::var("INSTALL_CHECK").map_err(|_| {
            "found neither a file as argument nor the variable INSTALL_CHECK".to_owned()
        })?,
    };
    Input::parse(&text)
}
