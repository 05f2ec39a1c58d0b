//! Every key that a values file of this chart has is in the types.

use std::path::{Path, PathBuf};

use values_schema::{schema, untyped, values::Values};

fn files() -> Vec<PathBuf> {
    let chart = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../chart");
    let ci = std::fs::read_dir(chart.join("ci")).into_iter().flatten();
    let ci = ci.flatten().map(|entry| entry.path());
    std::iter::once(chart.join("values.yaml"))
        .chain(ci)
        .collect()
}

#[test]
fn every_key_in_values_yaml_is_typed() {
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let values = serde_yaml::from_str(&text).unwrap();
        let found = untyped(&schema(), &values);
        assert!(
            found.is_empty(),
            "{}: no type in plugins/values-validator/schema/src/values knows {found:?}",
            path.display()
        );
    }
}

#[test]
fn every_value_of_the_chart_reads_as_its_type() {
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        if let Err(error) = serde_yaml::from_str::<Values>(&text) {
            panic!("{}: {error}", path.display());
        }
    }
}

#[test]
fn a_key_without_a_type_is_found_at_any_depth() {
    for (text, path) in [
        ("model: []", "model"),
        (
            "models: [{name: a, deploy: {tensorParalelSize: 2}}]",
            "models[0].deploy.tensorParalelSize",
        ),
        (
            "prometheus: {affinity: {nodeAfinity: {}}}",
            "prometheus.affinity.nodeAfinity",
        ),
        (
            "tracing: {exporters: {otlp: {jaeger: {endpoint: a, tls: {}}}}}",
            "tracing.exporters.otlp.jaeger.tls",
        ),
    ] {
        let values = serde_yaml::from_str(text).unwrap();
        assert_eq!(untyped(&schema(), &values), [path], "{text}");
    }
    let free = serde_yaml::from_str("alertmanager: {config: {route: {receiver: a}}}").unwrap();
    assert!(untyped(&schema(), &free).is_empty());
}

/// The commented example of a model in values.yaml.
#[test]
fn every_key_of_the_example_in_values_yaml_is_typed() {
    let text = std::fs::read_to_string(&files()[0]).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("#   "));
    let example = lines.collect::<Vec<_>>().join("\n");
    let models: serde_yaml::Value = serde_yaml::from_str(&example).unwrap();
    let entry = models.get(0).and_then(|entry| entry.get("deploy"));
    assert!(entry.is_some(), "{example}");
    let values = serde_yaml::Mapping::from_iter([("models".into(), models)]);
    let found = untyped(&schema(), &values.into());
    assert!(found.is_empty(), "no type for {found:?}");
}
