//! Grafana's JSON against Grafana's own types: every dashboard is compiled as a typed constant.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use dashboards::files;

/// What the compiler says of the dashboards, changed by `change`; nothing where it is content.
fn compiled(folder: &Path, change: impl Fn(&str) -> String) -> Result<String> {
    let boards = folder.join("boards");
    fs::create_dir_all(&boards)?;
    for (path, text) in files::dashboards() {
        let name = Path::new(&path)
            .file_stem()
            .context(path.clone())?
            .to_string_lossy()
            .into_owned();
        // The variants' table of traces belongs to plugins without types.
        if Path::new(&path).parent() == Some(Path::new("chart/dashboards")) {
            let typed = format!(
                "import type {{ Dashboard }} from '../plain';\nexport const board: Dashboard = {};\n",
                change(&text)
            );
            fs::write(boards.join(format!("{name}.ts")), typed)?;
        }
    }
    let out = Command::new("node")
        .args(["node_modules/typescript/bin/tsc", "-p", "."])
        .current_dir(folder)
        .output()?;
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// The folder with the compiler and Grafana's types, as the lockfile pins them.
fn installed() -> Result<std::path::PathBuf> {
    let source = harness::repo::root().join("dashboards/schema");
    let folder = harness::repo::root().join("target/dashboards-schema");
    fs::create_dir_all(&folder)?;
    let lock = fs::read(source.join("package-lock.json"))?;
    let fresh = fs::read(folder.join("package-lock.json")).is_ok_and(|old| old == lock)
        && folder.join("node_modules/@grafana/schema").is_dir();
    for file in ["package.json", "plain.ts", "tsconfig.json"] {
        fs::copy(source.join(file), folder.join(file))?;
    }
    if !fresh {
        fs::write(folder.join("package-lock.json"), &lock)?;
        let out = Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(&folder)
            .output()?;
        ensure!(
            out.status.success(),
            "npm ci: {}",
            String::from_utf8_lossy(&out.stderr)
        );
    }
    Ok(folder)
}

#[test]
fn every_dashboard_has_grafanas_types_and_a_misspelt_option_would_be_found() {
    if Command::new("npm").arg("--version").output().is_err() {
        println!(
            "LEFT OUT: Node.js is not installed; Grafana's JSON is not checked against Grafana's types"
        );
        return;
    }
    let folder = installed().unwrap();
    let said = compiled(&folder, str::to_owned).unwrap();
    assert!(said.is_empty(), "{said}");
    for (right, wrong) in [
        ("\"lineWidth\"", "\"lineWith\""),
        (
            "\"mode\": \"palette-classic-by-name\"",
            "\"mode\": \"palette\"",
        ),
        ("\"colorMode\": \"value\"", "\"colorMode\": \"valu\""),
    ] {
        let said = compiled(&folder, |text| text.replace(right, wrong)).unwrap();
        // What stands in overrides has no type.
        let typed = right != "\"mode\": \"palette-classic-by-name\"";
        assert_eq!(!said.is_empty(), typed, "{wrong}: {said}");
    }
}
