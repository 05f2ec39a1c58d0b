//! What JavaScript calls.

use serde::Deserialize;
use values_validator_core::{Input, Set, SetKind, Source, render};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// JavaScript's own, so that no second reader of its values is needed.
    #[wasm_bindgen(js_namespace = JSON, catch)]
    fn stringify(value: &JsValue) -> Result<Option<String>, JsValue>;

    #[wasm_bindgen(js_namespace = JSON, catch)]
    fn parse(text: &str) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A values file; `name` is what findings call it. */
export interface Source { name: string; text: string }
/** An argument of `--set`, `--set-string` or `--set-json`. */
export interface SetArgument { kind: "set" | "string" | "json"; text: string }
/** Files, later ones over earlier ones, and what is set over them. */
export interface Input { sources: Source[]; sets?: SetArgument[] }
/** Lines and columns count from 1, columns in characters; the end is behind the last character. */
export interface Place { file: string; line: number; column: number; endLine: number; endColumn: number }
export interface Finding {
  code: string;
  title: string;
  url: string;
  severity: "error" | "warning" | "info";
  path: string;
  place: Place | null;
  found: string;
  expected: string;
  why: string;
  fix: { text: string; replacement: { place: Place; text: string } | null };
  related: { place: Place; text: string }[];
}
export interface Report { findings: Finding[]; errors: number; warnings: number; info: number }
"#;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "Input")]
    pub type JsInput;
    #[wasm_bindgen(typescript_type = "Report")]
    pub type JsReport;
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    sources: Vec<GivenSource>,
    #[serde(default)]
    sets: Vec<GivenSet>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenSource {
    name: String,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenSet {
    kind: GivenKind,
    text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum GivenKind {
    Set,
    String,
    Json,
}

impl From<Given> for Input {
    fn from(given: Given) -> Self {
        let kind = |kind| match kind {
            GivenKind::Set => SetKind::Set,
            GivenKind::String => SetKind::String,
            GivenKind::Json => SetKind::Json,
        };
        let sources = given.sources.into_iter();
        let sets = given.sets.into_iter();
        Self {
            sources: sources.map(|s| Source::new(s.name, s.text)).collect(),
            sets: sets.map(|s| Set::new(kind(s.kind), s.text)).collect(),
        }
    }
}

/// Checks values: `{sources: [{name, text}], sets: [{kind, text}]}` in, what the command prints for
/// `--format json` out.
///
/// # Errors
/// When the argument has another shape. Bad values are findings, never an error.
#[wasm_bindgen]
pub fn check(input: &JsInput) -> Result<JsReport, JsValue> {
    let text = stringify(input)?.unwrap_or_default();
    let given: Given =
        serde_json::from_str(&text).map_err(|error| JsError::new(&format!("check: {error}")))?;
    let report = values_validator_core::check(&given.into());
    parse(&render::json(&report)).map(JsCast::unchecked_into)
}
