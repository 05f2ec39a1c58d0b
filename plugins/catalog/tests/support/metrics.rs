//! A `/metrics` body against the catalogue.

use std::collections::{BTreeMap, BTreeSet};

use vllm_catalog::{Family, Kind, Presence, Values, Version, families_at, is_undescribed, le_text};

use super::exposition::{Body, Sample};

/// What is known of the server besides its body.
pub struct Server {
    pub version: Version,
    pub max_model_len: u64,
    /// Whether every optional family of the capture's flags must be there is the caller's to ask; here only whether any may be.
    pub optional: bool,
}

/// Every difference; empty when the body says nothing the catalogue does not know and lacks nothing that is always on.
pub fn differences(body: &Body, server: &Server) -> Vec<String> {
    let known: Vec<&Family> = families_at(server.version).collect();
    let mut found = Vec::new();
    types(body, &known, server, &mut found);
    let mut of_family: BTreeMap<&str, Vec<&Sample>> = BTreeMap::new();
    for sample in &body.samples {
        let created =
            |family: &&&Family| family.created_name().as_deref() == Some(sample.name.as_str());
        if let Some(family) = known.iter().find(|family| family.has_series(&sample.name)) {
            labels(sample, family, server, &mut found);
            of_family.entry(family.name).or_default().push(sample);
        } else if let Some(family) = known.iter().find(created) {
            labels(sample, family, server, &mut found);
        } else if !is_undescribed(&sample.name) {
            found.push(format!(
                "line {}: series {} is of no family of {}",
                sample.line, sample.name, server.version
            ));
        }
    }
    for family in &known {
        let samples = of_family.get(family.name).map_or(&[][..], Vec::as_slice);
        if family.kind == Kind::Histogram {
            bounds(family, samples, server, &mut found);
        }
        if family.presence == Presence::Always {
            always(body, family, samples, server, &mut found);
        }
    }
    found
}

fn types(body: &Body, known: &[&Family], server: &Server, found: &mut Vec<String>) {
    for (name, kind) in &body.types {
        let expected = match known.iter().find(|family| family.name == name) {
            Some(family) => {
                if matches!(family.presence, Presence::Optional(_)) && !server.optional {
                    found.push(format!(
                        "family {name} is there, expected only with a flag that is off"
                    ));
                }
                family.kind.as_str()
            }
            None if known
                .iter()
                .any(|family| family.created_name().as_deref() == Some(name)) =>
            {
                "gauge"
            }
            None => {
                if !is_undescribed(name) {
                    found.push(format!("family {name} is not known in {}", server.version));
                }
                continue;
            }
        };
        if kind != expected {
            found.push(format!(
                "family {name}: found type {kind}, expected {expected}"
            ));
        }
    }
}

fn labels(sample: &Sample, family: &Family, server: &Server, found: &mut Vec<String>) {
    let mut expected: BTreeSet<&str> = family
        .labels_at(server.version)
        .map(|label| label.name)
        .collect();
    if sample.name.ends_with("_bucket") {
        expected.insert("le");
    }
    let have: BTreeSet<&str> = sample.labels.keys().map(String::as_str).collect();
    if have != expected {
        found.push(format!(
            "line {}: {}: found labels {have:?}, expected {expected:?}",
            sample.line, sample.name
        ));
    }
    for label in family.labels_at(server.version) {
        let Some(value) = sample.labels.get(label.name) else {
            continue;
        };
        let fits = match label.values {
            Values::Any => true,
            Values::Index => !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()),
            Values::OneOf(values) => values
                .iter()
                .any(|known| known.text == value && known.releases.holds(server.version)),
        };
        if !fits {
            found.push(format!(
                "line {}: {}: {}={value:?} is not among the known values",
                sample.line, sample.name, label.name
            ));
        }
    }
}

/// The `le` texts of each series of a histogram: exactly the catalogue's bounds, as the Python client writes them, and `+Inf`.
fn bounds(family: &Family, samples: &[&Sample], server: &Server, found: &mut Vec<String>) {
    let Some(bounds) = family.bounds else {
        found.push(format!(
            "family {}: a histogram without bounds in the catalogue",
            family.name
        ));
        return;
    };
    let mut expected: Vec<String> = bounds
        .finite(server.max_model_len)
        .iter()
        .map(|bound| le_text(*bound).python)
        .collect();
    expected.push("+Inf".to_owned());
    let mut series: BTreeMap<Vec<(&str, &str)>, Vec<&str>> = BTreeMap::new();
    for sample in samples {
        let Some(le) = sample.labels.get("le") else {
            continue;
        };
        let rest = sample
            .labels
            .iter()
            .filter(|(name, _)| *name != "le")
            .map(|(name, value)| (name.as_str(), value.as_str()));
        series.entry(rest.collect()).or_default().push(le);
    }
    for (labels, have) in series {
        if have != expected {
            found.push(format!(
                "family {} {labels:?}: found le {have:?}, expected {expected:?}",
                family.name
            ));
        }
    }
}

fn always(
    body: &Body,
    family: &Family,
    samples: &[&Sample],
    server: &Server,
    found: &mut Vec<String>,
) {
    if !body.types.contains_key(family.name) {
        found.push(format!("family {} is absent, expected always", family.name));
        return;
    }
    if samples.is_empty() {
        found.push(format!(
            "family {} has no series, expected always",
            family.name
        ));
    }
    if let Some(created) = family
        .created_name()
        .filter(|created| !body.types.contains_key(created))
    {
        found.push(format!(
            "family {created} is absent, expected in single-process mode"
        ));
    }
    for label in family.labels_at(server.version) {
        let Values::OneOf(values) = label.values else {
            continue;
        };
        for value in values
            .iter()
            .filter(|value| value.releases.holds(server.version))
        {
            if !samples.iter().any(|sample| {
                sample
                    .labels
                    .get(label.name)
                    .is_some_and(|text| text == value.text)
            }) {
                found.push(format!(
                    "family {}: no series with {}={:?}, expected from the start",
                    family.name, label.name, value.text
                ));
            }
        }
    }
}
