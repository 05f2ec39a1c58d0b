//! Everything that is generated from the types.

use std::path::Path;

use anyhow::{Context, Result};

use crate::{bare, comments, defaults, findings, helm, json, objects, schema, shape, table};

/// What writes the outputs.
pub const COMMAND: &str = "cargo run -p values-schema --bin generate-values";

/// A generated file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Where it lies, from the repository's root.
    pub path: &'static str,
    /// All of it.
    pub text: String,
}

/// Every generated file.
///
/// # Errors
/// When chart/values.yaml cannot be read.
pub fn outputs(root: &Path) -> Result<Vec<Output>> {
    let path = "chart/values.yaml";
    let text = std::fs::read_to_string(root.join(path)).context(path)?;
    let values = serde_yaml::from_str(&text).context(path)?;
    let schema = schema();
    let commented = comments::comments(&text, &schema);
    let bare = bare::bare(&commented)?;
    Ok(vec![
        Output {
            path: "plugins/values-validator/core/src/defaults.txt",
            text: defaults::table(&bare)?,
        },
        Output {
            path: "plugins/values-validator/core/src/defaults.yaml",
            text: bare,
        },
        Output {
            path: "plugins/values-validator/core/src/shape.json",
            text: format!("{}\n", shape::with_programs(shape::shape(&schema))?),
        },
        Output {
            path: "plugins/values-validator/core/src/objects.json",
            text: format!("{}\n", objects::objects()?),
        },
        Output {
            path: "docs/values.md",
            text: table::table(&schema, &values),
        },
        Output {
            path: "docs/findings.md",
            text: findings::page(root)?,
        },
        Output {
            path: "chart/values.schema.json",
            text: json::pretty(&helm::helm(&schema)),
        },
        Output {
            path,
            text: commented,
        },
    ])
}
