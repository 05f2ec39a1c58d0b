//! What the chart renders: valid objects of bearable size, in both modes.

use std::fs;
use std::io::Read;
use std::process::Command;

use base64::Engine as _;
use chart_tests::{KUBERNETES, WASM, chart, conform, package, value_sets, with};
use harness::render::{Options, Rendered};
use sha2::{Digest, Sha256};

/// Without it the pod of `helm test` is of Prometheus' image: see helm_test.rs.
const TEST_IMAGE: &str = "helmTest.image.repository=registry.example/install-check";

#[test]
fn helm_lint_finds_nothing() {
    for values in value_sets().unwrap() {
        let mut lint = Command::new(harness::repo::tool("helm").unwrap());
        lint.args(["lint", "--strict"]).arg(chart());
        for file in &values {
            lint.arg("--values").arg(file);
        }
        let out = lint.output().unwrap();
        assert!(
            out.status.success(),
            "{values:?}: {}",
            String::from_utf8_lossy(&out.stdout)
        );
    }
}

/// Values that need a newer Kubernetes than the chart's oldest: a volume from an image.
fn since(values: &[std::path::PathBuf]) -> &'static str {
    if values.iter().any(|v| v.ends_with("deployed-values.yaml")) {
        "v1.31.0"
    } else {
        KUBERNETES[0]
    }
}

#[test]
fn every_value_set_conforms_to_every_supported_kubernetes() {
    // The templates ask for 1.30 alone, so one render serves all versions from 1.31 on.
    for (newest, versions) in [
        (KUBERNETES[0], &KUBERNETES[..1]),
        ("v1.35.0", &KUBERNETES[1..]),
    ] {
        let mut manifests = String::new();
        for values in value_sets().unwrap() {
            if since(&values) > newest {
                continue;
            }
            for mode in ["operator", "standalone"] {
                let options = Options {
                    values: values.clone(),
                    set: vec![
                        format!("metrics.mode={mode}"),
                        "networkPolicies.enabled=true".to_owned(),
                    ],
                    kube_version: Some(newest.to_owned()),
                    ..Options::default()
                };
                manifests += &Rendered::new(&options).unwrap().manifests;
            }
        }
        for kubernetes in versions {
            conform(&manifests, kubernetes).unwrap();
        }
    }
}

#[test]
fn a_misspelt_key_does_not_conform() {
    let rendered = with(&[]).unwrap();
    let broken = rendered
        .manifests
        .replace("enableServiceLinks:", "enableServiceLink:");
    assert_ne!(broken, rendered.manifests);
    assert!(conform(&broken, "v1.35.0").is_err());
}

#[test]
fn the_mode_follows_what_the_cluster_serves() {
    let kinds = |set: &[&str], api: &[&str]| {
        let rendered = Rendered::new(&Options {
            set: set.iter().map(|s| (*s).to_owned()).collect(),
            api_versions: api.iter().map(|s| (*s).to_owned()).collect(),
            ..Options::default()
        })
        .unwrap();
        (
            rendered.of_kind("PodMonitor").count(),
            rendered.of_kind("PrometheusRule").count(),
            rendered.config_maps_with("prometheus.yml").len(),
        )
    };
    let operator = "monitoring.coreos.com/v1";
    assert_eq!(kinds(&[], &[]), (0, 0, 1));
    assert_eq!(kinds(&[], &[operator]), (2, 1, 0));
    assert_eq!(kinds(&["metrics.mode=operator"], &[]), (2, 1, 0));
    assert_eq!(kinds(&["metrics.mode=standalone"], &[operator]), (0, 0, 1));
}

#[test]
fn promtool_accepts_the_scrape_configuration_of_every_value_set() {
    let dir = tempfile::tempdir().unwrap();
    for values in value_sets().unwrap() {
        let rendered = Rendered::new(&Options {
            values,
            set: vec!["metrics.mode=standalone".to_owned()],
            ..Options::default()
        })
        .unwrap();
        let path = dir.path().join("prometheus.yml");
        fs::write(&path, rendered.config_maps_with("prometheus.yml")[0].1).unwrap();
        let out = Command::new(harness::repo::tool("promtool").unwrap())
            .args(["check", "config", "--syntax-only"])
            .arg(&path)
            .output()
            .unwrap();
        assert!(
            out.status.success(),
            "{}",
            String::from_utf8_lossy(&out.stderr)
        );
    }
}

#[test]
fn targets_get_model_and_vllm_monitoring_but_never_model_name() {
    let rendered = with(&["metrics.mode=standalone", "models[0].name=a/b"]).unwrap();
    let config = rendered.config_maps_with("prometheus.yml")[0].1;
    let config: serde_yaml::Value = serde_yaml::from_str(config).unwrap();
    let job = &config["scrape_configs"][1];
    let labels: Vec<(&str, &str)> = job["relabel_configs"]
        .as_sequence()
        .unwrap()
        .iter()
        .filter_map(|r| {
            Some((
                r["target_label"].as_str()?,
                r["replacement"].as_str().unwrap_or(""),
            ))
        })
        .collect();
    assert!(labels.contains(&("model", "a/b")), "{labels:?}");
    assert!(
        labels.contains(&("vllm_monitoring", "monitoring/vllm-monitoring")),
        "{labels:?}"
    );
    assert!(
        !labels.iter().any(|(name, _)| *name == "model_name"),
        "{labels:?}"
    );
}

#[test]
fn the_config_map_holds_the_plugin_whose_hash_is_pinned() {
    let rendered = with(&[chart_tests::WASM]).unwrap();
    let (name, config) = rendered.config_maps_with("collector.yaml")[0];
    let object = rendered
        .of_kind("ConfigMap")
        .find(|o| o["metadata"]["name"].as_str() == Some(name))
        .unwrap();
    let gzipped = base64::engine::general_purpose::STANDARD
        .decode(
            object["binaryData"]["sampling-policy.wasm.gz"]
                .as_str()
                .unwrap(),
        )
        .unwrap();
    let mut wasm = Vec::new();
    flate2::read::GzDecoder::new(gzipped.as_slice())
        .read_to_end(&mut wasm)
        .unwrap();
    assert!(wasm.starts_with(b"\0asm"));
    let hash: String = Sha256::digest(&wasm)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let config: serde_yaml::Value = serde_yaml::from_str(config).unwrap();
    assert_eq!(
        config["extensions"]["wasm_sampling_policy"]["sha256"].as_str(),
        Some(hash.as_str())
    );
}

#[test]
fn no_object_is_over_240_kib() {
    for values in value_sets().unwrap() {
        let rendered = Rendered::new(&Options {
            values,
            ..Options::default()
        })
        .unwrap();
        for object in &rendered.objects {
            let size = serde_json::to_vec(object).unwrap().len();
            assert!(
                size <= 240 * 1024,
                "{size} B: {:?}",
                object["metadata"]["name"]
            );
        }
    }
}

#[test]
fn every_sending_exporter_has_a_queue_on_the_volume_where_there_is_one() {
    let rendered = with(&[
        "tracing.exporters.otlp.jaeger.endpoint=http://jaeger:4317",
        "tracing.exporters.otlphttp.tempo.endpoint=http://tempo:4318",
        "tracing.storage.persistent=true",
    ])
    .unwrap();
    let config = rendered.config_maps_with("collector.yaml")[0].1;
    let config: serde_yaml::Value = serde_yaml::from_str(config).unwrap();
    for exporter in ["otlp_grpc/jaeger", "otlp_http/tempo"] {
        let queue = &config["exporters"][exporter]["sending_queue"];
        assert_eq!(
            queue["storage"].as_str(),
            Some("file_storage"),
            "{exporter}"
        );
        assert!(queue["batch"].is_mapping(), "{exporter}");
    }
    assert_eq!(
        serde_yaml::to_string(&config["service"]["pipelines"]["traces"]["exporters"]).unwrap(),
        "- debug\n- otlp_grpc/jaeger\n- otlp_http/tempo\n"
    );
}

#[test]
fn every_dashboard_is_a_config_map_that_grafanas_sidecar_finds() {
    let files: Vec<String> = fs::read_dir(chart().join("dashboards"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    assert!(!files.is_empty());
    let rendered = with(&["dashboards.folder=Models", "dashboards.annotations.a=b"]).unwrap();
    for file in files {
        let [(name, text)] = rendered.config_maps_with(&file)[..] else {
            panic!("{file}: expected one ConfigMap");
        };
        let slug = file.trim_end_matches(".json");
        assert_eq!(name, format!("vllm-monitoring-dashboard-{slug}"));
        let dashboard: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(dashboard["uid"], format!("vllm-monitoring-{slug}"));
        let object = rendered
            .of_kind("ConfigMap")
            .find(|o| o["metadata"]["name"].as_str() == Some(name))
            .unwrap();
        let metadata = &object["metadata"];
        assert_eq!(metadata["labels"]["grafana_dashboard"].as_str(), Some("1"));
        assert_eq!(
            metadata["annotations"]["grafana_folder"].as_str(),
            Some("Models")
        );
        assert_eq!(metadata["annotations"]["a"].as_str(), Some("b"));
    }
    assert!(
        with(&["dashboards.enabled=false"])
            .unwrap()
            .config_maps_with("fleet.json")
            .is_empty()
    );
}

#[test]
fn what_dashboards_read_is_recorded_for_those_that_are_imported_by_hand_too() {
    let recorded = |set: &[&str]| {
        let rules = with(set).unwrap().rules().unwrap().unwrap();
        rules.contains("model:vllm_pods_kv_cache_usage_perc:p95")
    };
    assert!(recorded(&[]));
    assert!(recorded(&["dashboards.enabled=false"]));
    assert!(!recorded(&["rules.panels=false"]));
}

#[test]
fn a_packaged_chart_renders_and_has_its_schema() {
    let dir = tempfile::tempdir().unwrap();
    let package = package(dir.path()).unwrap();
    let options = |set: &[&str]| Options {
        chart: package.clone(),
        set: set.iter().map(|s| (*s).to_owned()).collect(),
        ..Options::default()
    };
    Rendered::new(&options(&[])).unwrap();
    for (set, place) in [
        ("nope=1", "at ''"),
        ("tracing.nope=1", "at '/tracing'"),
        (
            "tracing.collector.image.nope=1",
            "at '/tracing/collector/image'",
        ),
        (
            "rules.alerts.VllmReplicaDown.nope=1",
            "at '/rules/alerts/VllmReplicaDown'",
        ),
        ("rules.alerts.Nope.enabled=true", "at '/rules/alerts'"),
    ] {
        let error = format!("{:#}", Rendered::new(&options(&[set])).unwrap_err());
        assert!(
            error.contains(place) && error.contains("not allowed"),
            "{set}: {error}"
        );
    }
}

#[test]
fn without_an_image_of_ours_the_stock_collector_decides_by_the_same_thresholds() {
    let rendered = with(&["thresholds.decodeTime.keepTrace=off"]).unwrap();
    let (name, config) = rendered.config_maps_with("collector.yaml")[0];
    let config: serde_yaml::Value = serde_yaml::from_str(config).unwrap();
    let bounded = &config["processors"]["tail_sampling"]["policies"][1]["composite"];
    assert_eq!(
        bounded["composite_sub_policy"][0]["ottl_condition"]["span"][0].as_str(),
        Some(
            "name == \"llm_request\" and (instrumentation_scope.name == \"vllm.tracing.otel\" or \
             instrumentation_scope.name == \"vllm.llm_engine\") and \
             (attributes[\"gen_ai.latency.e2e\"] > 120 or \
             attributes[\"gen_ai.latency.time_to_first_token\"] > 10)"
        )
    );
    assert!(config["extensions"]["wasm_sampling_policy"].is_null());
    let object = rendered
        .of_kind("ConfigMap")
        .find(|o| o["metadata"]["name"].as_str() == Some(name))
        .unwrap();
    assert!(object["binaryData"].is_null());
    assert!(rendered.config_maps_with("settings.json").is_empty());
    let collector = rendered
        .of_kind("StatefulSet")
        .find(|o| o["metadata"]["name"].as_str() == Some(name))
        .unwrap();
    let image = collector["spec"]["template"]["spec"]["containers"][0]["image"].as_str();
    assert!(
        image.is_some_and(|image| image.contains("opentelemetry-collector-contrib:")),
        "{image:?}"
    );
}

#[test]
fn the_test_pod_is_a_cleaned_up_hook_under_pod_security_restricted() {
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
            Some("before-hook-creation,hook-succeeded")
        );
        assert_eq!(
            annotations["helm.sh/hook-output-log-policy"].as_str(),
            Some("hook-succeeded,hook-failed")
        );
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

/// Without the strategy, or with a memory of what was not kept, slow requests are lost: see
/// `tests/collector/tests/arrival`. A policy that drops would keep every trace from being kept at all.
#[test]
fn a_trace_is_decided_on_whenever_spans_arrive_unless_it_is_to_be_decided_whole() {
    let sampling = |set: &[&str]| {
        let rendered = with(set).unwrap();
        let config = rendered.config_maps_with("collector.yaml")[0].1;
        let config: serde_yaml::Value = serde_yaml::from_str(config).unwrap();
        config["processors"]["tail_sampling"].clone()
    };
    let cache = "non_sampled_cache_size";
    for engine in [&[][..], &[WASM]] {
        let immediate = sampling(engine);
        assert_eq!(immediate["sampling_strategy"], "span-ingest");
        assert_eq!(immediate["decision_wait_after_root_received"], "6s");
        assert_eq!(immediate["decision_cache"][cache].as_u64(), Some(0));
        let text = serde_yaml::to_string(&immediate).unwrap();
        assert!(!text.contains("drop"), "{text}");

        let set: Vec<&str> = engine
            .iter()
            .copied()
            .chain(["tracing.sampling.mode=whole"])
            .collect();
        let whole = sampling(&set);
        assert!(whole["sampling_strategy"].is_null());
        assert!(whole["decision_wait_after_root_received"].is_null());
        assert_eq!(whole["decision_cache"][cache].as_u64(), Some(200_000));
    }
}

#[test]
fn both_policies_of_the_collector_decide_alike() {
    for set in [&[][..], &[WASM]] {
        let rendered = with(set).unwrap();
        let config = rendered.config_maps_with("collector.yaml")[0].1;
        let config: serde_yaml::Value = serde_yaml::from_str(config).unwrap();
        let policies = &config["processors"]["tail_sampling"]["policies"];
        // First, since a decision on arrival asks no policy after the one that keeps.
        let marked = &policies[0]["composite"]["composite_sub_policy"][0]["and"]["and_sub_policy"];
        let mut synthetic = marked[1].clone();
        let mut live = policies[1].clone();
        if set.is_empty() {
            // Of the stock collector, which bounds what is kept in a second.
            let composite = &policies[1]["composite"];
            assert_eq!(composite["max_total_spans_per_second"].as_u64(), Some(1000));
            live = composite["composite_sub_policy"][0].clone();
        }
        assert_eq!(marked[0]["type"].as_str(), Some("boolean_attribute"));
        // Their names must differ: the plugin's host counts shards by name.
        assert_ne!(live["name"], synthetic["name"]);
        for policy in [&mut live, &mut synthetic] {
            policy.as_mapping_mut().unwrap().remove("name");
        }
        // The plugin decides on the traces of `helm test` by its limits alone: they must neither be
        // learnt from nor be held back by the budget.
        if set == [WASM] {
            let own = synthetic["wasm_sampling_policy"].as_mapping().unwrap();
            for section in ["errors", "slowest", "baseline", "budget"] {
                assert_eq!(own[section].as_bool(), Some(false), "{section}");
            }
            synthetic["wasm_sampling_policy"] = live["wasm_sampling_policy"].clone();
        }
        assert_eq!(live, synthetic);
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

/// Certificates and tokens come as files and environment: a ConfigMap is read by many.
#[test]
fn secrets_are_named_by_pods_and_read_from_files() {
    let to = "tracing.exporters.otlp.tempo";
    let rendered = with(&[
        "tracing.receiver.tls.secretName=callers",
        "tracing.receiver.tls.clientCA=ca.crt",
        "tracing.receiver.client.secretName=client",
        "tracing.receiver.bearerToken.secretName=tokens",
        &format!("{to}.endpoint=https://tempo:4317"),
        &format!("{to}.headersFrom.x-token.name=tempo"),
        &format!("{to}.headersFrom.x-token.key=header"),
        &format!("{to}.tlsSecret.name=tempo-tls"),
        &format!("{to}.tlsSecret.ca=ca.crt"),
    ])
    .unwrap();
    let config = rendered.config_maps_with("collector.yaml")[0].1;
    let config: serde_yaml::Value = serde_yaml::from_str(config).unwrap();
    let pod = &rendered
        .of_kind("StatefulSet")
        .find(|o| o["metadata"]["name"].as_str() == Some("vllm-monitoring-collector"))
        .unwrap()["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    let exporter = &config["exporters"]["otlp_grpc/tempo"];
    let grpc = &config["receivers"]["otlp"]["protocols"]["grpc"];
    let token = &config["extensions"]["bearertokenauth"]["filename"];
    let folder = |mount: &serde_yaml::Value| {
        let (path, name) = (mount["mountPath"].as_str()?, mount["name"].as_str()?);
        let volumes = pod["volumes"].as_sequence()?;
        let volume = volumes.iter().find(|v| v["name"].as_str() == Some(name))?;
        Some((
            path.to_owned(),
            volume["secret"]["secretName"].as_str()?.to_owned(),
        ))
    };
    let mounts = container["volumeMounts"].as_sequence().unwrap();
    let folders: Vec<_> = mounts.iter().filter_map(folder).collect();
    for (file, secret) in [
        (&grpc["tls"]["cert_file"], "callers"),
        (&grpc["tls"]["key_file"], "callers"),
        (&grpc["tls"]["client_ca_file"], "callers"),
        (token, "tokens"),
        (&exporter["tls"]["ca_file"], "tempo-tls"),
    ] {
        let (path, _) = file.as_str().unwrap().rsplit_once('/').unwrap();
        let found = folders.iter().find(|(folder, _)| folder == path);
        assert_eq!(
            found.map(|(_, secret)| secret.as_str()),
            Some(secret),
            "{file:?}"
        );
    }
    let env = &container["env"].as_sequence().unwrap()[1];
    let reads = format!("${{env:{}}}", env["name"].as_str().unwrap());
    assert_eq!(
        exporter["headers"]["x-token"].as_str(),
        Some(reads.as_str())
    );
    assert_eq!(
        env["valueFrom"]["secretKeyRef"]["name"].as_str(),
        Some("tempo")
    );
    assert_eq!(
        env["valueFrom"]["secretKeyRef"]["key"].as_str(),
        Some("header")
    );
}

#[test]
fn balancers_stand_before_several_samplers_alone() {
    let selected = |set: &[&str]| {
        let rendered = with(set).unwrap();
        let service = rendered
            .of_kind("Service")
            .find(|o| o["metadata"]["name"].as_str() == Some("vllm-monitoring-collector"))
            .unwrap()
            .clone();
        let component = &service["spec"]["selector"]["app.kubernetes.io/component"];
        (
            component.as_str().unwrap().to_owned(),
            rendered.config_maps_with("balancer.yaml").len(),
            rendered.of_kind("PodDisruptionBudget").count(),
        )
    };
    let (wanted, two) = (
        "tracing.balancer.enabled=true",
        "tracing.collector.replicas=2",
    );
    let (collector, balancer) = ("collector".to_owned(), "balancer".to_owned());
    assert_eq!(selected(&[]), (collector.clone(), 0, 0));
    assert_eq!(selected(&[wanted]), (collector.clone(), 0, 0));
    assert_eq!(selected(&[two]), (collector, 0, 1));
    assert_eq!(selected(&[wanted, two]), (balancer, 1, 2));
}
