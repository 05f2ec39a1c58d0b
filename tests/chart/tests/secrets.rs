//! Secrets reach the exporters that they are for, and names that Kubernetes would refuse are refused by helm.

use std::collections::BTreeMap;
use std::fs;

use chart_tests::refusal;
use harness::render::{Options, Rendered};

/// Names that read alike once they are joined, and headers that differ in a dot, a hyphen or an underscore.
const ALIKE: &str = "
tracing:
  exporters:
    otlp:
      tempo: {endpoint: 'http://a:4317', headersFrom: {x-scope-orgid: {name: one, key: k}}}
      tempo-x: {endpoint: 'http://b:4317', headersFrom: {scope-orgid: {name: two, key: k}}}
    otlphttp:
      tempo: {endpoint: 'http://c:4318', headersFrom: {x-scope-orgid: {name: three, key: k}}}
      dots:
        endpoint: 'http://d:4318'
        headersFrom: {x.a: {name: four, key: k}, x-a: {name: five, key: k}, x_a: {name: six, key: k}}
";

#[test]
fn each_header_of_each_exporter_is_read_from_its_own_secret() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("values.yaml");
    fs::write(&file, ALIKE).unwrap();
    let rendered = Rendered::new(&Options {
        values: vec![file],
        ..Options::default()
    })
    .unwrap();
    let pod = rendered
        .of_kind("StatefulSet")
        .find(|o| o["metadata"]["name"] == "vllm-monitoring-collector")
        .unwrap();
    let mut secrets = BTreeMap::new();
    for variable in pod["spec"]["template"]["spec"]["containers"][0]["env"]
        .as_sequence()
        .unwrap()
    {
        let secret = &variable["valueFrom"]["secretKeyRef"]["name"];
        let name = variable["name"].as_str().unwrap().to_owned();
        assert!(
            secrets.insert(name.clone(), secret.clone()).is_none(),
            "{name} twice"
        );
    }
    let config = rendered.config_maps_with("collector.yaml")[0].1;
    let config: serde_yaml::Value = serde_yaml::from_str(config).unwrap();
    for (exporter, header, secret) in [
        ("otlp_grpc/tempo", "x-scope-orgid", "one"),
        ("otlp_grpc/tempo-x", "scope-orgid", "two"),
        ("otlp_http/tempo", "x-scope-orgid", "three"),
        ("otlp_http/dots", "x.a", "four"),
        ("otlp_http/dots", "x-a", "five"),
        ("otlp_http/dots", "x_a", "six"),
    ] {
        let value = config["exporters"][exporter]["headers"][header]
            .as_str()
            .unwrap();
        let variable = value.trim_start_matches("${env:").trim_end_matches('}');
        assert_eq!(secrets[variable], secret, "{exporter} {header}: {variable}");
    }
}

#[test]
fn names_that_kubernetes_refuses_are_refused_with_their_place() {
    for (set, place) in [
        ("fullnameOverride=My-Release", "/fullnameOverride"),
        ("fullnameOverride=my_release", "/fullnameOverride"),
        ("fullnameOverride=1st", "/fullnameOverride"),
        ("nameOverride=Watch", "/nameOverride"),
        (
            "models[0].name=a,models[0].namespaces[0]=Team-A",
            "/models/0/namespaces/0",
        ),
        (
            "models[0].name=a,models[0].namespaces[0]=team_a",
            "/models/0/namespaces/0",
        ),
        (
            "tracing.exporters.otlp.a.endpoint=x,tracing.exporters.otlp.a.headersFrom.a b.name=s",
            "headersFrom",
        ),
    ] {
        let said = refusal(&[set]).unwrap();
        assert!(said.contains(place), "{set}: {said}");
    }
}
