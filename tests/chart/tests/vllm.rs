//! The models that the chart deploys: what `vllm serve` is asked, and what the pod asks of the cluster.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use chart_tests::{chart, with};
use harness::render::{Options, Rendered};
use serde_yaml::Value;

const DEPLOY: &str = "models[0].deploy.enabled=true";

fn model(set: &[&str]) -> Rendered {
    let mut all = vec!["models[0].name=m", DEPLOY];
    all.extend(set);
    with(&all).unwrap()
}

fn deployment(rendered: &Rendered) -> &Value {
    rendered.of_kind("Deployment").next().unwrap()
}

fn pod(rendered: &Rendered) -> &Value {
    &deployment(rendered)["spec"]["template"]["spec"]
}

fn container(rendered: &Rendered) -> &Value {
    &pod(rendered)["containers"][0]
}

fn args(rendered: &Rendered) -> Vec<String> {
    serde_yaml::from_value(container(rendered)["args"].clone()).unwrap()
}

fn env<'a>(rendered: &'a Rendered, name: &str) -> &'a Value {
    let env = container(rendered)["env"].as_sequence().unwrap();
    env.iter()
        .find(|e| e["name"] == name)
        .unwrap_or(&Value::Null)
}

fn volume<'a>(rendered: &'a Rendered, name: &str) -> &'a Value {
    let volumes = pod(rendered)["volumes"].as_sequence().unwrap();
    volumes
        .iter()
        .find(|v| v["name"] == name)
        .unwrap_or(&Value::Null)
}

fn mount<'a>(rendered: &'a Rendered, name: &str) -> &'a Value {
    let mounts = container(rendered)["volumeMounts"].as_sequence().unwrap();
    mounts
        .iter()
        .find(|m| m["name"] == name)
        .unwrap_or(&Value::Null)
}

#[test]
fn the_gpus_of_a_pod_are_the_product_of_its_parallelism() {
    let three = [
        "models[0].deploy.tensorParallelSize=4",
        "models[0].deploy.pipelineParallelSize=2",
        "models[0].deploy.dataParallelSize=3",
    ];
    let rendered = model(&three);
    let limits = &container(&rendered)["resources"]["limits"];
    assert_eq!(limits["nvidia.com/gpu"], 24);
    for flag in [
        "--tensor-parallel-size=4",
        "--pipeline-parallel-size=2",
        "--data-parallel-size=3",
    ] {
        assert!(args(&rendered).iter().any(|a| a == flag), "{flag}");
    }
    let one = container(&model(&[]))["resources"]["limits"]["nvidia.com/gpu"].clone();
    assert_eq!(one, 1);
    let cpu = model(&["models[0].deploy.gpuResource="]);
    assert!(container(&cpu)["resources"]["limits"].is_null());
}

#[test]
fn the_entry_is_the_first_served_name_so_that_it_is_the_label_model_name() {
    let rendered = model(&["models[0].deploy.servedNames={gpt-4,other}"]);
    let args = args(&rendered);
    let at = args
        .iter()
        .position(|a| a == "--served-model-name")
        .unwrap();
    assert_eq!(args[at + 1..at + 4], ["m", "gpt-4", "other"]);
}

#[test]
fn spans_carry_the_models_name_on_their_resource() {
    let rendered = with(&["models[0].name=Qwen/Qwen3", DEPLOY]).unwrap();
    let resource = env(&rendered, "OTEL_RESOURCE_ATTRIBUTES")["value"]
        .as_str()
        .unwrap();
    assert!(
        resource.starts_with("gen_ai.response.model=Qwen%2FQwen3,k8s.namespace.name=monitoring,"),
        "{resource}"
    );
    assert!(args(&rendered).contains(
        &"--otlp-traces-endpoint=http://vllm-monitoring-collector.monitoring.svc:4317".to_owned()
    ));
    for off in ["tracing.enabled=false", "models[0].deploy.tracing=false"] {
        let silent = model(&[off]);
        assert!(
            !silent.manifests.contains("--otlp-traces-endpoint="),
            "{off}"
        );
    }
}

/// A caller whose traceparent says "not sampled" costs no slow trace: vLLM 0.33.0 wrote 31 of 31 spans with it.
#[test]
fn vllm_samples_every_request_unless_its_values_say_else_and_only_where_it_sends_traces() {
    let sampler = |set: &[&str]| env(&model(set), "OTEL_TRACES_SAMPLER")["value"].clone();
    assert_eq!(sampler(&[]), "always_on");
    let own = [
        "models[0].deploy.env[0].name=OTEL_TRACES_SAMPLER",
        "models[0].deploy.env[0].value=parentbased_always_on",
    ];
    assert_eq!(sampler(&own), "parentbased_always_on");
    assert!(sampler(&["models[0].deploy.tracing=false"]).is_null());
    assert!(sampler(&["tracing.enabled=false"]).is_null());
}

#[test]
fn the_pod_is_restricted_and_may_write_where_vllm_writes() {
    let rendered = model(&[]);
    let pod = pod(&rendered);
    assert_eq!(pod["enableServiceLinks"], false);
    assert_eq!(pod["automountServiceAccountToken"], false);
    let security = &pod["securityContext"];
    for (key, value) in [("runAsUser", 2000), ("fsGroup", 2000)] {
        assert_eq!(security[key], value, "{key}");
    }
    assert_eq!(security["runAsNonRoot"], true);
    assert_eq!(env(&rendered, "HOME")["value"], "/home/vllm");
    assert_eq!(mount(&rendered, "home")["mountPath"], "/home/vllm");
    assert_eq!(mount(&rendered, "shm")["mountPath"], "/dev/shm");
    assert_eq!(volume(&rendered, "shm")["emptyDir"]["medium"], "Memory");
}

#[test]
fn an_old_image_runs_as_root_where_the_values_say_so() {
    let rendered = model(&[
        "models[0].deploy.image.tag=v0.20.2",
        "models[0].deploy.runAsUser=0",
    ]);
    let security = &pod(&rendered)["securityContext"];
    assert_eq!(security["runAsUser"], 0);
    assert!(security["runAsNonRoot"].is_null());
}

#[test]
fn an_image_whose_release_is_unknown_is_not_refused() {
    for image in [
        "repository=registry.example/vllm,models[0].deploy.image.tag=0.1.0",
        "tag=nightly",
        "tag=latest",
    ] {
        model(&[&format!("models[0].deploy.image.{image}")]);
    }
}

#[test]
fn weights_come_from_a_claim_an_image_or_a_folder() {
    let made = model(&["models[0].deploy.storage.size=600Gi"]);
    let name = "vllm-monitoring-m-models";
    let claim = made.of_kind("PersistentVolumeClaim").next().unwrap();
    assert_eq!(claim["metadata"]["name"], name);
    assert_eq!(
        claim["metadata"]["annotations"]["helm.sh/resource-policy"],
        "keep"
    );
    assert_eq!(
        volume(&made, "models")["persistentVolumeClaim"]["claimName"],
        name
    );
    assert_eq!(env(&made, "HF_HOME")["value"], "/models");
    assert!(mount(&made, "models")["readOnly"].is_null());

    let yours = model(&[
        "models[0].deploy.storage.existingClaim=weights",
        "models[0].deploy.storage.readOnly=true",
        "models[0].deploy.storage.mountPath=/w",
    ]);
    assert_eq!(yours.of_kind("PersistentVolumeClaim").count(), 0);
    assert_eq!(
        volume(&yours, "models")["persistentVolumeClaim"]["claimName"],
        "weights"
    );
    assert_eq!(mount(&yours, "models")["mountPath"], "/w");
    assert_eq!(mount(&yours, "models")["readOnly"], true);
    assert!(env(&yours, "HF_HOME").is_null());

    let image = model(&["models[0].deploy.storage.image=registry.example/w:1"]);
    assert_eq!(
        volume(&image, "models")["image"]["reference"],
        "registry.example/w:1"
    );
    assert_eq!(mount(&image, "models")["readOnly"], true);

    let folder = model(&["models[0].deploy.storage.hostPath=/data"]);
    assert_eq!(volume(&folder, "models")["hostPath"]["path"], "/data");
    assert!(volume(&model(&[]), "models").is_null());
}

#[test]
fn the_token_for_gated_models_stays_in_its_secret() {
    let rendered = model(&["models[0].deploy.huggingFaceToken.secretName=hf"]);
    let source = &env(&rendered, "HF_TOKEN")["valueFrom"]["secretKeyRef"];
    assert_eq!(
        (&source["name"], &source["key"]),
        (&"hf".into(), &"token".into())
    );
    assert!(env(&model(&[]), "HF_TOKEN").is_null());
}

#[test]
fn a_slow_start_is_no_failure_of_probe_or_rollout() {
    let rendered = model(&["models[0].deploy.startupSeconds=7200"]);
    let startup = &container(&rendered)["startupProbe"];
    let budget =
        startup["periodSeconds"].as_u64().unwrap() * startup["failureThreshold"].as_u64().unwrap();
    assert_eq!(budget, 7200);
    let progress = deployment(&rendered)["spec"]["progressDeadlineSeconds"]
        .as_u64()
        .unwrap();
    assert!(progress > budget, "{progress}");
}

#[test]
fn a_rollout_needs_no_spare_gpu_and_a_drain_takes_one_replica() {
    let rendered = model(&[]);
    let update = &deployment(&rendered)["spec"]["strategy"]["rollingUpdate"];
    assert_eq!(
        (&update["maxSurge"], &update["maxUnavailable"]),
        (&0.into(), &1.into())
    );
    let budget = rendered.of_kind("PodDisruptionBudget").next().unwrap();
    assert_eq!(budget["spec"]["maxUnavailable"], 1);
    assert_eq!(
        budget["spec"]["selector"],
        deployment(&rendered)["spec"]["selector"]
    );
    let without = model(&["models[0].deploy.podDisruptionBudget.enabled=false"]);
    assert_eq!(without.of_kind("PodDisruptionBudget").count(), 0);
}

#[test]
fn an_upgrade_of_the_chart_restarts_no_model() {
    let dir = tempfile::tempdir().unwrap();
    let newer = dir.path().join("chart");
    let copied = std::process::Command::new("cp")
        .arg("-r")
        .arg(chart())
        .arg(&newer)
        .status();
    assert!(copied.unwrap().success());
    let path = newer.join("Chart.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let now = format!("ersion: {}", env!("CARGO_PKG_VERSION"));
    std::fs::write(&path, text.replace(&now, "ersion: 99.0.0")).unwrap();
    let options = Options {
        chart: newer,
        set: vec!["models[0].name=m".to_owned(), DEPLOY.to_owned()],
        ..Options::default()
    };
    let after = Rendered::new(&options).unwrap();
    assert!(after.manifests.contains("99.0.0"));
    assert_eq!(
        deployment(&model(&[]))["spec"]["template"],
        deployment(&after)["spec"]["template"]
    );
}

#[test]
fn before_kubernetes_1_30_nothing_asks_kubelet_to_sleep() {
    let sleeps = |kube_version: &str| {
        let options = Options {
            set: vec!["models[0].name=m".to_owned(), DEPLOY.to_owned()],
            kube_version: Some(kube_version.to_owned()),
            ..Options::default()
        };
        !container(&Rendered::new(&options).unwrap())["lifecycle"].is_null()
    };
    assert!(!sleeps("v1.29.4"));
    assert!(sleeps("v1.30.0"));
    assert!(container(&model(&["models[0].deploy.drainSeconds=0"]))["lifecycle"].is_null());
}

#[test]
fn long_names_stay_within_what_kubernetes_allows_and_apart() {
    let long = "organisation-with-a-long-name/model-with-a-name-that-goes-on";
    let release = "a-release-name-of-fifty-three-characters-is-the-limit";
    let names = |name: &str| -> Vec<String> {
        let options = Options {
            release: release.to_owned(),
            set: vec![
                format!("models[0].name={name}"),
                DEPLOY.to_owned(),
                "models[0].deploy.storage.size=1Gi".to_owned(),
            ],
            ..Options::default()
        };
        let rendered = Rendered::new(&options).unwrap();
        ["Service", "Deployment", "PersistentVolumeClaim"]
            .iter()
            .flat_map(|kind| rendered.of_kind(kind))
            .map(|o| o["metadata"]["name"].as_str().unwrap().to_owned())
            .collect()
    };
    for name in names(long) {
        assert!(name.len() <= 63, "{name}");
    }
    let model = |name: &str| names(name).into_iter().find(|n| n.ends_with("-models"));
    assert_ne!(
        model(long),
        model("organisation-with-a-long-name/model-other")
    );
}
