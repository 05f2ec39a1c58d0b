//! Who reaches what by the rendered NetworkPolicies, read as Kubernetes reads them: a pod that no policy
//! selects takes every connection, and a rule without `from` is for everybody.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeMap;

use chart_tests::with;
use harness::render::Rendered;
use serde_json::Value;

const BASE: [&str; 7] = [
    "probe.enabled=true",
    "metrics.mode=standalone",
    "jaeger.enabled=true",
    "grafana.enabled=true",
    "models[0].name=own",
    "models[0].deploy.enabled=true",
    "models[0].deploy.model=a/b",
];
const WATCHED: &str =
    "models[1].name=watched,models[1].namespaces[0]=inference,models[1].selector.app=w";

/// One of the release's own pods, by component.
fn own(component: &str) -> (String, BTreeMap<String, String>) {
    let labels = [
        ("app.kubernetes.io/name", "vllm-monitoring"),
        ("app.kubernetes.io/instance", "vllm-monitoring"),
        ("app.kubernetes.io/component", component),
    ];
    let labels = labels.map(|(key, value)| (key.to_owned(), value.to_owned()));
    ("monitoring".to_owned(), labels.into())
}

/// A pod of somebody else's.
fn stranger(namespace: &str) -> (String, BTreeMap<String, String>) {
    let labels = [("app".to_owned(), "x".to_owned())];
    (namespace.to_owned(), labels.into())
}

/// Whether a LabelSelector matches.
fn selects(selector: &Value, labels: &BTreeMap<String, String>) -> bool {
    let equal = selector["matchLabels"].as_object();
    let equal = equal.is_none_or(|all| {
        all.iter()
            .all(|(key, value)| labels.get(key).map(String::as_str) == value.as_str())
    });
    let expressions = selector["matchExpressions"].as_array();
    equal
        && expressions.is_none_or(|all| {
            all.iter().all(|one| {
                assert_eq!(one["operator"], "In");
                let found = labels.get(one["key"].as_str().unwrap());
                let values = one["values"].as_array().unwrap();
                found.is_some_and(|found| values.iter().any(|value| value == found))
            })
        })
}

fn reaches(
    rendered: &Rendered,
    (namespace, labels): &(String, BTreeMap<String, String>),
    component: &str,
    port: u16,
) -> bool {
    let target = own(component).1;
    let mut selected = false;
    for policy in rendered.of_kind("NetworkPolicy") {
        let spec = serde_json::to_value(&policy["spec"]).unwrap();
        let of_ingress = spec["policyTypes"][0] == "Ingress";
        if !of_ingress || !selects(&spec["podSelector"], &target) {
            continue;
        }
        selected = true;
        for rule in spec["ingress"].as_array().into_iter().flatten() {
            let ports = rule["ports"].as_array().unwrap();
            if !ports.iter().any(|p| p["port"] == port) {
                continue;
            }
            let Some(peers) = rule["from"].as_array().filter(|peers| !peers.is_empty()) else {
                return true;
            };
            let name = [("kubernetes.io/metadata.name".to_owned(), namespace.clone())].into();
            if peers.iter().any(|peer| {
                let of_namespace = match &peer["namespaceSelector"] {
                    Value::Null => namespace == "monitoring",
                    selector => selects(selector, &name),
                };
                peer["ipBlock"].is_null() && of_namespace && selects(&peer["podSelector"], labels)
            }) {
                return true;
            }
        }
    }
    !selected
}

fn render(more: &[&str]) -> Rendered {
    let watched = WATCHED.split(',');
    let set: Vec<&str> = BASE
        .into_iter()
        .chain(watched)
        .chain(more.iter().copied())
        .collect();
    with(&set).unwrap()
}

/// Every port that serves something.
const PORTS: [(&str, u16); 11] = [
    ("vllm", 8000),
    ("probe", 9115),
    ("collector", 4317),
    ("collector", 4318),
    ("collector", 8888),
    ("collector", 8889),
    ("prometheus", 9090),
    ("alertmanager", 9093),
    ("grafana", 3000),
    ("jaeger", 4317),
    ("jaeger", 16686),
];

/// What a pod reaches, as `component:port`.
fn reached(rendered: &Rendered, from: &(String, BTreeMap<String, String>)) -> Vec<String> {
    let ports = PORTS
        .iter()
        .filter(|(to, port)| reaches(rendered, from, to, *port));
    ports.map(|(to, port)| format!("{to}:{port}")).collect()
}

#[test]
fn empty_lists_let_in_nobody_but_the_releases_own_parts() {
    let rendered = render(&["networkPolicies.enabled=true"]);
    for namespace in ["monitoring", "inference", "elsewhere"] {
        assert_eq!(
            reached(&rendered, &stranger(namespace)),
            [""; 0],
            "{namespace}"
        );
    }
    for (from, to, port) in [
        ("prometheus", "vllm", 8000),
        ("prometheus", "probe", 9115),
        ("probe", "vllm", 8000),
        ("prometheus", "collector", 8888),
        ("prometheus", "collector", 8889),
        ("prometheus", "alertmanager", 9093),
        ("vllm", "collector", 4317),
        ("test", "collector", 4318),
        ("test", "collector", 8888),
        ("test", "prometheus", 9090),
        ("test", "jaeger", 16686),
        ("collector", "jaeger", 4317),
        ("grafana", "prometheus", 9090),
        ("grafana", "jaeger", 16686),
    ] {
        assert!(
            reaches(&rendered, &own(from), to, port),
            "{from} → {to}:{port}"
        );
    }
    assert!(!reaches(&rendered, &own("vllm"), "collector", 4318));
    assert!(!reaches(&rendered, &own("grafana"), "jaeger", 4317));
}

#[test]
fn each_list_opens_its_own_ports_alone() {
    let name = "namespaceSelector.matchLabels.kubernetes\\.io/metadata\\.name=elsewhere";
    for (list, ports) in [
        ("callers", &["vllm:8000"][..]),
        ("senders", &["collector:4317"]),
        (
            "scrapers",
            &["probe:9115", "collector:8888", "collector:8889"],
        ),
        (
            "readers",
            &[
                "prometheus:9090",
                "alertmanager:9093",
                "grafana:3000",
                "jaeger:16686",
            ],
        ),
    ] {
        let named = format!("networkPolicies.{list}[0].{name}");
        let rendered = render(&["networkPolicies.enabled=true", &named]);
        assert_eq!(reached(&rendered, &stranger("elsewhere")), ports, "{list}");
        assert_eq!(
            reached(&rendered, &stranger("inference")),
            [""; 0],
            "{list}"
        );
    }
    let named = format!("networkPolicies.senders[0].{name}");
    let http = "tracing.receiver.http.enabled=true";
    let rendered = render(&["networkPolicies.enabled=true", &named, http]);
    let ports = ["collector:4317", "collector:4318"];
    assert_eq!(reached(&rendered, &stranger("elsewhere")), ports);
}

#[test]
fn several_alertmanagers_gossip_with_each_other_alone() {
    let two = render(&["alertmanager.replicas=2"]);
    assert!(reaches(&two, &own("alertmanager"), "alertmanager", 9094));
    for other in [own("prometheus"), own("grafana"), stranger("monitoring")] {
        assert!(!reaches(&two, &other, "alertmanager", 9094), "{other:?}");
    }
    let policy = two.of_kind("NetworkPolicy").find(|p| {
        p["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "alertmanager"
    });
    let gossip = policy.unwrap()["spec"]["ingress"][1]["ports"].clone();
    let protocols: Vec<_> = gossip
        .as_sequence()
        .unwrap()
        .iter()
        .map(|p| p["protocol"].as_str())
        .collect();
    assert_eq!(protocols, [Some("TCP"), Some("UDP")]);
    let one = render(&[]);
    assert!(!reaches(&one, &own("alertmanager"), "alertmanager", 9094));
}

/// A plain install: spans come from where models are, an Operator's Prometheus scrapes from anywhere.
#[test]
fn by_default_spans_come_from_the_models_namespaces_and_alertmanager_and_jaeger_are_closed() {
    let rendered = render(&[]);
    let open = [
        "collector:8888",
        "collector:8889",
        "prometheus:9090",
        "grafana:3000",
    ];
    let of = |namespace| reached(&rendered, &stranger(namespace));
    let elsewhere = of("elsewhere");
    assert_eq!(elsewhere, [&["vllm:8000"][..], &open].concat());
    for namespace in ["monitoring", "inference"] {
        let more: Vec<String> = of(namespace);
        let more: Vec<&String> = more
            .iter()
            .filter(|port| !elsewhere.contains(port))
            .collect();
        assert_eq!(more, ["collector:4317"], "{namespace}");
    }
    assert!(reaches(&rendered, &own("test"), "collector", 4318));
    assert!(reaches(&rendered, &own("prometheus"), "alertmanager", 9093));
    assert!(reaches(&rendered, &own("collector"), "jaeger", 4317));

    // Whose Prometheus asks the probe is not known, unless it is named.
    let operator = [
        "metrics.mode=operator",
        "metrics.operator.prometheusURL=http://p:9090",
    ];
    let named = "networkPolicies.scrapers[0].namespaceSelector.matchLabels.a=b";
    let named = render(&[&operator[..], &[named]].concat());
    let operator = render(&operator);
    assert!(reaches(&operator, &stranger("elsewhere"), "probe", 9115));
    assert!(!reaches(&named, &stranger("elsewhere"), "probe", 9115));

    let everywhere = render(&["models[1].namespaces[0]=*"]);
    assert!(reaches(
        &everywhere,
        &stranger("elsewhere"),
        "collector",
        4317
    ));
    let off = render(&["networkPolicies.enabled=false"]);
    assert_eq!(off.of_kind("NetworkPolicy").count(), 0);
}

#[test]
fn behind_balancers_a_sampler_takes_spans_from_them_alone() {
    let tiers = [
        "tracing.collector.replicas=2",
        "tracing.balancer.enabled=true",
    ];
    for enabled in ["auto", "true"] {
        let enabled = format!("networkPolicies.enabled={enabled}");
        let rendered = render(&[tiers[0], tiers[1], &enabled]);
        assert!(reaches(&rendered, &own("balancer"), "collector", 4317));
        assert!(reaches(&rendered, &own("vllm"), "balancer", 4317));
        assert!(reaches(&rendered, &own("prometheus"), "balancer", 8888));
        for from in [own("vllm"), stranger("inference")] {
            assert!(!reaches(&rendered, &from, "collector", 4317));
        }
        let taken = reaches(&rendered, &stranger("inference"), "balancer", 4317);
        assert_eq!(taken, enabled.ends_with("auto"));
    }
}

/// What docs/tracing.md tells to write.
#[test]
fn the_documented_example_leaves_nothing_open() {
    let text = std::fs::read_to_string(harness::repo::root().join("docs/tracing.md")).unwrap();
    let example = text
        .split("```yaml\n")
        .find(|part| part.starts_with("networkPolicies:\n"));
    let example = example.unwrap().split("```").next().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("values.yaml");
    std::fs::write(&file, example).unwrap();
    let rendered = Rendered::new(&harness::render::Options {
        values: vec![file],
        set: BASE.map(str::to_owned).to_vec(),
        ..Default::default()
    })
    .unwrap();
    assert_eq!(reached(&rendered, &stranger("elsewhere")), [""; 0]);
    assert_eq!(reached(&rendered, &stranger("gateway")), ["collector:4317"]);
    let scraped = ["probe:9115", "collector:8888", "collector:8889"];
    assert_eq!(reached(&rendered, &stranger("monitoring")), scraped);
}

#[test]
fn the_receiver_is_bounded_and_takes_http_where_somebody_needs_it() {
    let config = |set: &[&str], tier: &str| {
        let rendered = with(set).unwrap();
        let name = format!("{tier}.yaml");
        let text = rendered.config_maps_with(&name)[0].1.to_owned();
        let config: Value = serde_yaml::from_str(&text).unwrap();
        let ports =
            |object: &&serde_yaml::Value| object["metadata"]["name"] == "vllm-monitoring-collector";
        let service = rendered.of_kind("Service").find(ports).unwrap();
        let service = serde_json::to_value(&service["spec"]["ports"]).unwrap();
        let http = service
            .as_array()
            .unwrap()
            .iter()
            .any(|p| p["port"] == 4318);
        (
            config["receivers"]["otlp"]["protocols"].clone(),
            config,
            http,
        )
    };
    let (protocols, all, http) = config(&[], "collector");
    assert_eq!(protocols["grpc"]["max_recv_msg_size_mib"], 1);
    assert_eq!(protocols["http"]["max_request_body_size"], 1_048_576);
    // The stock image has no such extension.
    assert!(all["extensions"]["otlp_guard"].is_null() && !http);

    let (protocols, _, _) = config(&["helmTest.enabled=false"], "collector");
    assert!(protocols["http"].is_null());

    let ours = "tracing.collector.image.repository=otelcol-vllm";
    let open = [
        "tracing.receiver.http.enabled=true",
        "tracing.receiver.maxRequestMib=3",
        ours,
    ];
    let (protocols, all, http) = config(&open, "collector");
    assert!(http);
    assert_eq!(protocols["http"]["max_request_body_size"], 3 << 20);
    for protocol in ["grpc", "http"] {
        assert_eq!(protocols[protocol]["middlewares"][0]["id"], "otlp_guard");
    }
    assert_eq!(all["extensions"]["otlp_guard"]["max_spans"], 10_000);

    let tiers = [
        "tracing.collector.replicas=2",
        "tracing.balancer.enabled=true",
        ours,
    ];
    let (protocols, all, _) = config(&tiers, "balancer");
    assert!(protocols["http"].is_null());
    assert_eq!(protocols["grpc"]["max_recv_msg_size_mib"], 1);
    assert_eq!(all["service"]["extensions"][1], "otlp_guard");
    // A trace at a time, each with a copy of its resource.
    let (protocols, _, _) = config(&tiers, "collector");
    assert_eq!(protocols["grpc"]["max_recv_msg_size_mib"], 4);
}

/// Whether a component may open a connection to a pod's port: everything where no policy is about its egress.
fn opens(
    rendered: &Rendered,
    component: &str,
    (namespace, labels): &(String, BTreeMap<String, String>),
    port: u16,
) -> bool {
    let from = own(component).1;
    let name = [("kubernetes.io/metadata.name".to_owned(), namespace.clone())].into();
    let mut selected = false;
    for policy in rendered.of_kind("NetworkPolicy") {
        let spec = serde_json::to_value(&policy["spec"]).unwrap();
        if spec["policyTypes"][0] != "Egress" || !selects(&spec["podSelector"], &from) {
            continue;
        }
        selected = true;
        for rule in spec["egress"].as_array().unwrap() {
            let ports = rule["ports"].as_array();
            if ports.is_some_and(|ports| ports.iter().all(|p| p["port"] != port)) {
                continue;
            }
            let Some(peers) = rule["to"].as_array() else {
                return true;
            };
            if peers.iter().any(|peer| {
                let there = match &peer["namespaceSelector"] {
                    Value::Null => namespace == "monitoring",
                    selector => selects(selector, &name),
                };
                peer["ipBlock"].is_null() && there && selects(&peer["podSelector"], labels)
            }) {
                return true;
            }
        }
    }
    !selected
}

const EGRESS: [&str; 2] = [
    "networkPolicies.egress.enabled=true",
    "models[1].ports={8000,8001}",
];
const OPENERS: [&str; 9] = [
    "vllm",
    "collector",
    "balancer",
    "prometheus",
    "alertmanager",
    "grafana",
    "jaeger",
    "test",
    "probe",
];

/// What each part may open to the release's own parts and to the watched pods, as `from>to:port`.
fn opened(rendered: &Rendered) -> Vec<String> {
    let mut watched = stranger("inference");
    watched.1.insert("app".to_owned(), "w".to_owned());
    let more = [
        ("balancer", 4317),
        ("balancer", 8888),
        ("alertmanager", 9094),
    ];
    let targets = PORTS.iter().chain(&more);
    let mut targets: Vec<_> = targets.map(|(to, port)| (*to, own(to), *port)).collect();
    targets.push(("watched", watched.clone(), 8000));
    targets.push(("watched", watched.clone(), 8001));
    targets.push(("watched", watched, 9000));
    targets.push(("stranger", stranger("monitoring"), 8000));
    let all = OPENERS.iter().flat_map(|from| {
        let to = targets
            .iter()
            .filter(|(_, pod, port)| opens(rendered, from, pod, *port));
        to.map(move |(to, _, port)| format!("{from}>{to}:{port}"))
    });
    all.collect()
}

#[test]
fn with_egress_policies_a_part_opens_connections_to_what_it_needs_alone() {
    // The pods that this chart deploys have more labels than the component; the selector names these.
    let deployed = |found: Vec<String>| -> Vec<String> {
        found
            .into_iter()
            .filter(|f| !f.contains(">vllm:8000"))
            .collect()
    };
    let rendered = render(&EGRESS);
    assert_eq!(
        deployed(opened(&rendered)),
        [
            "vllm>collector:4317",
            "collector>jaeger:4317",
            // No policy, as there are no balancers.
            "balancer>probe:9115",
            "balancer>collector:4317",
            "balancer>collector:4318",
            "balancer>collector:8888",
            "balancer>collector:8889",
            "balancer>prometheus:9090",
            "balancer>alertmanager:9093",
            "balancer>grafana:3000",
            "balancer>jaeger:4317",
            "balancer>jaeger:16686",
            "balancer>balancer:4317",
            "balancer>balancer:8888",
            "balancer>alertmanager:9094",
            "balancer>watched:8000",
            "balancer>watched:8001",
            "balancer>watched:9000",
            "balancer>stranger:8000",
            "prometheus>probe:9115",
            "prometheus>collector:4318",
            "prometheus>collector:8888",
            "prometheus>collector:8889",
            "prometheus>alertmanager:9093",
            "prometheus>watched:8000",
            "prometheus>watched:8001",
            "grafana>prometheus:9090",
            "grafana>alertmanager:9093",
            "grafana>jaeger:16686",
            "test>probe:9115",
            "test>collector:4318",
            "test>collector:8888",
            "test>collector:8889",
            "test>prometheus:9090",
            "test>alertmanager:9093",
            "test>grafana:3000",
            "test>jaeger:16686",
            "probe>watched:8000",
            "probe>watched:8001",
        ]
    );
    // Every pod resolves names; the API server is for those that ask it.
    let node = stranger("kube-system");
    for from in OPENERS {
        assert!(opens(&rendered, from, &node, 53), "{from}");
        assert!(opens(&rendered, from, &node, 5353), "{from}");
        let asks = ["prometheus", "balancer"].contains(&from);
        assert_eq!(opens(&rendered, from, &node, 6443), asks, "{from}");
    }
}

#[test]
fn egress_lists_open_a_peer_to_one_part_and_balancers_stand_between() {
    let lists = [
        "prometheus",
        "alertmanager",
        "collector",
        "grafana",
        "helmTest",
        "vllm",
    ];
    for list in lists {
        let peer = format!("networkPolicies.egress.{list}[0].podSelector.matchLabels.app=x");
        let rendered = render(&[&EGRESS[..], &[&peer]].concat());
        for from in OPENERS.into_iter().filter(|from| *from != "balancer") {
            let part = if from == "test" { "helmTest" } else { from };
            let may = opens(&rendered, from, &stranger("monitoring"), 8000);
            assert_eq!(may, part == list, "{list}: {from}");
        }
    }
    let balanced = [
        "networkPolicies.egress.enabled=true",
        "tracing.collector.replicas=2",
        "tracing.balancer.enabled=true",
        "alertmanager.replicas=2",
        "networkPolicies.egress.kubernetesAPI[0].ipBlock.cidr=10.0.0.1/32",
    ];
    let rendered = render(&balanced);
    let to = |from, to, port| opens(&rendered, from, &own(to), port);
    assert!(to("vllm", "balancer", 4317) && !to("vllm", "collector", 4317));
    assert!(to("balancer", "collector", 4317) && !to("balancer", "prometheus", 9090));
    assert!(to("prometheus", "balancer", 8888) && to("alertmanager", "alertmanager", 9094));
    assert!(
        !to("prometheus", "grafana", 6443),
        "the API server has an address of its own"
    );
    // In operator mode the test asks the API server, and nothing of standalone mode has a policy.
    let rendered = with(&[
        "metrics.mode=operator",
        "networkPolicies.egress.enabled=true",
        "helmTest.image.repository=registry.example/install-check",
    ])
    .unwrap();
    assert!(opens(&rendered, "test", &stranger("kube-system"), 6443));
    let off = with(&[
        "networkPolicies.enabled=false",
        "networkPolicies.egress.enabled=true",
    ])
    .unwrap();
    assert_eq!(off.of_kind("NetworkPolicy").count(), 0);
}
