//! An OTLP/JSON stream against the catalogue.

use std::collections::BTreeMap;

use serde_json::Value;
use vllm_catalog::{Attribute, AttributePresence, OtlpType, Role, Version, span, spans};

/// What a stream held: how often each name came, and every difference from the catalogue.
#[derive(Debug, Default)]
pub struct Outcome {
    pub names: BTreeMap<String, usize>,
    pub roles: Vec<Role>,
    pub differences: Vec<String>,
}

/// Compares a stream, one export request a line.
pub fn compare(lines: &str, version: Version) -> Outcome {
    let mut outcome = Outcome::default();
    for (index, line) in lines.lines().enumerate() {
        let request: Value = serde_json::from_str(line)
            .unwrap_or_else(|error| panic!("line {}: {error}", index + 1));
        for resource_spans in list(&request, "resourceSpans") {
            let place = format!("line {}", index + 1);
            attributes(
                &place,
                &resource_spans["resource"],
                spans::RESOURCE_ATTRIBUTES,
                &mut outcome.differences,
            );
            for scope_spans in list(resource_spans, "scopeSpans") {
                let scope = scope_spans["scope"]["name"].as_str().unwrap_or_default();
                for found in list(scope_spans, "spans") {
                    one(&place, scope, found, version, &mut outcome);
                }
            }
        }
    }
    outcome
}

fn one(place: &str, scope: &str, found: &Value, version: Version, outcome: &mut Outcome) {
    let name = found["name"].as_str().unwrap_or_default();
    *outcome.names.entry(name.to_owned()).or_default() += 1;
    let place = format!("{place}: span {name:?} of {scope:?}");
    let Some(known) = span(name, scope, version) else {
        outcome
            .differences
            .push(format!("{place} is not known in {version}"));
        return;
    };
    outcome.roles.push(known.role);
    if found["kind"] != known.kind.code() {
        outcome.differences.push(format!(
            "{place}: found kind {}, expected {}",
            found["kind"],
            known.kind.code()
        ));
    }
    attributes(&place, found, known.attributes, &mut outcome.differences);
}

fn attributes(place: &str, holder: &Value, known: &[Attribute], differences: &mut Vec<String>) {
    let found = list(holder, "attributes");
    for attribute in found {
        let key = attribute["key"].as_str().unwrap_or_default();
        let Some(expected) = known.iter().find(|known| known.key == key) else {
            differences.push(format!("{place}: attribute {key:?} is not known"));
            continue;
        };
        let field = match expected.otlp_type {
            OtlpType::String => "stringValue",
            OtlpType::Int => "intValue",
            OtlpType::Double => "doubleValue",
        };
        if attribute["value"].get(field).is_none() {
            differences.push(format!(
                "{place}: attribute {key:?}: found {}, expected {field}",
                attribute["value"]
            ));
        }
    }
    for expected in known
        .iter()
        .filter(|known| known.presence == AttributePresence::Always)
    {
        if !found
            .iter()
            .any(|attribute| attribute["key"] == expected.key)
        {
            differences.push(format!(
                "{place}: attribute {:?} is absent, expected always",
                expected.key
            ));
        }
    }
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}
