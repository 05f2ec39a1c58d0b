//! Writes `chart/files/catalog.yaml` from the catalogue: `cargo run -p vllm-catalog --bin generate-catalog`; with `--check` compares instead.

use std::path::Path;
use std::process::ExitCode;

use vllm_catalog::chart_file;

fn main() -> ExitCode {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../chart/files/catalog.yaml");
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        [] => write(&path),
        ["--check"] => check(&path),
        found => Err(format!(
            "arguments: found {found:?}, expected none or --check"
        )),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("generate: {message}");
            ExitCode::FAILURE
        }
    }
}

fn write(path: &Path) -> Result<(), String> {
    let text = chart_file::render().map_err(|error| error.to_string())?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

fn check(path: &Path) -> Result<(), String> {
    let expected = chart_file::render().map_err(|error| error.to_string())?;
    let found =
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    if found == expected {
        return Ok(());
    }
    Err(format!(
        "chart/files/catalog.yaml differs from the catalogue; run `{}`",
        chart_file::COMMAND
    ))
}
