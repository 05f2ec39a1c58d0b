//! What every pod of the chart takes, for every pod: each field of the values is found in the pod, and the
//! objects are valid. How people reach a part: Services, Ingresses and HTTPRoutes.

#![allow(clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::fs;

use chart_tests::{KUBERNETES, conform, refusal, with};
use harness::render::{Options, Rendered};
use serde_json::{Value, json};

/// A pod of the chart: where its values are, its object, and the name of its container.
struct Part {
    values: &'static str,
    object: &'static str,
    container: &'static str,
}

const PARTS: [Part; 8] = [
    part("tracing.collector", "collector", "collector"),
    part("tracing.balancer", "balancer", "balancer"),
    part("prometheus", "prometheus", "prometheus"),
    part("alertmanager", "alertmanager", "alertmanager"),
    part("jaeger", "jaeger", "jaeger"),
    part("grafana", "grafana", "grafana"),
    part("probe", "probe", "probe"),
    part("helmTest", "test", "install-check"),
];

/// It runs the collector's.
const WITHOUT_IMAGE: &str = "tracing.balancer";

const fn part(values: &'static str, object: &'static str, container: &'static str) -> Part {
    Part {
        values,
        object,
        container,
    }
}

/// Runs every part, and vLLM.
fn all() -> Value {
    json!({
        "metrics": {"mode": "standalone"},
        "grafana": {"enabled": true},
        "helmTest": {"image": {"repository": "registry.example/install-check"}},
        "probe": {"enabled": true},
        "jaeger": {"enabled": true, "storage": {"type": "badger"}},
        "tracing": {
            "balancer": {"enabled": true},
            "collector": {"replicas": 2, "image": {"repository": "registry.example/otelcol-vllm"}},
            "exporters": {"otlp": {"tempo": {"endpoint": "http://tempo:4317"}}},
        },
        "models": [{"name": "a", "deploy": {"enabled": true}}],
    })
}

fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

/// Values below a path such as `tracing.collector`.
fn at(path: &str, values: &Value) -> Value {
    let below = path.split('.').rev();
    below.fold(values.clone(), |inner, key| json!({ key: inner }))
}

fn render(values: &Value) -> Rendered {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("values.yaml");
    fs::write(&file, values.to_string()).unwrap();
    Rendered::new(&Options {
        values: vec![file],
        ..Options::default()
    })
    .unwrap()
}

/// The object of a kind with that suffix in its name.
fn object(rendered: &Rendered, kinds: &[&str], suffix: &str) -> Value {
    let name = format!("vllm-monitoring-{suffix}");
    let is = |o: &&serde_yaml::Value| {
        kinds.contains(&o["kind"].as_str().unwrap_or("")) && o["metadata"]["name"] == name.as_str()
    };
    let found = rendered.objects.iter().find(is);
    serde_json::to_value(found.unwrap_or_else(|| panic!("no {kinds:?} {name}"))).unwrap()
}

/// A pod: `{metadata, spec}`.
fn pod(rendered: &Rendered, suffix: &str) -> Value {
    let found = object(rendered, &["StatefulSet", "Deployment", "Pod"], suffix);
    match found["kind"].as_str() {
        Some("Pod") => found,
        _ => found["spec"]["template"].clone(),
    }
}

/// What every part is given.
fn fields() -> Value {
    json!({
        "podLabels": {"team": "ml", "azure.workload.identity/use": "true"},
        "podAnnotations": {"sidecar.istio.io/inject": "false", "checked": "yes: #1"},
        "serviceAccount": {"create": true, "name": "given", "annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/a"}},
        "podSecurityContext": {"runAsUser": 1_000_700_000, "runAsGroup": null, "fsGroup": 1_000_700_000, "supplementalGroups": [5]},
        "securityContext": {"readOnlyRootFilesystem": false, "runAsUser": 1_000_700_001},
        "terminationGracePeriodSeconds": 77,
        "initContainers": [{"name": "first", "image": "busybox:1"}],
        "extraContainers": [{"name": "beside", "image": "quay.io/oauth2-proxy/oauth2-proxy:v7"}],
        "extraArgs": ["--web.enable-lifecycle", "--given=1e3"],
        "extraEnv": [{"name": "GIVEN", "value": "null"}, {"name": "GOMEMLIMIT", "value": "7MiB"}],
        "extraVolumes": [{"name": "more", "secret": {"secretName": "more"}}],
        "extraVolumeMounts": [{"name": "more", "mountPath": "/more", "readOnly": true}],
        "resources": {"requests": {"cpu": "1m"}, "limits": {"memory": "3Gi"}},
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "tolerations": [{"operator": "Exists"}],
        "affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
        "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}],
        "priorityClassName": "high",
        "image": {"digest": format!("sha256:{:064}", 7), "pullPolicy": "Always"},
    })
}

/// Whether a pod has what a field was given; `null` where the field is unknown here.
fn shows(pod: &Value, container: &str, field: &str, given: &Value) -> bool {
    let (meta, spec) = (&pod["metadata"], &pod["spec"]);
    let containers = spec["containers"].as_array().unwrap();
    let main = containers.iter().find(|c| c["name"] == container).unwrap();
    let has_all = |list: &Value| {
        let list = list.as_array().unwrap();
        given
            .as_array()
            .unwrap()
            .iter()
            .all(|item| list.contains(item))
    };
    let contains = |map: &Value| {
        let mut given = given.as_object().unwrap().iter();
        given.all(|(key, value)| &map[key] == value)
    };
    match field {
        "podLabels" => contains(&meta["labels"]),
        "podAnnotations" => contains(&meta["annotations"]),
        "serviceAccount" => spec["serviceAccountName"] == given["name"],
        "podSecurityContext" => {
            let kept = spec["securityContext"]["runAsNonRoot"] == true;
            let gone = spec["securityContext"].get("runAsGroup").is_none();
            kept && gone && contains(&spec["securityContext"])
        }
        "securityContext" => {
            let kept = main["securityContext"]["allowPrivilegeEscalation"] == false;
            kept && contains(&main["securityContext"])
        }
        "initContainers" => has_all(&spec["initContainers"]),
        "extraContainers" => has_all(&spec["containers"]),
        "extraArgs" => has_all(&main["args"]),
        "extraEnv" => {
            let names: Vec<&Value> = main["env"]
                .as_array()
                .unwrap()
                .iter()
                .map(|e| &e["name"])
                .collect();
            let once = |name: &Value| names.iter().filter(|n| **n == name).count() == 1;
            has_all(&main["env"]) && names.iter().all(|name| once(name))
        }
        "extraVolumes" => has_all(&spec["volumes"]),
        "extraVolumeMounts" => has_all(&main["volumeMounts"]),
        "image" => {
            let image = main["image"].as_str().unwrap();
            image.ends_with(given["digest"].as_str().unwrap())
                && main["imagePullPolicy"] == given["pullPolicy"]
        }
        // Over the chart's own.
        "resources" => {
            let part = |of: &Value, kind: &str, name: &str| of[kind][name].clone();
            [("requests", "cpu"), ("limits", "memory")]
                .iter()
                .all(|(kind, name)| part(&main["resources"], kind, name) == part(given, kind, name))
        }
        // These have the pod's own names.
        _ => spec[field] == *given,
    }
}

#[test]
fn every_field_of_every_pod_is_in_the_pod_and_the_objects_are_valid() {
    let fields = fields();
    let mut values = all();
    for part in &PARTS {
        let mut given = fields.clone();
        // Accounts of the chart's own are named apart.
        given["serviceAccount"]["name"] = json!(format!("given-{}", part.object));
        if part.values == WITHOUT_IMAGE {
            given.as_object_mut().unwrap().remove("image");
        }
        merge(&mut values, &at(part.values, &given));
    }
    let rendered = render(&values);
    let mut missing = Vec::new();
    for part in &PARTS {
        let pod = pod(&rendered, part.object);
        for (field, given) in fields.as_object().unwrap() {
            let mut given = given.clone();
            if field == "serviceAccount" {
                given["name"] = json!(format!("given-{}", part.object));
                let account =
                    object_named(&rendered, "ServiceAccount", given["name"].as_str().unwrap());
                assert_eq!(
                    account["metadata"]["annotations"], given["annotations"],
                    "{}",
                    part.object
                );
            }
            if field == "image" && part.values == WITHOUT_IMAGE {
                continue;
            }
            if field == "podSecurityContext" {
                given.as_object_mut().unwrap().remove("runAsGroup");
            }
            if !shows(&pod, part.container, field, &given) {
                missing.push(format!("{}.{field}", part.values));
            }
        }
        let own = &pod["metadata"]["labels"]["app.kubernetes.io/component"];
        assert_eq!(own, part.object, "its own labels stay");
    }
    assert!(
        missing.is_empty(),
        "not in the pod: {missing:#?}\n{}",
        rendered.manifests
    );
    conform(&rendered.manifests, KUBERNETES[5]).unwrap();
}

fn object_named(rendered: &Rendered, kind: &str, name: &str) -> Value {
    let found = rendered
        .of_kind(kind)
        .find(|o| o["metadata"]["name"] == name);
    serde_json::to_value(found.unwrap_or_else(|| panic!("no {kind} {name}"))).unwrap()
}

#[test]
fn a_model_takes_the_same_by_its_own_names() {
    let fields = fields();
    let mut deploy = json!({"enabled": true, "runAsUser": null, "terminationSeconds": 77, "serviceAccountName": "given"});
    for (own, field) in [
        ("podLabels", "podLabels"),
        ("podAnnotations", "podAnnotations"),
        ("securityContext", "securityContext"),
        ("initContainers", "initContainers"),
        ("extraContainers", "extraContainers"),
        ("env", "extraEnv"),
        ("volumes", "extraVolumes"),
        ("volumeMounts", "extraVolumeMounts"),
        ("nodeSelector", "nodeSelector"),
        ("tolerations", "tolerations"),
        ("affinity", "affinity"),
        ("priorityClassName", "priorityClassName"),
        ("image", "image"),
    ] {
        deploy[own] = fields[field].clone();
    }
    deploy["podSecurityContext"] = json!({"supplementalGroups": [5], "runAsNonRoot": null});
    let mut values = all();
    values["models"][0]["deploy"] = deploy;
    let rendered = render(&values);
    let pod = pod(&rendered, "a");
    for field in [
        "podLabels",
        "podAnnotations",
        "securityContext",
        "initContainers",
        "extraContainers",
        "extraEnv",
        "extraVolumes",
        "extraVolumeMounts",
        "nodeSelector",
        "tolerations",
        "affinity",
        "priorityClassName",
        "image",
        "terminationGracePeriodSeconds",
    ] {
        assert!(
            shows(&pod, "vllm", field, &fields[field]),
            "{field}: {pod:#}"
        );
    }
    let security = &pod["spec"]["securityContext"];
    assert_eq!(security["supplementalGroups"], json!([5]));
    for id in ["runAsUser", "runAsGroup", "fsGroup", "runAsNonRoot"] {
        assert!(security.get(id).is_none(), "{security}");
    }
    assert_eq!(pod["spec"]["serviceAccountName"], "given");
    conform(&rendered.manifests, KUBERNETES[5]).unwrap();
}

#[test]
fn without_an_account_a_pod_has_the_namespaces_and_its_rights_go_there() {
    let mut values = all();
    merge(
        &mut values,
        &json!({"tracing": {"k8sAttributes": {"enabled": true}}}),
    );
    for part in &PARTS {
        merge(
            &mut values,
            &at(part.values, &json!({"serviceAccount": {"create": false}})),
        );
    }
    let rendered = render(&values);
    for part in &PARTS {
        let pod = pod(&rendered, part.object);
        assert!(
            pod["spec"].get("serviceAccountName").is_none(),
            "{}",
            part.object
        );
    }
    let accounts: Vec<&str> = rendered
        .of_kind("ServiceAccount")
        .filter_map(|o| o["metadata"]["name"].as_str())
        .collect();
    assert_eq!(accounts, ["vllm-monitoring-vllm"]);
    for kind in ["RoleBinding", "ClusterRoleBinding"] {
        for binding in rendered.of_kind(kind) {
            assert_eq!(binding["subjects"][0]["name"], "default", "{binding:?}");
        }
    }
}

#[test]
fn null_takes_a_security_context_and_resources_away() {
    let mut values = all();
    let nothing = json!({"podSecurityContext": null, "securityContext": null, "resources": null});
    for part in &PARTS {
        merge(&mut values, &at(part.values, &nothing));
    }
    let rendered = render(&values);
    for part in &PARTS {
        let pod = pod(&rendered, part.object);
        let main = &pod["spec"]["containers"][0];
        for of in [
            &pod["spec"]["securityContext"],
            &main["securityContext"],
            &main["resources"],
        ] {
            assert!(of.is_null(), "{}: {of}", part.object);
        }
    }
    conform(&rendered.manifests, KUBERNETES[5]).unwrap();
}

#[test]
fn parts_are_opened_by_a_service_an_ingress_and_a_route() {
    let open = json!({
        "service": {"type": "LoadBalancer", "nodePort": 30_000, "loadBalancerClass": "a.example/b",
            "loadBalancerSourceRanges": ["10.0.0.0/8"], "externalTrafficPolicy": "Local",
            "ipFamilyPolicy": "PreferDualStack", "ipFamilies": ["IPv6", "IPv4"], "labels": {"team": "ml"}, "annotations": {"a": "true"}},
        "ingress": {"enabled": true, "ingressClassName": "nginx", "hosts": ["one.example", "two.example"],
            "tls": [{"secretName": "tls", "hosts": ["one.example"]}], "annotations": {"cert-manager.io/cluster-issuer": "a"}},
        "httpRoute": {"enabled": true, "parentRefs": [{"name": "gateway", "namespace": "infra", "sectionName": "https"}],
            "hostnames": ["three.example"], "path": "/watch"},
    });
    let mut values = all();
    let parts = [
        ("prometheus", "http"),
        ("alertmanager", "http"),
        ("grafana", "http"),
        ("jaeger", "query"),
    ];
    for (part, _) in parts {
        merge(&mut values, &at(part, &open));
    }
    let rendered = render(&values);
    for (part, port) in parts {
        let service = object(&rendered, &["Service"], part);
        assert_eq!(service["spec"]["type"], "LoadBalancer", "{part}");
        assert_eq!(
            service["spec"]["loadBalancerSourceRanges"][0], "10.0.0.0/8",
            "{part}"
        );
        for field in ["externalTrafficPolicy", "ipFamilyPolicy", "ipFamilies"] {
            assert_eq!(service["spec"][field], open["service"][field], "{part}");
        }
        assert_eq!(service["metadata"]["annotations"]["a"], "true", "{part}");
        assert_eq!(service["metadata"]["labels"]["team"], "ml", "{part}");
        let ports = service["spec"]["ports"].as_array().unwrap();
        let opened = ports.iter().find(|p| p["name"] == port).unwrap();
        assert_eq!(opened["nodePort"], 30_000, "{part}");
        let ingress = object(&rendered, &["Ingress"], part);
        assert_eq!(ingress["spec"]["ingressClassName"], "nginx");
        for (i, host) in ["one.example", "two.example"].iter().enumerate() {
            let rule = &ingress["spec"]["rules"][i];
            assert_eq!(rule["host"], *host);
            let backend = &rule["http"]["paths"][0]["backend"]["service"];
            assert_eq!(backend["name"], service["metadata"]["name"]);
            assert_eq!(backend["port"]["name"], port);
        }
        let route = object(&rendered, &["HTTPRoute"], part);
        assert_eq!(route["spec"]["parentRefs"], open["httpRoute"]["parentRefs"]);
        assert_eq!(route["spec"]["hostnames"][0], "three.example");
        let rule = &route["spec"]["rules"][0];
        assert_eq!(rule["backendRefs"][0]["port"], opened["port"], "{part}");
        assert_eq!(rule["matches"][0]["path"]["value"], "/watch");
    }
    // Links in alerts and of Grafana lead where people look.
    for part in ["prometheus", "alertmanager"] {
        let args = pod(&rendered, part)["spec"]["containers"][0]["args"].clone();
        let url = json!("--web.external-url=https://one.example");
        assert!(args.as_array().unwrap().contains(&url), "{args}");
    }
    let ini = rendered.config_maps_with("grafana.ini")[0].1;
    assert!(ini.contains("root_url = https://one.example"), "{ini}");
    conform(&rendered.manifests, KUBERNETES[5]).unwrap();
}

/// What Kubernetes refuses of a whole pod, or server-side apply, and the field to change.
const CLASHES: &[(&[&str], &str)] = &[
    (
        &[
            "grafana.enabled=true",
            "grafana.extraVolumes[0].name=config",
            "grafana.extraVolumes[0].secret.secretName=mine",
        ],
        "The pod grafana has two volumes named \"config\", one of which may be the chart's own, and Kubernetes refuses the pod. Rename yours in extraVolumes",
    ),
    // A claim of the StatefulSet would replace it without a word.
    (
        &[
            "tracing.storage.persistent=true",
            "tracing.collector.extraVolumes[0].name=queue",
            "tracing.collector.extraVolumes[0].secret.secretName=mine",
        ],
        "The pod collector has two volumes named \"queue\"",
    ),
    (
        &[
            "models[0].name=m",
            "models[0].deploy.enabled=true",
            "models[0].deploy.volumes[0].name=mine",
            "models[0].deploy.volumes[0].secret.secretName=mine",
            "models[0].deploy.volumeMounts[0].name=mine",
            "models[0].deploy.volumeMounts[0].mountPath=/dev/shm/",
        ],
        "The container vllm of the pod vllm has two mounts at \"/dev/shm\", one of which may be the chart's own, and Kubernetes refuses the pod. Mount yours at a path of its own",
    ),
    (
        &[
            "prometheus.extraVolumeMounts[0].name=absent",
            "prometheus.extraVolumeMounts[0].mountPath=/absent",
        ],
        "The container prometheus of the pod prometheus has a mount of the volume \"absent\", which the pod lacks, so that Kubernetes refuses the pod. Its volumes are: config, data, rules.",
    ),
    (
        &[
            "jaeger.enabled=true",
            "jaeger.extraEnv[0].name=A",
            "jaeger.extraEnv[0].value=x",
            "jaeger.extraEnv[1].name=A",
            "jaeger.extraEnv[1].value=z",
        ],
        "The container jaeger of the pod jaeger has two environment variables named \"A\", one of which may be the chart's own, and server-side apply, which Helm 4 uses, refuses the pod. Leave one of them out of extraEnv",
    ),
    (
        &[
            "alertmanager.extraContainers[0].name=alertmanager",
            "alertmanager.extraContainers[0].image=proxy:1",
        ],
        "The pod alertmanager has two containers named \"alertmanager\"",
    ),
];

#[test]
fn what_kubernetes_refuses_of_a_pod_is_refused_before() {
    for (set, said) in CLASHES {
        let set = [&["metrics.mode=standalone"], *set].concat();
        let error = refusal(&set).unwrap();
        assert!(
            error.contains(said),
            "{set:?}: expected {said}, found {error}"
        );
    }
}

#[test]
fn a_claim_and_a_variable_of_the_chart_may_be_used_and_replaced() {
    let rendered = with(&[
        "metrics.mode=standalone",
        "prometheus.storage.persistent=true",
        "prometheus.extraContainers[0].name=reader",
        "prometheus.extraContainers[0].image=reader:1",
        "prometheus.extraContainers[0].volumeMounts[0].name=data",
        "prometheus.extraContainers[0].volumeMounts[0].mountPath=/data",
        "prometheus.extraVolumeMounts[0].name=data",
        "prometheus.extraVolumeMounts[0].mountPath=/again",
        "tracing.collector.extraEnv[0].name=GOMEMLIMIT",
        "tracing.collector.extraEnv[0].value=100MiB",
    ]);
    assert!(rendered.is_ok(), "{:#}", rendered.unwrap_err());
}
