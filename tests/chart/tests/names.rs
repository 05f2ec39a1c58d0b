//! Names of objects and labels, whatever a release, a namespace and the alias of a parent chart are called.

#![allow(clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;
use std::fs;

use chart_tests::{KUBERNETES, conform, copy_below};
use harness::render::{Options, Rendered};
use serde_json::Value;

/// Every part, each with what else it can have.
const ALL: &str = "
grafana: {enabled: true}
jaeger: {enabled: true}
probe: {enabled: true}
alertmanager: {replicas: 2}
tracing: {balancer: {enabled: true}, collector: {replicas: 2}, k8sAttributes: {enabled: true}}
networkPolicies: {enabled: true, egress: {enabled: true}}
helmTest: {image: {repository: registry.example/install-check}}
metrics: {operator: {prometheusURL: 'http://p:9090'}}
models:
  - {name: Qwen/Qwen3-235B-A22B-Instruct-2507-FP8-of-the-second-team, namespaces: ['*'], selector: {app: a}}
  - {name: chat, deploy: {enabled: true, model: a/b}}
";

fn render(release: &str, namespace: &str, set: &[&str]) -> anyhow::Result<Rendered> {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("values.yaml");
    fs::write(&file, ALL)?;
    Rendered::new(&Options {
        release: release.to_owned(),
        namespace: namespace.to_owned(),
        values: vec![file],
        set: set.iter().map(|s| (*s).to_owned()).collect(),
        ..Options::default()
    })
}

fn objects(rendered: &Rendered) -> Vec<Value> {
    let json = |o| serde_json::to_value(o).unwrap();
    rendered.objects.iter().map(json).collect()
}

/// As Kubernetes' validation has it: a Service is a DNS label that begins with a letter. The pods of a StatefulSet have
/// its name and a hash of up to ten characters as a label, `controller-revision-hash`, of at most 63.
fn name_is_valid(object: &Value) -> bool {
    let name = object["metadata"]["name"].as_str().unwrap();
    let most = match object["kind"].as_str().unwrap() {
        "Service" | "Pod" | "Deployment" => 63,
        "StatefulSet" => 63 - 1 - 10,
        _ => 253,
    };
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let begins = name.starts_with(|c: char| {
        c.is_ascii_lowercase() || (c.is_ascii_digit() && object["kind"] != "Service")
    });
    begins && name.len() <= most && name.chars().all(good) && !name.ends_with('-')
}

fn label_is_valid(value: &Value) -> bool {
    let text = value.as_str().unwrap();
    let good = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let ends = |c: char| c.is_ascii_alphanumeric();
    text.len() <= 63 && text.chars().all(good) && text.starts_with(ends) && text.ends_with(ends)
}

fn check(rendered: &Rendered, what: &str) {
    let mut seen = BTreeSet::new();
    for object in objects(rendered) {
        let meta = &object["metadata"];
        let id = format!(
            "{} {} {} {}",
            object["apiVersion"], object["kind"], meta["namespace"], meta["name"]
        );
        assert!(name_is_valid(&object), "{what}: {id}");
        let pods = &object["spec"]["template"]["metadata"]["labels"];
        for labels in [&meta["labels"], pods] {
            for (key, value) in labels.as_object().into_iter().flatten() {
                assert!(label_is_valid(value), "{what}: {id}: {key}: {value}");
            }
        }
        assert!(seen.insert(id.clone()), "{what}: {id} stands twice");
    }
    conform(&rendered.manifests, KUBERNETES[1]).unwrap();
}

#[test]
fn objects_have_valid_names_in_every_release_and_namespace() {
    let long = format!("vllm-monitoring-{}", "of-production".repeat(2));
    for (release, namespace, mode) in [
        (&*long, &*"n".repeat(63), "standalone"),
        ("team.a", "2024", "operator"),
        ("null", "true", "standalone"),
    ] {
        let rendered = render(release, namespace, &[&format!("metrics.mode={mode}")]);
        check(
            &rendered.unwrap(),
            &format!("{release} in {namespace}, {mode}"),
        );
    }
}

#[test]
fn a_release_whose_name_begins_with_a_digit_is_told_to_name_its_objects() {
    let mode = "metrics.mode=standalone";
    let refused = format!("{:#}", render("2b", "a", &[mode]).unwrap_err());
    let cure = "fullnameOverride: vllm-2b";
    assert!(refused.contains(cure), "{refused}");
    let rendered = render("2b", "a", &[mode, "fullnameOverride=vllm-2b"]);
    check(&rendered.unwrap(), "with a name");
}

#[test]
fn one_service_account_of_several_parts_is_created_once() {
    let mut set = vec!["metrics.mode=standalone"];
    for part in ["prometheus", "alertmanager", "tracing.collector"] {
        set.push(Box::leak(
            format!("{part}.serviceAccount.name=shared,{part}.serviceAccount.create=true")
                .into_boxed_str(),
        ));
    }
    let rendered = render("a", "b", &set).unwrap();
    check(&rendered, "shared");
    let accounts = rendered.of_kind("ServiceAccount");
    let shared = accounts.filter(|a| a["metadata"]["name"] == "shared");
    assert_eq!(shared.count(), 1);
}

/// Whether a selector finds a pod with these labels.
fn selects(selector: &Value, labels: &Value) -> bool {
    let pairs = selector.as_object().unwrap();
    pairs.iter().all(|(key, value)| labels[key] == *value)
}

#[test]
fn a_parent_chart_may_have_this_one_twice_under_aliases() {
    let dir = tempfile::tempdir().unwrap();
    let parent = dir.path().join("platform");
    copy_below(&parent).unwrap();
    let aliases = ["vllmMonitoring", "vllm_canary"];
    let mut about = "apiVersion: v2\nname: platform\nversion: 0.0.1\ndependencies:\n".to_owned();
    let mut values = String::new();
    for alias in aliases {
        about += &format!(
            "  - {{name: vllm-monitoring, version: '>=0.1.0', alias: {alias}, condition: {alias}.enabled}}\n"
        );
        values += &format!(
            "{alias}:\n  enabled: true\n{}",
            ALL.replace('\n', "\n  ").trim_end()
        );
        values += "\n";
    }
    fs::write(parent.join("Chart.yaml"), about).unwrap();
    fs::write(parent.join("values.yaml"), values).unwrap();
    for mode in ["standalone", "operator"] {
        let options = Options {
            chart: parent.clone(),
            release: "p".to_owned(),
            set: aliases
                .iter()
                .map(|a| format!("{a}.metrics.mode={mode}"))
                .collect(),
            ..Options::default()
        };
        let rendered = Rendered::new(&options).unwrap();
        check(&rendered, mode);
        let of = |object: &Value, alias: &str| {
            object["metadata"]["name"].as_str().unwrap().contains(alias)
        };
        // Nothing of one finds the pods of the other.
        for (one, other) in [
            ("p-vllm-monitoring", "p-vllm-canary"),
            ("p-vllm-canary", "p-vllm-monitoring"),
        ] {
            let objects = objects(&rendered);
            let pods: Vec<&Value> = objects
                .iter()
                .filter(|o| of(o, other) && !o["spec"]["template"].is_null())
                .map(|o| &o["spec"]["template"]["metadata"]["labels"])
                .collect();
            assert!(pods.len() >= 4, "{mode}: {}", pods.len());
            for object in objects.iter().filter(|o| of(o, one)) {
                let selector = match object["kind"].as_str().unwrap() {
                    "Service" => &object["spec"]["selector"],
                    "StatefulSet" | "Deployment" | "PodDisruptionBudget" | "PodMonitor" => {
                        &object["spec"]["selector"]["matchLabels"]
                    }
                    "NetworkPolicy" => &object["spec"]["podSelector"]["matchLabels"],
                    _ => continue,
                };
                // The entry that watches pods of neither.
                if selector["app"] == "a" {
                    continue;
                }
                let name = &object["metadata"]["name"];
                assert!(
                    !pods.iter().any(|pod| selects(selector, pod)),
                    "{mode}: {name}: {selector}"
                );
            }
        }
        // The rules of one read no series of the other.
        for alias in aliases {
            let id = format!("monitoring/p/{alias}");
            assert!(rendered.manifests.contains(&id), "{mode}: no {id}");
        }
        let plain = "vllm_monitoring=\"monitoring/p\"";
        assert!(!rendered.manifests.contains(plain), "{mode}: {plain}");
    }
}
