//! The engine `ottl` needs the stock collector alone. Its image is not pulled here; which distributions have
//! a component is read from the component's own module, of the version that the image has.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use collector_tests::render;
use harness::repo;
use serde_json::Value;

/// Names of components by kind, as `processor/tail_sampling`.
type Components = BTreeSet<String>;

/// Components that a configuration names.
fn named(config: &str) -> Components {
    let config: Value = serde_yaml::from_str(config).unwrap();
    let kinds = [
        "receiver",
        "processor",
        "exporter",
        "connector",
        "extension",
    ];
    let of = |kind: &str| {
        let all = config[format!("{kind}s")].as_object().cloned();
        let names = all.into_iter().flatten().map(|(id, _)| id);
        let kind = kind.to_owned();
        names.map(move |id| format!("{kind}/{}", id.split('/').next().unwrap()))
    };
    kinds.into_iter().flat_map(of).collect()
}

/// Components that the stock distribution has, of those that ours is built from, and the versions of those
/// that are versioned with it.
fn stock() -> (Components, BTreeSet<String>) {
    let root = repo::root();
    let manifest = fs::read_to_string(root.join("collector/builder.yaml")).unwrap();
    let modules: Vec<&str> = manifest
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- gomod: "))
        .filter_map(|module| module.split(' ').next())
        .filter(|module| !module.contains("/confmap/"))
        .collect();
    let output = Command::new("go")
        .args(["list", "-m", "-f", "{{.Path}} {{.Version}} {{.Dir}}"])
        .args(&modules)
        .current_dir(root.join("collector/otelcol-vllm"))
        .env("GOWORK", "off")
        .output()
        .expect("go, which builds the collector");
    assert!(output.status.success(), "{output:?}");
    let (mut components, mut versions) = (Components::new(), BTreeSet::new());
    let listed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(listed.lines().count(), modules.len(), "{listed}");
    for line in listed.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let [module, version, dir] = fields[..] else {
            panic!("'{line}': no folder; expected a module that collector/build has downloaded");
        };
        let metadata = Path::new(dir).join("metadata.yaml");
        let Ok(text) = fs::read_to_string(&metadata) else {
            assert!(module.contains("/vllm-monitoring/"), "{module}");
            continue;
        };
        let metadata: Value = serde_yaml::from_str(&text).unwrap();
        let distributions = metadata["status"]["distributions"].as_array().unwrap();
        if !distributions.iter().any(|name| name == "contrib") {
            continue;
        }
        let class = metadata["status"]["class"].as_str().unwrap();
        components.insert(format!("{class}/{}", metadata["type"].as_str().unwrap()));
        // The one that builder.yaml takes from another train, and says why.
        if !module.ends_with("/k8sattributesprocessor") {
            versions.insert(version.to_owned());
        }
    }
    (components, versions)
}

/// Everything that adds a component to the configuration.
const ALL: [&str; 12] = [
    "tracing.exporters.debug.enabled=true",
    "tracing.exporters.otlp.a.endpoint=http://a:4317",
    "tracing.exporters.otlphttp.b.endpoint=http://b:4318",
    "tracing.storage.persistent=true",
    "tracing.spanMetrics.enabled=true",
    "tracing.k8sAttributes.enabled=true",
    "tracing.k8sAttributes.modelLabel=model",
    "tracing.receiver.http.enabled=true",
    "tracing.receiver.bearerToken.secretName=s",
    "tracing.receiver.tls.secretName=s",
    "tracing.collector.replicas=3",
    "tracing.balancer.enabled=true",
];

#[test]
fn the_engine_ottl_names_only_components_of_the_stock_collector_of_its_version() {
    let (stock, versions) = stock();
    let components = |engine: &str, values: &[&str]| -> Components {
        let mut values: Vec<String> = values.iter().map(|&value| value.to_owned()).collect();
        values.push(format!("tracing.policy.engine={engine}"));
        let rendered = render("1s", &values);
        let balancer = rendered.config_maps_with("balancer.yaml");
        let balancer = balancer.first().map(|(_, config)| named(config));
        let mut all = named(&rendered.collector().unwrap().unwrap());
        all.extend(balancer.into_iter().flatten());
        all
    };
    for values in [&[][..], &["tracing.sampling.mode=whole"], &ALL, &ALL[..10]] {
        let all = components("ottl", values);
        let missing: Vec<_> = all.difference(&stock).collect();
        assert!(missing.is_empty(), "{values:?}: {missing:?}");
    }
    // All of them were looked at, and it can fail.
    let all: Components = components("ottl", &ALL)
        .into_iter()
        .chain(components("ottl", &ALL[..10]))
        .collect();
    let unused: Vec<_> = stock.difference(&all).collect();
    assert!(
        unused.is_empty(),
        "no chart names {unused:?}: take them out of collector/builder.yaml"
    );
    let ours: Vec<String> = components("wasm", &ALL)
        .difference(&stock)
        .cloned()
        .collect();
    assert_eq!(
        ours,
        [
            "extension/otlp_guard",
            "extension/queue_guard",
            "extension/wasm_sampling_policy"
        ]
    );

    let values = fs::read_to_string(repo::root().join("chart/values.yaml")).unwrap();
    let values: Value = serde_yaml::from_str(&values).unwrap();
    let tag = values["tracing"]["collector"]["stockImage"]["tag"].as_str();
    let expected = BTreeSet::from([format!("v{}", tag.unwrap())]);
    assert_eq!(versions, expected, "of the image and of builder.yaml");
}
