//! What there is to show: read anew at each question, so that a dashboard that changed is seen.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use axum::Json;
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

/// What the page shows first, in place of what the dashboards say: a Prometheus that has just started
/// has no six hours to show.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Defaults {
    /// Of Prometheus, as `15s`.
    pub scrape_interval: String,
    /// Length of the first range, as `15m`.
    pub duration: String,
    /// Time between two looks, as `5s`.
    pub refresh_interval: String,
}

/// Answers `/dashboards/index.json`.
///
/// # Errors
/// As status 500 with the file and what is wrong with it.
pub async fn answer(
    folder: PathBuf,
    defaults: Defaults,
) -> Result<Json<Value>, (StatusCode, String)> {
    index(&folder, &defaults)
        .map(Json)
        .map_err(|e| (StatusCode::INTERNAL_SERVER_ERROR, format!("{e:#}\n")))
}

/// The dashboards of a folder in the order of their files' names; the fleet, if it is there, first.
pub fn index(folder: &Path, defaults: &Defaults) -> Result<Value> {
    let mut files: Vec<PathBuf> = match fs::read_dir(folder) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error).context(folder.display().to_string()),
    };
    files.retain(|file| file.extension().is_some_and(|is| is == "json"));
    files.sort_by_key(|file| {
        let name = file.file_stem().unwrap_or_default().to_owned();
        (!name.to_string_lossy().ends_with("fleet"), name)
    });
    let dashboards: Vec<Value> = files
        .iter()
        .map(|file| entry(file).with_context(|| file.display().to_string()))
        .collect::<Result<_>>()?;
    let mut index = serde_json::to_value(defaults)?;
    index["dashboards"] = dashboards.into();
    Ok(index)
}

fn entry(file: &Path) -> Result<Value> {
    let dashboard: Value = serde_json::from_slice(&fs::read(file)?)?;
    let display = &dashboard["spec"]["display"];
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    Ok(json!({
        "name": name,
        "title": display["name"].as_str().unwrap_or(&name),
        "description": display["description"].as_str().unwrap_or_default(),
    }))
}
