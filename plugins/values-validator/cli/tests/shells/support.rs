//! Running the shells.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use harness::repo;
use serde_json::Value;
use tempfile::TempDir;
use values_tests::mistakes::Expected;

/// The native command, not optimised.
pub const BINARY: &str = env!("CARGO_BIN_EXE_vllm-values");

/// What `plugins/values-validator/build` has made.
pub fn built(path: &str) -> PathBuf {
    let path = repo::root().join("target/validator").join(path);
    assert!(
        path.exists(),
        "{} is missing: run plugins/values-validator/build helm web",
        path.display()
    );
    path
}

/// Runs a program with something on its standard input.
pub fn run(command: &mut Command, stdin: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{:?}: {error}", command.get_program()));
    // Who does not want it closes the pipe.
    let _ = child.stdin.take().map(|mut pipe| pipe.write_all(stdin));
    child.wait_with_output().expect("its output")
}

/// The command, out of colours.
pub fn command(arguments: &[&str], stdin: &str) -> Output {
    run(Command::new(BINARY).args(arguments), stdin.as_bytes())
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Where `helm plugin install` puts a package, whatever HELM_PLUGINS says.
const PLUGINS: &str = "data/plugins";

/// A Helm with folders of its own.
pub struct Helm {
    program: PathBuf,
    home: TempDir,
}

impl Helm {
    pub fn new(tool: &str) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(home.path().join(PLUGINS)).expect("a folder");
        let program = repo::tool(tool).expect("a Helm");
        Self { program, home }
    }

    pub fn run(&self, arguments: &[&str], stdin: &[u8]) -> Output {
        let mut helm = Command::new(&self.program);
        let home = self.home.path();
        helm.args(arguments)
            .env_remove("HELM_PLUGINS")
            .env("HELM_CACHE_HOME", home.join("cache"))
            .env("HELM_CONFIG_HOME", home.join("config"))
            .env("HELM_DATA_HOME", home.join("data"));
        run(&mut helm, stdin)
    }

    pub fn plugins(&self) -> PathBuf {
        self.home.path().join(PLUGINS)
    }

    /// Helm 4 with the plugin as it is built, one for all tests.
    pub fn with_plugin() -> &'static Self {
        static HELM: OnceLock<Helm> = OnceLock::new();
        HELM.get_or_init(|| {
            let helm = Self::new("helm");
            copy(
                &built("helm/vllm-values"),
                &helm.plugins().join("vllm-values"),
            );
            // Compiles and caches, so that tests at once do not all do it.
            let help = helm.run(&["vllm-values", "--help"], b"");
            assert!(help.status.success(), "{}", stderr(&help));
            helm
        })
    }
}

/// Copies a folder of files.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().unwrap_or_default());
        fs::copy(&path, &to).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

/// The findings of a report in JSON, in the corpus' terms.
pub fn findings(report: &Value) -> Vec<Expected> {
    let number = |value: &Value| u32::try_from(value.as_u64().unwrap_or(0)).unwrap_or(0);
    let mut found: Vec<Expected> = report["findings"]
        .as_array()
        .unwrap_or_else(|| panic!("no findings in {report}"))
        .iter()
        .map(|finding| {
            let place = &finding["place"];
            Expected {
                source: place["file"].as_str().unwrap_or_default().to_owned(),
                line: number(&place["line"]),
                column: number(&place["column"]),
                code: finding["code"].as_str().unwrap_or_default().to_owned(),
            }
        })
        .collect();
    found.sort();
    found
}

/// A report in JSON on standard output.
pub fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", stdout(output), stderr(output)))
}
