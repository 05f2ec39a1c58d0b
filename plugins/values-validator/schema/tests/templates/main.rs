//! Every typed key is used by a template, and every `.Values.x` of a template is typed.
//!
//! Templates are read by a reader of this test: Go's own (text/template/parse) would need a Go program that hands its
//! tree over, to an evaluation that stays here, beside the schema's types. What it reads is small, an unknown form is
//! an error, and the real Helm parses the same files in the chart's tests.

mod eval;
mod functions;
mod lex;
mod parse;
mod schema;
mod value;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use serde_json::json;

use eval::{Uses, uses};
use parse::Templates;
use schema::Schema;

/// Keys that no template reads: a parent's condition does.
const UNREAD: [&str; 1] = ["enabled"];

fn files(folder: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, into)?;
        } else {
            into.push(path);
        }
    }
    into.sort();
    Ok(())
}

/// The chart's templates, with a text replaced in them.
fn templates(from: &str, to: &str) -> Result<Templates> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../chart/templates");
    let mut paths = Vec::new();
    files(&folder, &mut paths)?;
    let mut out = Templates::default();
    let mut found = from.is_empty();
    for path in paths {
        let text = std::fs::read_to_string(&path)?;
        found |= text.contains(from);
        let text = if from.is_empty() {
            text
        } else {
            text.replace(from, to)
        };
        out.add(&path.strip_prefix(&folder)?.display().to_string(), &text)?;
    }
    ensure!(found, "no template has {from:?}");
    Ok(out)
}

fn chart(from: &str, to: &str) -> Result<(Schema, Uses)> {
    let schema = Schema(values_schema::schema());
    let uses = uses(&templates(from, to)?, &schema);
    Ok((schema, uses))
}

/// Typed keys that no template uses.
fn unused(schema: &Schema, uses: &Uses) -> Vec<String> {
    let join = |paths: &BTreeSet<Vec<String>>| -> BTreeSet<String> {
        paths.iter().map(|path| path.join(".")).collect()
    };
    let (used, tested) = (join(&uses.used), join(&uses.tested));
    let below = |a: &str, b: &str| a == b || a.starts_with(&format!("{b}."));
    let is_used = |leaf: &String| {
        let mut used = used.iter();
        tested.contains(leaf) || used.any(|path| below(leaf, path) || below(path, leaf))
    };
    let mut leaves = schema.leaves();
    leaves.retain(|leaf| !UNREAD.contains(&leaf.as_str()) && !is_used(leaf));
    leaves.into_iter().collect()
}

#[test]
fn every_typed_key_is_used_by_a_template() {
    let (schema, uses) = chart("", "").unwrap();
    let unused = unused(&schema, &uses);
    assert!(unused.is_empty(), "no template uses {unused:#?}");
    assert!(schema.leaves().len() > 200, "{}", schema.leaves().len());
}

#[test]
fn every_name_in_values_that_a_template_reads_is_typed() {
    let (_, uses) = chart("", "").unwrap();
    assert!(uses.untyped.is_empty(), "no type for {:#?}", uses.untyped);
}

#[test]
fn a_typed_key_that_no_template_uses_is_found() {
    let (mut schema, uses) = chart("", "").unwrap();
    // Others of that name are used: a name alone is no use.
    schema.0["properties"]["tracing"]["properties"]["retention"] = json!({"type": "string"});
    schema.0["$defs"]["image"]["properties"]["architecture"] = json!({"type": "string"});
    let found = unused(&schema, &uses);
    for key in ["tracing.retention", "prometheus.image.architecture"] {
        assert!(found.contains(&key.to_owned()), "{key}: {found:?}");
    }
}

#[test]
fn a_key_that_is_only_carried_along_is_not_used() {
    let schema = Schema(values_schema::schema());
    let mut templates = Templates::default();
    let text = "{{ $c := .Values.tracing.collector }}{{ $n := dict \"a\" $c.replicas }}\
                {{ if $n.b }}{{ $c.logLevel }}{{ end }}";
    templates.add("a.yaml", text).unwrap();
    let found = unused(&schema, &eval::uses(&templates, &schema));
    assert!(found.contains(&"tracing.collector.replicas".to_owned()));
    assert!(!found.contains(&"tracing.collector.logLevel".to_owned()));
}

#[test]
fn a_name_without_a_type_is_found_behind_variables_and_helpers() {
    for (from, to, path) in [
        (
            ".Values.tracing.enabled",
            ".Values.tracing.enabeld",
            "tracing.enabeld",
        ),
        ("$p.retention", "$p.retentoin", "prometheus.retentoin"),
        (
            ".nodeSelector",
            ".nodeSelektor",
            "alertmanager.nodeSelektor",
        ),
        (
            "$settings.for",
            "$settings.fro",
            "rules.alerts.VllmReplicaDown.fro",
        ),
        (
            "dig \"limits\" \"memory\"",
            "dig \"limit\" \"memory\"",
            "tracing.collector.resources.limit",
        ),
    ] {
        let (_, uses) = chart(from, to).unwrap();
        assert!(uses.untyped.contains(path), "{to}: {:?}", uses.untyped);
    }
}
