//! What keeps kept traces from being lost: queues, volumes, the end of a pod, spreading.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use chart_tests::{refusal, with};
use harness::render::{Options, Rendered};
use serde_yaml::Value;

const STORE: &str = "tracing.exporters.otlphttp.store.endpoint=http://store:4318";

fn collector(rendered: &Rendered) -> Value {
    serde_yaml::from_str(&rendered.collector().unwrap().unwrap()).unwrap()
}

fn queue(set: &[&str]) -> Value {
    let all = [&[STORE], set].concat();
    collector(&with(&all).unwrap())["exporters"]["otlp_http/store"]["sending_queue"].clone()
}

/// The pod template of the object of this kind whose name ends so.
fn pod(rendered: &Rendered, kind: &str, name: &str) -> Value {
    let of = |o: &&Value| {
        o["kind"] == kind
            && o["metadata"]["name"]
                .as_str()
                .is_some_and(|n| n.ends_with(name))
    };
    rendered.objects.iter().find(of).unwrap()["spec"]["template"]["spec"].clone()
}

#[test]
fn queues_are_sized_by_memory_or_disk_and_shared() {
    let mi = |queue: &Value| queue["queue_size"].as_u64().unwrap() >> 20;
    let alone = queue(&[]);
    assert_eq!((alone["sizer"].as_str(), mi(&alone)), (Some("bytes"), 128));
    assert_eq!(alone["block_on_overflow"], Value::from(true));
    // One that is away keeps nothing from the others.
    let two = queue(&["tracing.exporters.otlp.other.endpoint=http://other:4317"]);
    assert_eq!(
        (mi(&two), &two["block_on_overflow"]),
        (64, &Value::from(false))
    );
    let file = queue(&["tracing.exporters.file.enabled=true"]);
    assert_eq!(file["block_on_overflow"], Value::from(false));
    let disk = [
        "tracing.storage.persistent=true",
        "tracing.storage.size=8Gi",
    ];
    let disk = queue(&disk);
    assert_eq!(
        (mi(&disk), disk["storage"].as_str()),
        (4096, Some("file_storage"))
    );
    assert_eq!(mi(&queue(&["tracing.queue.size=1Gi"])), 1024);
    assert_eq!(
        mi(&queue(&["tracing.collector.resources.limits.memory=8Gi"])),
        512
    );
}

#[test]
fn a_pod_with_a_queue_in_memory_goes_on_sending_before_it_ends() {
    for (kube, set, seconds) in [
        ("v1.34.0", vec![STORE], Some(20)),
        ("v1.29.0", vec![STORE], None),
        ("v1.34.0", vec![], None),
        (
            "v1.34.0",
            vec![STORE, "tracing.storage.persistent=true"],
            None,
        ),
        (
            "v1.34.0",
            vec![STORE, "tracing.queue.drainSeconds=300"],
            Some(300),
        ),
        ("v1.34.0", vec![STORE, "tracing.queue.drainSeconds=0"], None),
    ] {
        let rendered = Rendered::new(&Options {
            set: set.iter().map(|s| (*s).to_owned()).collect(),
            kube_version: Some(kube.to_owned()),
            ..Options::default()
        });
        let pod = pod(&rendered.unwrap(), "StatefulSet", "-collector");
        let sleep = &pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"];
        assert_eq!(sleep.as_u64(), seconds, "{kube} {set:?}");
        let grace = pod["terminationGracePeriodSeconds"].as_u64();
        assert_eq!(grace, Some(60 + seconds.unwrap_or(0)), "{kube} {set:?}");
    }
}

#[test]
fn the_file_of_kept_traces_has_a_volume_of_its_own_and_is_rotated() {
    let set = [
        "tracing.exporters.file.enabled=true",
        "tracing.exporters.file.path=/kept/k.jsonl",
    ];
    let rendered = with(&set).unwrap();
    let file = &collector(&rendered)["exporters"]["file"];
    assert_eq!(file["rotation"]["max_megabytes"].as_u64(), Some(100));
    let pod = pod(&rendered, "StatefulSet", "-collector");
    let mounts = pod["containers"][0]["volumeMounts"].as_sequence().unwrap();
    let mount = mounts.iter().find(|m| m["name"] == "kept").unwrap();
    assert_eq!(mount["mountPath"].as_str(), Some("/kept"));
    let volumes = pod["volumes"].as_sequence().unwrap();
    let volume = volumes.iter().find(|v| v["name"] == "kept").unwrap();
    // The files, and one more while they are rotated.
    assert_eq!(volume["emptyDir"]["sizeLimit"].as_str(), Some("600M"));
    let path = "tracing.exporters.file.path=/var/lib/otelcol/queue/kept.jsonl";
    let said = refusal(&["tracing.exporters.file.enabled=true", path]).unwrap();
    assert!(said.contains("volume of the exporters' queues"), "{said}");
}

#[test]
fn samplers_and_balancers_are_spread_over_nodes_unless_told_otherwise() {
    let set = [
        "tracing.collector.replicas=3",
        "tracing.balancer.enabled=true",
    ];
    let own = [
        "tracing.balancer.topologySpreadConstraints[0].topologyKey=zone",
        "tracing.balancer.topologySpreadConstraints[0].maxSkew=1",
        "tracing.balancer.topologySpreadConstraints[0].whenUnsatisfiable=DoNotSchedule",
    ];
    for (kind, name, component) in [
        ("StatefulSet", "-collector", "collector"),
        ("Deployment", "-balancer", "balancer"),
    ] {
        let pod = pod(&with(&set).unwrap(), kind, name);
        let spread = &pod["topologySpreadConstraints"][0];
        assert_eq!(
            spread["topologyKey"].as_str(),
            Some("kubernetes.io/hostname")
        );
        // Soft: a cluster of one node runs them all.
        assert_eq!(spread["whenUnsatisfiable"].as_str(), Some("ScheduleAnyway"));
        let labels = &spread["labelSelector"]["matchLabels"];
        assert_eq!(
            labels["app.kubernetes.io/component"].as_str(),
            Some(component)
        );
    }
    let told = pod(
        &with(&[&set[..], &own].concat()).unwrap(),
        "Deployment",
        "-balancer",
    );
    assert_eq!(
        told["topologySpreadConstraints"][0]["topologyKey"].as_str(),
        Some("zone")
    );
    let one = pod(&with(&[]).unwrap(), "StatefulSet", "-collector");
    assert!(one["topologySpreadConstraints"].is_null());
}

/// So that a rolling restart does not leave all senders on one sampler.
#[test]
fn connections_of_senders_end_after_a_while() {
    let set = [
        "tracing.collector.replicas=2",
        "tracing.balancer.enabled=true",
    ];
    let rendered = with(&set).unwrap();
    let balancer: Value =
        serde_yaml::from_str(rendered.config_maps_with("balancer.yaml")[0].1).unwrap();
    for config in [collector(&rendered), balancer] {
        let grpc = &config["receivers"]["otlp"]["protocols"]["grpc"];
        let server = &grpc["keepalive"]["server_parameters"];
        assert_eq!(server["max_connection_age"].as_str(), Some("2m"));
    }
}
