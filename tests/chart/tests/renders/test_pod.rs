//! The pod of `helm test`, and its input.

use chart_tests::{WASM, with};

/// Without it the pod of `helm test` is of Prometheus' image: see helm_test.rs.
const TEST_IMAGE: &str = "helmTest.image.repository=registry.example/install-check";

#[test]
fn the_test_pod_is_a_hook_that_the_next_test_replaces_under_pod_security_restricted() {
    for set in [
        &[][..],
        &["metrics.mode=operator"],
        &[WASM],
        &["tracing.enabled=false"],
    ] {
        let rendered = with(&[set, &[TEST_IMAGE]].concat()).unwrap();
        let pod = rendered.of_kind("Pod").next().expect("a pod");
        let annotations = &pod["metadata"]["annotations"];
        assert_eq!(annotations["helm.sh/hook"].as_str(), Some("test"));
        assert_eq!(
            annotations["helm.sh/hook-delete-policy"].as_str(),
            Some("before-hook-creation")
        );
        // Flux's helm-controller ends in a panic at it.
        assert!(annotations["helm.sh/hook-output-log-policy"].is_null());
        let spec = &pod["spec"];
        assert_eq!(spec["restartPolicy"].as_str(), Some("Never"));
        // Its token only where an operator's Prometheus objects are read.
        let operator = rendered.of_kind("PodMonitor").next().is_some();
        assert_eq!(
            spec["automountServiceAccountToken"].as_bool(),
            Some(operator)
        );
        let account = spec["serviceAccountName"].as_str();
        assert_eq!(account, Some("vllm-monitoring-test"));
        assert!(
            rendered
                .of_kind("ServiceAccount")
                .any(|of| of["metadata"]["name"].as_str() == account)
        );
        assert_eq!(spec["activeDeadlineSeconds"].as_u64(), Some(240));
        assert_eq!(
            spec["securityContext"]["runAsNonRoot"].as_bool(),
            Some(true)
        );
        assert_eq!(
            spec["securityContext"]["seccompProfile"]["type"].as_str(),
            Some("RuntimeDefault")
        );
        let container = &spec["containers"][0];
        let security = &container["securityContext"];
        assert_eq!(security["allowPrivilegeEscalation"].as_bool(), Some(false));
        assert_eq!(security["readOnlyRootFilesystem"].as_bool(), Some(true));
        assert_eq!(security["capabilities"]["drop"][0].as_str(), Some("ALL"));
        assert_eq!(
            container["image"].as_str(),
            Some(concat!(
                "registry.example/install-check:",
                env!("CARGO_PKG_VERSION")
            ))
        );
    }
}

#[test]
fn the_test_can_be_left_out_with_all_that_serves_it() {
    let text = with(&["helmTest.enabled=false"]).unwrap().manifests;
    for word in ["install-check", "synthetic", "-collectors"] {
        assert!(!text.contains(word), "{word}");
    }
}

/// Kubernetes replaces $(NAME) in a variable's value, and turns $$( back into $(.
#[test]
fn no_name_in_the_tests_input_is_taken_for_a_variable() {
    let rendered = with(&["models[0].name=a$(HOME)", TEST_IMAGE]).unwrap();
    let pod = rendered.of_kind("Pod").next().unwrap();
    let input = pod["spec"]["containers"][0]["env"][0]["value"]
        .as_str()
        .unwrap();
    assert!(input.contains("a$$(HOME)"), "{input}");
}

#[test]
fn the_test_waits_for_a_decision_however_late() {
    let whole = "tracing.sampling.mode=whole,tracing.sampling.decisionWait";
    for (set, seconds) in [
        ("helmTest.timeout=1m".to_owned(), 60),
        (format!("helmTest.timeout=10s,{whole}=15s"), 45),
        (format!("{whole}=10m"), 630),
        // A decision on arrival needs no wait.
        (
            "helmTest.timeout=10s,tracing.sampling.decisionWait=10m".to_owned(),
            30,
        ),
    ] {
        let rendered = with(&[&set]).unwrap();
        let pod = rendered.of_kind("Pod").next().unwrap();
        assert_eq!(
            pod["spec"]["activeDeadlineSeconds"].as_u64(),
            Some(seconds + 120),
            "{set}"
        );
    }
}

#[test]
fn the_bundled_jaeger_is_sent_to_and_asked_by_the_test() {
    let rendered = with(&["jaeger.enabled=true", TEST_IMAGE]).unwrap();
    let config = rendered.config_maps_with("collector.yaml")[0].1;
    let config: serde_yaml::Value = serde_yaml::from_str(config).unwrap();
    let exporter = &config["exporters"]["otlp_grpc/bundled-jaeger"];
    assert_eq!(
        exporter["endpoint"].as_str(),
        Some("http://vllm-monitoring-jaeger.monitoring.svc:4317")
    );
    let pod = rendered.of_kind("Pod").next().unwrap();
    let input = pod["spec"]["containers"][0]["env"][0]["value"].as_str();
    let input: serde_json::Value = serde_json::from_str(input.unwrap()).unwrap();
    assert_eq!(
        input["collector"]["traceUrl"].as_str(),
        Some("http://vllm-monitoring-jaeger.monitoring.svc:16686/api/traces/{traceID}")
    );
    let elsewhere = "helmTest.traceURL=http://tempo:3200/api/traces/{traceID}";
    let other = with(&["jaeger.enabled=true", elsewhere, TEST_IMAGE]).unwrap();
    assert!(other.manifests.contains("http://tempo:3200"));
    assert!(!with(&[]).unwrap().manifests.contains("jaeger:"));
}
