//! `promtool test rules`.

use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_yaml::Value;

/// Runs a suite beside its rule files, which are written to the folder first: its name there and
/// the rules. What promtool says where a test fails; nothing where all hold.
///
/// # Errors
/// When a file cannot be written or promtool cannot be run.
pub fn test(dir: &Path, rules: &[(&str, &Value)], suite: &str) -> Result<Option<String>> {
    for (name, rules) in rules {
        fs::write(dir.join(name), serde_yaml::to_string(rules)?)?;
    }
    let path = dir.join(format!("{}.suite", rules[0].0));
    fs::write(&path, suite)?;
    let out = harness::repo::command("promtool")?
        .args(["test", "rules"])
        .arg(&path)
        .output()?;
    let said =
        String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    Ok((!out.status.success()).then_some(said))
}
