//! An upgrade of each package before this chart: no field changes that Kubernetes refuses to change, and no volume is
//! left behind.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use harness::render::{Options, Rendered};
use harness::repo;
use serde_json::{Value, json};

/// By the parts' volumes, which of them each package has.
const PREVIOUS: [(&str, &[&str]); 2] = [
    ("0.1.0", &["tracing", "prometheus", "alertmanager"]),
    (
        "0.2.0",
        &["tracing", "prometheus", "alertmanager", "jaeger", "grafana"],
    ),
];

fn rendered(chart: &Path, parts: &[&str]) -> Vec<Value> {
    let mut set = vec![
        "metrics.mode=standalone".to_owned(),
        "tracing.collector.replicas=3".to_owned(),
    ];
    for part in parts {
        set.push(format!("{part}.storage.persistent=true"));
        if ["jaeger", "grafana"].contains(part) {
            set.push(format!("{part}.enabled=true"));
        }
    }
    let options = Options {
        chart: chart.to_owned(),
        set,
        ..Options::default()
    };
    let objects = Rendered::new(&options).unwrap().objects;
    objects
        .iter()
        .map(|object| serde_json::to_value(object).unwrap())
        .collect()
}

/// The parts of an object that the API server refuses to change; `null` where all may change.
///
/// Source: Kubernetes' validation of updates of StatefulSets, Deployments, claims and Services.
fn immutable(object: &Value) -> Value {
    let spec = &object["spec"];
    match object["kind"].as_str().unwrap_or_default() {
        "StatefulSet" => json!({
            "serviceName": spec["serviceName"],
            "podManagementPolicy": spec["podManagementPolicy"],
            "selector": spec["selector"],
            "volumeClaimTemplates": templates(spec),
        }),
        "Deployment" | "DaemonSet" => json!({"selector": spec["selector"]}),
        "PersistentVolumeClaim" => json!({
            "accessModes": spec["accessModes"],
            "storageClassName": spec["storageClassName"],
            "volumeName": spec["volumeName"],
        }),
        // A Service with an address keeps it; one without cannot get one.
        "Service" => json!({"headless": spec["clusterIP"] == "None"}),
        _ => Value::Null,
    }
}

/// Claims of a StatefulSet, all of which is immutable.
fn templates(spec: &Value) -> Value {
    let templates = spec["volumeClaimTemplates"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let of = |template: &Value| json!({"name": template["metadata"]["name"], "labels": template["metadata"]["labels"], "spec": template["spec"]});
    templates.iter().map(of).collect()
}

fn by_name(objects: &[Value]) -> BTreeMap<(String, String), &Value> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let key = |object: &Value| (text(&object["kind"]), text(&object["metadata"]["name"]));
    objects.iter().map(|object| (key(object), object)).collect()
}

#[test]
fn no_upgrade_changes_what_kubernetes_refuses_to_change_or_leaves_a_volume() {
    for (version, parts) in PREVIOUS {
        let package: PathBuf =
            repo::root().join(format!("tests/kind/previous/vllm-monitoring-{version}.tgz"));
        let (before, after) = (
            rendered(&package, parts),
            rendered(&repo::root().join("chart"), parts),
        );
        let (before, after) = (by_name(&before), by_name(&after));
        let mut volumes = 0;
        for ((kind, name), object) in &before {
            let fixed = immutable(object);
            volumes += templates(&object["spec"]).as_array().map_or(0, Vec::len);
            let Some(now) = after.get(&(kind.clone(), name.clone())) else {
                let has_volume = kind == "StatefulSet" && templates(&object["spec"]) != json!([]);
                assert!(
                    !has_volume,
                    "{version}: {kind} {name} is gone, and its volumes with it"
                );
                continue;
            };
            assert_eq!(immutable(now), fixed, "{version}: {kind} {name}");
        }
        assert!(volumes >= parts.len() - 1, "{version}: {volumes} volumes");
    }
}
