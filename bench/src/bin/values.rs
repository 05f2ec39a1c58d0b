//! What a check of values costs: the native command for a file of 500 lines, and the Helm plugin
//! beside a plugin that does nothing. Needs `plugins/values-validator/build`.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use bench::cpu::waited_for;
use bench::report::{Series, compare};
use harness::repo;

/// Lines of the checked file.
const LINES: usize = 500;

/// Most CPU time of a run of the command, in milliseconds.
const COMMAND_BAR_MS: f64 = 10.0;

/// Most CPU time of the Helm plugin, as a multiple of one that does nothing.
const PLUGIN_BAR: f64 = 3.0;

/// Largest module, in bytes.
const MODULE_BAR: f64 = 800_000.0;

/// Measured turns, and runs in each: the kernel counts in hundredths of a second.
const ROUNDS: usize = 5;
const COMMAND_RUNS: usize = 100;
const PLUGIN_RUNS: usize = 5;

/// Answers `{}`, as a plugin of Helm must, and does nothing else.
const NOTHING: &str = r#"(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (memory (export "memory") 1)
  (func (export "helm_plugin_main") (result i32) (local $at i64)
    (local.set $at (call $alloc (i64.const 2)))
    (call $store (local.get $at) (i32.const 123))
    (call $store (i64.add (local.get $at) (i64.const 1)) (i32.const 125))
    (call $output (local.get $at) (i64.const 2))
    (i32.const 0)))"#;

fn main() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let values = dir.path().join("values.yaml");
    fs::write(&values, file())?;
    println!("\nvalues validator: {LINES} lines, CPU time");
    let missed = [
        command(&values)?,
        plugin(dir.path(), &values)?,
        module("helm/vllm-values/plugin.wasm")?,
        module("web/vllm_values_bg.wasm")?,
    ];
    let missed: Vec<String> = missed.into_iter().flatten().collect();
    ensure!(missed.is_empty(), "bars missed: {}", missed.join("; "));
    Ok(())
}

/// A valid file of that many lines: models, as a large fleet has them.
fn file() -> String {
    let mut text = String::from("models:\n");
    for model in 0..(LINES - 1) / 4 {
        let _ = write!(
            text,
            "  - name: model-{model}\n    replicas: 4\n    selector:\n      app: vllm-{model}\n"
        );
    }
    while text.lines().count() < LINES {
        text.push_str("# a comment\n");
    }
    text
}

/// CPU time of each of some runs, in milliseconds.
fn cost(command: &mut Command, values: &Path, runs: usize) -> Result<f64> {
    let before = waited_for()?;
    for _ in 0..runs {
        let output = command
            .stdin(File::open(values)?)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output()
            .with_context(|| format!("{:?}", command.get_program()))?;
        if !output.status.success() {
            bail!(
                "{:?}: {}{}",
                command.get_program(),
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
    Ok((waited_for()? - before) * 1000.0 / runs as f64)
}

fn built(path: &str) -> Result<std::path::PathBuf> {
    let path = repo::root().join("target/validator").join(path);
    ensure!(
        path.exists(),
        "{} is missing: run plugins/values-validator/build",
        path.display()
    );
    Ok(path)
}

fn series(policy: &str, values: Vec<f64>) -> Series<'_> {
    Series { policy, values }
}

/// Ours against a bar that is not measured.
fn held(name: &str, unit: &str, ours: Vec<f64>, bar: f64) -> Result<Option<String>> {
    let bars = vec![bar; ours.len()];
    let ratio = compare(
        name,
        unit,
        &series("vllm-values", ours),
        &series("bar", bars),
    )?;
    Ok((ratio > 1.0).then(|| format!("{name}: {ratio:.2} of {bar} {unit}")))
}

fn command(values: &Path) -> Result<Option<String>> {
    let program = built("vllm-values")?;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(cost(Command::new(&program).arg("-"), values, COMMAND_RUNS)?);
    }
    held("values/command", "ms", rounds, COMMAND_BAR_MS)
}

fn plugin(dir: &Path, values: &Path) -> Result<Option<String>> {
    let plugins = dir.join("data/plugins");
    let ours = built("helm/vllm-values")?;
    let module = fs::read(ours.join("plugin.wasm"))?;
    let manifest = fs::read_to_string(ours.join("plugin.yaml"))?;
    for (name, module) in [
        ("vllm-values", module),
        ("nothing", wat::parse_str(NOTHING)?),
    ] {
        let plugin = plugins.join(name);
        fs::create_dir_all(&plugin)?;
        fs::write(plugin.join("plugin.wasm"), module)?;
        fs::write(
            plugin.join("plugin.yaml"),
            manifest.replace("vllm-values", name),
        )?;
    }
    let helm = repo::tool("helm")?;
    let run = |name: &str, runs: usize| {
        let mut command = Command::new(&helm);
        command
            .arg(name)
            .env_remove("HELM_PLUGINS")
            .env("HELM_DATA_HOME", dir.join("data"))
            .env("HELM_CONFIG_HOME", dir.join("config"))
            .env("HELM_CACHE_HOME", dir.join("cache"));
        cost(&mut command, values, runs)
    };
    // Compiled once and kept in Helm's cache.
    run("nothing", 1)?;
    run("vllm-values", 1)?;
    let (mut ours, mut nothing) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        nothing.push(run("nothing", PLUGIN_RUNS)?);
        ours.push(run("vllm-values", PLUGIN_RUNS)?);
    }
    let ratio = compare(
        "values/helm-plugin",
        "ms",
        &series("vllm-values", ours),
        &series("nothing", nothing),
    )?;
    Ok((ratio > PLUGIN_BAR).then(|| format!("values/helm-plugin: × {ratio:.2} of a plugin that does nothing; expected at most {PLUGIN_BAR}")))
}

fn module(path: &str) -> Result<Option<String>> {
    let bytes = fs::metadata(built(path)?)?.len() as f64;
    held(&format!("values/{path}"), "bytes", vec![bytes], MODULE_BAR)
}
