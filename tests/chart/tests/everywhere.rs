//! What holds for every object of every value set, and for every Helm.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use chart_tests::value_sets;
use harness::render::{Options, Rendered};
use serde_yaml::Value;

fn renders(set: &[&str]) -> Vec<Rendered> {
    let mut out = Vec::new();
    for values in value_sets().unwrap() {
        for mode in ["operator", "standalone"] {
            let mode = format!("metrics.mode={mode}");
            let set = set.iter().copied().chain([mode.as_str()]);
            let options = Options {
                values: values.clone(),
                set: set.map(str::to_owned).collect(),
                ..Options::default()
            };
            out.push(Rendered::new(&options).unwrap());
        }
    }
    out
}

/// The pod of an object that has one.
fn pod(object: &Value) -> Option<&Value> {
    match object["kind"].as_str()? {
        "Pod" => Some(&object["spec"]),
        "Deployment" | "StatefulSet" => Some(&object["spec"]["template"]["spec"]),
        _ => None,
    }
}

/// Objects of the chart's own; those of `extraObjects` are the user's.
fn own(rendered: &Rendered) -> impl Iterator<Item = &Value> {
    rendered
        .objects
        .iter()
        .filter(|o| o["metadata"]["name"] != "vllm-monitoring-more")
}

#[test]
fn every_object_carries_the_common_labels_and_says_its_namespace() {
    let set = [
        "commonLabels.team=ml",
        "networkPolicies.enabled=true",
        "nameOverride=watch",
    ];
    for rendered in renders(&set) {
        for object in own(&rendered) {
            let meta = &object["metadata"];
            let what = format!("{:?} {:?}", object["kind"], meta["name"]);
            assert_eq!(meta["labels"]["team"], "ml", "{what}");
            assert_eq!(meta["labels"]["app.kubernetes.io/name"], "watch", "{what}");
            let cluster = object["kind"].as_str().unwrap().starts_with("Cluster");
            assert_eq!(meta["namespace"].is_null(), cluster, "{what}");
        }
    }
}

#[test]
fn every_pod_is_restricted_and_gets_pull_secrets_no_links_and_a_token_only_to_ask_the_api() {
    for rendered in renders(&["imagePullSecrets[0]=registry"]) {
        for object in own(&rendered) {
            let Some(pod) = pod(object) else { continue };
            let name = object["metadata"]["name"].as_str().unwrap();
            assert_eq!(pod["imagePullSecrets"][0]["name"], "registry", "{name}");
            assert_eq!(pod["enableServiceLinks"], false, "{name}");
            let security = &pod["securityContext"];
            assert_eq!(security["runAsNonRoot"], true, "{name}");
            assert_eq!(
                security["seccompProfile"]["type"], "RuntimeDefault",
                "{name}"
            );
            let all = ["containers", "initContainers"].map(|kind| pod[kind].as_sequence());
            // Those that a model begins with are the user's.
            let all = all.into_iter().flatten().flatten();
            for container in all.filter(|c| c["name"] != "warm") {
                let security = &container["securityContext"];
                assert_eq!(security["allowPrivilegeEscalation"], false, "{name}");
                assert_eq!(security["capabilities"]["drop"][0], "ALL", "{name}");
            }
            // Prometheus discovers pods, the collector asks for their names where it is told to, and
            // helm test asks which Prometheus of an operator selects the release.
            let asks =
                ["-prometheus", "-collector", "-balancer", "-test"].map(|n| name.ends_with(n));
            let token = &pod["automountServiceAccountToken"];
            assert!(
                asks.contains(&true) || token == &Value::Bool(false),
                "{name}"
            );
        }
    }
}

#[test]
fn helm_3_renders_the_same_objects() {
    for values in value_sets().unwrap() {
        let rendered = |helm| {
            let options = Options {
                values: values.clone(),
                helm,
                ..Options::default()
            };
            let mut objects = Rendered::new(&options).unwrap().objects;
            objects.sort_by_key(|o| {
                serde_yaml::to_string(&o["metadata"]["name"]).unwrap() + o["kind"].as_str().unwrap()
            });
            objects
        };
        assert_eq!(rendered("helm"), rendered("helm3"), "{values:?}");
    }
}
