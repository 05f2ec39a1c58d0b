//! Objects in `extraObjects`, against what the chart itself gives the API server.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;
use std::sync::LazyLock;

use chart_tests::value_sets;
use harness::render::{Options, Rendered};
use serde_json::{Value, json};
use values_validator_core::{Finding, Input, Source, check};

/// Every object of every value set, without the braces of alerts' texts, which Helm would expand.
static RENDERED: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let mut objects = Vec::new();
    for values in value_sets().unwrap() {
        let options = Options {
            values,
            ..Options::default()
        };
        let rendered = Rendered::new(&options).unwrap();
        for object in rendered.objects {
            let text = serde_json::to_string(&object).unwrap().replace("{{", "((");
            objects.push(serde_json::from_str(&text).unwrap());
        }
    }
    objects
});

fn of<'a>(object: &'a Value, key: &str) -> &'a str {
    object[key].as_str().unwrap_or_default()
}

/// What the API server would refuse of an object.
fn refused(object: &Value) -> Vec<Finding> {
    let text = json!({"extraObjects": [object]}).to_string();
    let report = check(&Input {
        sources: vec![Source::new("values.yaml", text)],
        sets: Vec::new(),
    });
    let mut findings = report.findings;
    findings.retain(|finding| finding.code == "extra-object");
    findings
}

#[test]
fn what_the_chart_renders_has_no_finding() {
    assert!(RENDERED.len() > 200, "{} objects", RENDERED.len());
    for object in &*RENDERED {
        let findings = refused(object);
        assert!(findings.is_empty(), "{findings:#?}\n{object:#}");
    }
}

/// Maps of an object below its `spec`, with the names of their keys; those whose names the user gives are left out.
fn keys(node: &Value, at: &str, found: &mut Vec<(String, String)>) {
    const FREE: [&str; 9] = [
        "annotations",
        "labels",
        "matchLabels",
        "selector",
        "nodeSelector",
        "limits",
        "requests",
        "data",
        "hard",
    ];
    match node {
        Value::Object(map) => {
            for (key, below) in map {
                found.push((at.to_owned(), key.clone()));
                // What KEDA's triggers read is each trigger's own.
                let trigger = key == "metadata" && at.contains("/triggers/");
                if !trigger && !FREE.contains(&key.as_str()) {
                    keys(below, &format!("{at}/{key}"), found);
                }
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                keys(item, &format!("{at}/{i}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn a_misspelt_key_of_what_the_chart_renders_is_found() {
    let (mut tried, mut kinds) = (0, BTreeSet::new());
    // The operator's objects have a rule of their own.
    let known = |object: &&Value| !of(object, "apiVersion").starts_with("monitoring.coreos.com/");
    for object in RENDERED.iter().filter(known) {
        let kind = of(object, "kind");
        if object.get("spec").is_none() || !kinds.insert(kind) {
            continue;
        }
        let mut places = Vec::new();
        if let Some(spec) = object.get("spec") {
            keys(spec, "/spec", &mut places);
        }
        for (at, key) in places {
            let mut spoilt = object.clone();
            let map = spoilt.pointer_mut(&at).unwrap().as_object_mut().unwrap();
            let value = map.remove(&key).unwrap();
            map.insert(format!("{key}x"), value);
            let findings = refused(&spoilt);
            let named = |f: &Finding| f.found.contains(&format!("{key}x"));
            assert!(
                findings.iter().any(named),
                "{kind} {at}/{key}: {findings:#?}"
            );
            tried += 1;
        }
    }
    assert!(kinds.len() >= 6, "{kinds:?}");
    assert!(tried > 200, "{tried} keys");
}
