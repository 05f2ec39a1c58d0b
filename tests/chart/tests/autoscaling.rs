//! What KEDA is told: what it scales, by which queries of which Prometheus, and what gives way to it.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use chart_tests::{chart, with};
use harness::render::{Options, Rendered};
use serde_yaml::Value;

const DEPLOYED: [&str; 4] = [
    "models[0].name=m",
    "models[0].deploy.enabled=true",
    "models[0].autoscaling.enabled=true",
    "models[0].autoscaling.maxReplicas=8",
];

fn scaled(set: &[&str]) -> Rendered {
    let all: Vec<&str> = DEPLOYED.iter().chain(set).copied().collect();
    with(&all).unwrap()
}

fn example() -> Vec<Value> {
    let options = Options {
        values: vec![chart().join("ci/autoscaling-values.yaml")],
        ..Options::default()
    };
    let rendered = Rendered::new(&options).unwrap();
    rendered.of_kind("ScaledObject").cloned().collect()
}

fn object(rendered: &Rendered) -> &Value {
    rendered.of_kind("ScaledObject").next().unwrap()
}

/// The expectation of the first entry.
fn expected(rendered: &Rendered) -> String {
    let rules: Value = serde_yaml::from_str(rendered.config_maps_with("rules.yaml")[0].1).unwrap();
    let groups = rules["groups"].as_sequence().unwrap();
    let mut rules = groups
        .iter()
        .flat_map(|g| g["rules"].as_sequence().unwrap());
    let rule = rules.find(|r| r["record"] == "entry:kube_workload_replicas:sum");
    rule.unwrap()["expr"].as_str().unwrap().to_owned()
}

#[test]
fn without_autoscaling_there_is_no_scaled_object() {
    let rendered = with(&DEPLOYED[..2]).unwrap();
    assert_eq!(rendered.of_kind("ScaledObject").count(), 0);
    let off = [&DEPLOYED[..], &["models[0].autoscaling.enabled=false"]].concat();
    assert_eq!(with(&off).unwrap().of_kind("ScaledObject").count(), 0);
}

#[test]
fn an_autoscaled_deployment_names_no_replicas_and_is_what_is_scaled() {
    let rendered = scaled(&[]);
    let deployment = rendered.of_kind("Deployment").next().unwrap();
    assert!(deployment["spec"]["replicas"].is_null());
    let target = &object(&rendered)["spec"]["scaleTargetRef"];
    assert_eq!(target["name"], deployment["metadata"]["name"]);
    assert!(target["kind"].is_null(), "KEDA's default is a Deployment");
}

#[test]
fn what_is_wanted_is_expected_once_it_had_time_to_load() {
    let text = expected(&scaled(&[]));
    let metric = r#"min_over_time(kube_deployment_spec_replicas{deployment="vllm-monitoring-m", namespace=~"monitoring", exported_namespace=""}[15m])"#;
    assert!(text.contains(metric), "{text}");
    let longer = scaled(&["models[0].autoscaling.expectAfter=1h"]);
    assert!(expected(&longer).contains("[1h])"));
    let by_others = with(&[
        "models[0].name=m",
        "models[0].replicas=auto",
        "models[0].workload=m",
    ]);
    assert!(!expected(&by_others.unwrap()).contains("min_over_time"));
}

#[test]
fn keda_asks_the_charts_own_prometheus_or_the_one_that_is_named() {
    let address = |set: &[&str]| {
        let rendered = scaled(set);
        let triggers = object(&rendered)["spec"]["triggers"].as_sequence().unwrap();
        let of = |t: &Value| t["metadata"]["serverAddress"].as_str().unwrap().to_owned();
        let all: Vec<String> = triggers.iter().map(of).collect();
        assert!(all.windows(2).all(|two| two[0] == two[1]), "{all:?}");
        all[0].clone()
    };
    let own = "http://vllm-monitoring-prometheus.monitoring.svc:9090";
    assert_eq!(address(&["metrics.mode=standalone"]), own);
    let tested = "helmTest.prometheusURL=http://tested:9090";
    assert_eq!(
        address(&["metrics.mode=operator", tested]),
        "http://tested:9090"
    );
    let named = "autoscaling.prometheusURL=https://thanos/prefix";
    assert_eq!(address(&[tested, named]), "https://thanos/prefix");
}

#[test]
fn credentials_are_a_reference_in_every_trigger_or_absent() {
    let rendered = scaled(&["autoscaling.authentication.name=prometheus"]);
    for trigger in object(&rendered)["spec"]["triggers"].as_sequence().unwrap() {
        assert_eq!(trigger["authenticationRef"]["name"], "prometheus");
        assert_eq!(
            trigger["authenticationRef"]["kind"],
            "TriggerAuthentication"
        );
        assert_eq!(trigger["metadata"]["authModes"], "bearer");
    }
    for trigger in object(&scaled(&[]))["spec"]["triggers"]
        .as_sequence()
        .unwrap()
    {
        assert!(trigger["authenticationRef"].is_null());
        assert!(trigger["metadata"]["authModes"].is_null());
    }
}

#[test]
fn what_runs_already_is_scaled_where_it_is() {
    let all = example();
    let llama = &all[1];
    assert_eq!(llama["metadata"]["namespace"], "inference");
    let target = &llama["spec"]["scaleTargetRef"];
    for (key, value) in [
        ("apiVersion", "apps/v1"),
        ("kind", "StatefulSet"),
        ("name", "llama3"),
    ] {
        assert_eq!(target[key], value, "{key}");
    }
    assert_eq!(all[2]["spec"]["scaleTargetRef"]["kind"], "Deployment");
    assert_eq!(all[2]["spec"]["scaleTargetRef"]["name"], "qwen3-8b");
}

#[test]
fn missing_series_end_no_replica_but_of_a_model_that_may_have_none() {
    let of = |object: &Value| {
        let trigger = &object["spec"]["triggers"][0]["metadata"];
        trigger["ignoreNullValues"].as_str().unwrap().to_owned()
    };
    let all = example();
    assert_eq!(
        [of(&all[0]), of(&all[1]), of(&all[2])],
        ["false", "false", "true"]
    );
}

#[test]
fn durations_are_seconds_and_own_settings_reach_keda() {
    let all = example();
    let spec = &all[0]["spec"];
    assert_eq!(
        (&spec["pollingInterval"], &spec["cooldownPeriod"]),
        (&15.into(), &Value::Null)
    );
    assert_eq!(
        (&spec["minReplicaCount"], &spec["maxReplicaCount"]),
        (&2.into(), &8.into())
    );
    assert_eq!(spec["fallback"]["failureThreshold"], 3);
    assert_eq!(spec["fallback"]["behavior"], "currentReplicasIfHigher");
    let names: Vec<_> = spec["triggers"]
        .as_sequence()
        .unwrap()
        .iter()
        .map(|t| {
            (
                t["name"].as_str().unwrap(),
                t["metadata"]["threshold"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        names,
        [
            ("kv-cache-usage", "0.75"),
            ("running", "64"),
            ("waiting", "3")
        ]
    );
    let down = &all[1]["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["behavior"];
    assert_eq!(down["scaleDown"]["selectPolicy"], "Disabled");
    assert_eq!(
        all[1]["metadata"]["annotations"]["autoscaling.keda.sh/paused"],
        "true"
    );
    let own = all[2]["spec"]["triggers"].as_sequence().unwrap();
    assert_eq!(own[2]["type"], "cron");
}
