//! A receiver that asks for TLS, certificates or a token: every caller of the release's own shows
//! what is asked for, and sees no more of a Secret than that.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use chart_tests::with;
use serde_json::Value;

const TLS: &str = "tracing.receiver.tls.secretName=otlp";
const CLIENT_CA: &str = "tracing.receiver.tls.clientCA=clients.crt";
const CLIENT: &str = "tracing.receiver.client.secretName=otlp-client";
const TOKEN: &str = "tracing.receiver.bearerToken.secretName=tokens";

const FOLDER: &str = "/etc/vllm-monitoring/receiver-client";

/// Pods of the release by component: vLLM, the balancer, a sampler, the test.
fn pods(set: &[&str]) -> [Value; 4] {
    let mut all = vec![
        "models[0].name=m",
        "models[0].deploy.enabled=true",
        "tracing.collector.replicas=2",
        "tracing.balancer.enabled=true",
        "helmTest.image.repository=registry.example/install-check",
    ];
    all.extend(set);
    let rendered = with(&all).unwrap();
    ["vllm", "balancer", "collector", "test"].map(|component| {
        let object = rendered.objects.iter().find(|object| {
            let labels = &object["metadata"]["labels"];
            let kind = object["kind"].as_str().unwrap();
            labels["app.kubernetes.io/component"].as_str() == Some(component)
                && ["Deployment", "StatefulSet", "Pod"].contains(&kind)
        });
        let object = serde_json::to_value(object.unwrap()).unwrap();
        match object["kind"].as_str() {
            Some("Pod") => object["spec"].clone(),
            _ => object["spec"]["template"]["spec"].clone(),
        }
    })
}

/// The value of a variable, or the `key of a Secret`.
fn env(pod: &Value, name: &str) -> Option<String> {
    let all = pod["containers"][0]["env"].as_array()?;
    let found = all.iter().find(|env| env["name"] == name)?;
    let secret = &found["valueFrom"]["secretKeyRef"];
    match found["value"].as_str() {
        Some(value) => Some(value.to_owned()),
        None => Some(format!(
            "{} of {}",
            secret["key"].as_str()?,
            secret["name"].as_str()?
        )),
    }
}

/// Files of a volume that is mounted at a folder, as `file: key of Secret`.
fn files(pod: &Value, folder: &str) -> Vec<String> {
    let mounts = pod["containers"][0]["volumeMounts"].as_array();
    let mut mounts = mounts.into_iter().flatten();
    let Some(mount) = mounts.find(|mount| mount["mountPath"] == folder) else {
        return Vec::new();
    };
    let volumes = pod["volumes"].as_array().unwrap();
    let volume = volumes.iter().find(|v| v["name"] == mount["name"]).unwrap();
    let sources = volume["projected"]["sources"].as_array().unwrap();
    let mut files = Vec::new();
    for source in sources {
        let (kind, source) = source.as_object().unwrap().iter().next().unwrap();
        for item in source["items"].as_array().unwrap() {
            let (path, key) = (item["path"].as_str(), item["key"].as_str());
            let name = source["name"].as_str().unwrap();
            files.push(format!(
                "{}: {} of {kind} {name}",
                path.unwrap(),
                key.unwrap()
            ));
        }
    }
    files
}

#[test]
fn without_tls_and_token_callers_have_nothing_to_show() {
    for pod in pods(&[]) {
        assert!(files(&pod, FOLDER).is_empty());
        for name in [
            "OTEL_EXPORTER_OTLP_CERTIFICATE",
            "OTEL_EXPORTER_OTLP_HEADERS",
        ] {
            assert_eq!(env(&pod, name), None);
        }
    }
}

/// The receiver's Secret also has its private key.
#[test]
fn with_tls_they_see_the_authority_alone() {
    let [vllm, balancer, sampler, test] = pods(&[TLS]);
    for pod in [&vllm, &balancer, &test] {
        assert_eq!(files(pod, FOLDER), ["ca.crt: ca.crt of secret otlp"]);
    }
    assert!(files(&sampler, FOLDER).is_empty());
    let certificate = env(&vllm, "OTEL_EXPORTER_OTLP_CERTIFICATE");
    assert_eq!(certificate, Some(format!("{FOLDER}/ca.crt")));
    assert_eq!(env(&vllm, "OTEL_EXPORTER_OTLP_CLIENT_KEY"), None);
    let args = vllm["containers"][0]["args"].to_string();
    let endpoint = "--otlp-traces-endpoint=https://vllm-monitoring-collector.monitoring.svc:4317";
    assert!(args.contains(endpoint), "{args}");
}

#[test]
fn an_authority_may_be_in_a_config_map() {
    let bundle = "tracing.receiver.client.caConfigMap=bundle";
    let [vllm, ..] = pods(&[TLS, bundle, "tracing.receiver.client.ca=trust.pem"]);
    assert_eq!(
        files(&vllm, FOLDER),
        ["ca.crt: trust.pem of configMap bundle"]
    );
}

#[test]
fn where_certificates_are_asked_for_they_have_one() {
    let [vllm, balancer, _, test] = pods(&[TLS, CLIENT_CA, CLIENT]);
    for pod in [&vllm, &balancer, &test] {
        assert_eq!(
            files(pod, FOLDER),
            [
                "ca.crt: ca.crt of secret otlp-client",
                "tls.crt: tls.crt of secret otlp-client",
                "tls.key: tls.key of secret otlp-client",
            ]
        );
    }
    for (name, file) in [
        ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "tls.crt"),
        ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "tls.key"),
    ] {
        assert_eq!(env(&vllm, name), Some(format!("{FOLDER}/{file}")));
    }
}

#[test]
fn a_token_is_sent_as_opentelemetry_writes_headers() {
    let key = "tracing.receiver.bearerToken.clientKey=own";
    let [vllm, ..] = pods(&[TOKEN, key]);
    assert_eq!(
        env(&vllm, "OTEL_EXPORTER_OTLP_HEADERS").unwrap(),
        "authorization=Bearer%20$(RECEIVER_TOKEN)"
    );
    assert_eq!(env(&vllm, "RECEIVER_TOKEN").unwrap(), "own of tokens");
    let names = vllm["containers"][0]["env"].as_array().unwrap();
    let at = |name| names.iter().position(|env| env["name"] == name).unwrap();
    // Kubernetes knows only what is defined before.
    assert!(at("RECEIVER_TOKEN") < at("OTEL_EXPORTER_OTLP_HEADERS"));
    let [vllm, ..] = pods(&[TOKEN]);
    assert_eq!(env(&vllm, "RECEIVER_TOKEN").unwrap(), "token of tokens");
}

#[test]
fn the_test_reads_its_token_from_a_file() {
    let [.., test] = pods(&[TOKEN]);
    let volumes = test["volumes"].as_array().unwrap();
    let volume = volumes
        .iter()
        .find(|v| v["name"] == "receiver-token")
        .unwrap();
    assert_eq!(
        volume["secret"],
        serde_json::json!({"secretName": "tokens", "items": [{"key": "token", "path": "token"}]})
    );
    let input: Value = serde_json::from_str(&env(&test, "INSTALL_CHECK").unwrap()).unwrap();
    let file = input["collector"]["tokenFile"].as_str();
    assert_eq!(file, Some("/etc/vllm-monitoring/receiver-token/token"));
    assert_eq!(input["collector"]["tls"], Value::Null);
}

#[test]
fn a_model_without_traces_has_no_part_in_it() {
    let [vllm, ..] = pods(&[TLS, TOKEN, "models[0].deploy.tracing=false"]);
    assert!(files(&vllm, FOLDER).is_empty());
    assert_eq!(env(&vllm, "RECEIVER_TOKEN"), None);
}
