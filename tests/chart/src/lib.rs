//! The chart through the real helm and kubeconform.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};
use harness::render::{Options, Rendered};
use harness::repo;

pub mod examples;

/// The chart's folder.
#[must_use]
pub fn chart() -> PathBuf {
    repo::root().join("chart")
}

/// A copy of the chart among the dependencies of a parent chart, whose folder this is.
///
/// # Errors
/// When it cannot be copied.
pub fn copy_below(parent: &Path) -> Result<()> {
    let charts = parent.join("charts");
    std::fs::create_dir_all(&charts)?;
    let copied = Command::new("cp")
        .arg("-r")
        .arg(chart())
        .arg(charts.join("vllm-monitoring"))
        .status()?;
    if !copied.success() {
        bail!("cp -r of the chart: {copied}");
    }
    Ok(())
}

/// Every value set a render is checked with: none, and the files in chart/ci.
///
/// # Errors
/// When chart/ci cannot be read.
pub fn value_sets() -> Result<Vec<Vec<PathBuf>>> {
    let mut sets = vec![Vec::new()];
    for entry in std::fs::read_dir(chart().join("ci"))? {
        sets.push(vec![entry?.path()]);
    }
    Ok(sets)
}

/// Names a collector image that hosts the plugin, so that the plugin is used.
pub const WASM: &str = "tracing.collector.image.repository=registry.example/otelcol-vllm";

/// The chart with `--set` arguments.
///
/// # Errors
/// When helm refuses; its words are in the error.
pub fn with(set: &[&str]) -> Result<Rendered> {
    Rendered::new(&Options {
        set: set.iter().map(|s| (*s).to_owned()).collect(),
        ..Options::default()
    })
}

/// What helm says of values that it must refuse.
///
/// # Errors
/// When helm accepts them.
pub fn refusal(set: &[&str]) -> Result<String> {
    match with(set) {
        Ok(_) => bail!("helm accepts {set:?}"),
        Err(error) => Ok(format!("{error:#}")),
    }
}

/// Packs the chart, as it is published, into a folder.
///
/// # Errors
/// When helm cannot pack it.
pub fn package(into: &Path) -> Result<PathBuf> {
    let out = repo::command("helm")?
        .arg("package")
        .arg(chart())
        .arg("--destination")
        .arg(into)
        .output()?;
    if !out.status.success() {
        bail!("helm package: {}", String::from_utf8_lossy(&out.stderr));
    }
    std::fs::read_dir(into)?
        .filter_map(|e| Some(e.ok()?.path()))
        .find(|p| p.extension().is_some_and(|e| e == "tgz"))
        .context("helm package wrote no .tgz")
}

/// The oldest Kubernetes that the chart supports, and those that are in support themselves.
pub const KUBERNETES: [&str; 6] = [
    "v1.25.0", "v1.31.0", "v1.32.0", "v1.33.0", "v1.34.0", "v1.35.0",
];

/// The folder of this crate's JSON schemas, unpacked once.
fn schemas() -> Result<&'static Path> {
    static FOLDER: OnceLock<std::result::Result<tempfile::TempDir, String>> = OnceLock::new();
    let unpack = || -> Result<tempfile::TempDir> {
        let packed = std::fs::File::open(repo::root().join("tests/chart/schemas/schemas.json.gz"))?;
        let files: BTreeMap<String, serde_json::Value> =
            serde_json::from_reader(flate2::read::GzDecoder::new(packed))?;
        let folder = tempfile::tempdir()?;
        for (path, schema) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().context("no parent")?)?;
            std::fs::write(path, serde_json::to_vec(&schema)?)?;
        }
        Ok(folder)
    };
    match FOLDER.get_or_init(|| unpack().map_err(|error| format!("{error:#}"))) {
        Ok(folder) => Ok(folder.path()),
        Err(error) => bail!("schemas.json.gz: {error}"),
    }
}

/// kubeconform's verdict on manifests, with the schemas of this crate for one of [`KUBERNETES`].
///
/// # Errors
/// When an object breaks its schema or has none.
pub fn conform(manifests: &str, kubernetes: &str) -> Result<()> {
    let schemas = schemas()?;
    let name = "{{.ResourceKind}}{{.KindSuffix}}.json";
    let mut child = repo::command("kubeconform")?
        .args(["-strict", "-summary", "-schema-location"])
        .arg(schemas.join(kubernetes).join(name))
        .arg("-schema-location")
        .arg(schemas.join(name))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    std::io::Write::write_all(
        &mut child.stdin.take().context("no stdin")?,
        manifests.as_bytes(),
    )?;
    let out = child.wait_with_output()?;
    if !out.status.success() {
        bail!("kubeconform: {}", String::from_utf8_lossy(&out.stdout));
    }
    Ok(())
}
