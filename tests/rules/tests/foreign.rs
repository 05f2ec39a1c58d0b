//! Joins with other exporters, under every labelling that their scrape and ours can leave.
//!
//! What kube-state-metrics says is its real body (tests/fixtures/kube-state-metrics); the DCGM exporter's
//! labels are as it documents them. What a scrape makes of them follows Prometheus' `honor_labels` and the
//! operator's `enforcedNamespaceLabel`.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeMap;
use std::fs;

use harness::http::parse_metrics;
use harness::repo;
use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::{self, Expr, VectorSelector};
use rules_tests::{all, promtool, rules};
use serde_yaml::{Mapping, Value};

/// What the scrape of the exporter leaves of `namespace` and `pod`.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Labelling {
    /// `honorLabels: true`.
    Honoured,
    /// `honorLabels: false`: the pod is in `exported_pod`.
    Renamed,
    /// The same of a target that has the label `namespace` only.
    NamespaceRenamed,
    /// The same of a target that has neither, as kube-prometheus drops them: nothing is renamed.
    Dropped,
    /// `enforcedNamespaceLabel: namespace` over honoured labels: the pod's namespace is nowhere.
    EnforcedHonoured,
    /// The same without honoured labels.
    EnforcedRenamed,
}

/// Which sides carry the label `cluster`.
#[derive(Debug, Clone, Copy)]
enum Cluster {
    Nobody,
    Both,
    Ours,
    Theirs,
}

const LABELLINGS: [Labelling; 6] = [
    Labelling::Honoured,
    Labelling::Renamed,
    Labelling::NamespaceRenamed,
    Labelling::Dropped,
    Labelling::EnforcedHonoured,
    Labelling::EnforcedRenamed,
];
const CLUSTERS: [Cluster; 4] = [
    Cluster::Nobody,
    Cluster::Both,
    Cluster::Ours,
    Cluster::Theirs,
];

impl Labelling {
    const fn enforced(self) -> bool {
        matches!(self, Self::EnforcedHonoured | Self::EnforcedRenamed)
    }

    /// The labels of a series as Prometheus stores them.
    fn stored(self, exported: &Labels) -> Labels {
        let of_target: &[(&str, &str)] = match self {
            Self::Dropped => &[],
            Self::NamespaceRenamed => &[("namespace", "exporters")],
            _ => &[
                ("namespace", "exporters"),
                ("pod", "exporter-0"),
                ("container", "exporter"),
                ("service", "exporter"),
            ],
        };
        let mut labels = exported.clone();
        for (name, value) in of_target {
            let value = (*value).to_owned();
            if matches!(self, Self::Honoured | Self::EnforcedHonoured) {
                labels.entry((*name).to_owned()).or_insert(value);
            } else if let Some(own) = labels.insert((*name).to_owned(), value) {
                labels.insert(format!("exported_{name}"), own);
            }
        }
        if self.enforced() {
            labels.insert("namespace".to_owned(), "monitoring".to_owned());
        }
        labels
    }
}

type Labels = BTreeMap<String, String>;

/// What other exporters say of two pods of one name, of which one is ours, with its values over two hours.
fn exported() -> Vec<(String, Labels, String)> {
    let path = repo::root().join("tests/fixtures/kube-state-metrics/metrics.txt");
    let body = parse_metrics(&fs::read_to_string(path).unwrap()).unwrap();
    let mut all: Vec<(String, Labels, String)> = body
        .into_iter()
        .map(|sample| {
            let values = if sample.name.ends_with("restarts_total") && sample.value > 0.0 {
                // It restarts every ten minutes.
                let restarts = (0..12).map(|n| format!("{n}x9"));
                restarts.collect::<Vec<_>>().join(" ")
            } else {
                format!("{}x120", sample.value)
            };
            (sample.name, sample.labels, values)
        })
        .collect();
    for (namespace, metric, value) in [
        ("inference", "DCGM_FI_DEV_GPU_UTIL", 80),
        ("elsewhere", "DCGM_FI_DEV_GPU_UTIL", 10),
        ("inference", "DCGM_FI_DEV_XID_ERRORS", 79),
        ("elsewhere", "DCGM_FI_DEV_XID_ERRORS", 31),
    ] {
        let labels = [
            ("namespace", namespace),
            ("pod", "chat-0"),
            ("container", "vllm"),
            ("Hostname", "n"),
            ("gpu", "0"),
            ("UUID", "GPU-1"),
        ];
        let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned()));
        all.push((metric.to_owned(), labels.into(), format!("{value}x120")));
    }
    all
}

/// The series of one labelling: one pod of ours, and one of the same name that is somebody else's.
fn input(labelling: Labelling, cluster: Cluster) -> BTreeMap<String, String> {
    let (ours, theirs) = match cluster {
        Cluster::Nobody => ("", ""),
        Cluster::Both => (r#", cluster="a""#, r#", cluster="a""#),
        Cluster::Ours => (r#", cluster="a""#, ""),
        Cluster::Theirs => ("", r#", cluster="a""#),
    };
    let namespace = if labelling.enforced() {
        "monitoring"
    } else {
        "inference"
    };
    let own = format!(
        r#"vllm_monitoring="monitoring/vllm-monitoring", model="chat", namespace="{namespace}", pod="chat-0"{ours}"#
    );
    let mut series = BTreeMap::from([
        (format!("up{{{own}}}"), "1x120".to_owned()),
        (
            format!(
                r#"vllm:request_success_total{{{own}, model_name="chat", engine="0", finished_reason="stop"}}"#
            ),
            "0+60x120".to_owned(),
        ),
    ]);
    for (name, labels, values) in exported() {
        // Under enforcement with honoured labels, both pods would be one series.
        if labelling == Labelling::EnforcedHonoured && labels["namespace"] != "inference" {
            continue;
        }
        let stored = labelling.stored(&labels);
        let stored: Vec<String> = stored.iter().map(|(k, v)| format!("{k}={v:?}")).collect();
        let stored = format!("{}{theirs}", stored.join(", "));
        series.insert(format!("{name}{{{stored}}}"), values.clone());
        // A second copy of the exporter.
        series.insert(format!(r#"{name}{{{stored}, instance="second"}}"#), values);
    }
    series
}

/// Queries with the one value that each must have.
const EXPECTED: [(&str, f64); 8] = [
    ("sum(entry:vllm_replicas:expected)", 3.0),
    ("sum(entry:vllm_replicas:up)", 1.0),
    ("count(pod:vllm_container_restarts:changes)", 1.0),
    ("count(pod:vllm_container_restarts:changes > 4)", 1.0),
    ("sum(model:vllm_gpus:sum)", 4.0),
    ("sum(pod:dcgm_gpu_utilization:ratio)", 0.8),
    ("count(gpu:dcgm_xid_errors:last == 79)", 1.0),
    (
        r#"count(count by (alertname) (ALERTS{alertstate="firing", alertname=~"VllmReplicaDown|VllmCrashLooping|VllmGpuFault"}))"#,
        3.0,
    ),
];

fn suite(labellings: &[Labelling]) -> String {
    let mut tests = Vec::new();
    for labelling in labellings {
        for cluster in CLUSTERS {
            let series = input(*labelling, cluster)
                .into_iter()
                .map(|(name, values)| {
                    Value::Mapping(Mapping::from_iter([
                        ("series".into(), name.into()),
                        ("values".into(), values.into()),
                    ]))
                });
            let queries = EXPECTED.iter().map(|(query, value)| {
                let text = format!(
                    "{{expr: {}, eval_time: 90m, exp_samples: [{{labels: '{{}}', value: {value}}}]}}",
                    serde_json::to_string(&format!("{query} # {labelling:?} {cluster:?}")).unwrap()
                );
                serde_yaml::from_str::<Value>(&text).unwrap()
            });
            tests.push(Value::Mapping(Mapping::from_iter([
                ("interval".into(), "1m".into()),
                ("input_series".into(), Value::Sequence(series.collect())),
                (
                    "promql_expr_test".into(),
                    Value::Sequence(queries.collect()),
                ),
            ])));
        }
    }
    serde_yaml::to_string(&Mapping::from_iter([
        ("rule_files".into(), vec![Value::from("rules.yaml")].into()),
        ("evaluation_interval".into(), "1m".into()),
        ("tests".into(), Value::Sequence(tests)),
    ]))
    .unwrap()
}

fn own() -> Value {
    let set = [
        "models[0].name=chat",
        "models[0].replicas=auto",
        "models[0].workload=chat",
        "models[0].namespaces={inference}",
    ];
    let mut rules = rules("vllm-monitoring", &[], &set).unwrap();
    // What the queries read, and nothing that takes time.
    let read = ["/entries", "/replicas", "/slo-events", "/capacity", "/gpus"];
    rules["groups"].as_sequence_mut().unwrap().retain(|group| {
        read.iter()
            .any(|end| group["name"].as_str().unwrap().ends_with(end))
    });
    for group in rules["groups"].as_sequence_mut().unwrap() {
        group["rules"].as_sequence_mut().unwrap().retain(|rule| {
            let record = rule["record"].as_str().unwrap_or_default();
            !record.starts_with("model:vllm_slo") && !record.starts_with("model:vllm_pods_")
        });
    }
    rules
}

/// Puts a matcher into every selector, as the operator does under `enforcedNamespaceLabel`.
fn enforce(expr: &mut Expr) {
    let put = |selector: &mut VectorSelector| {
        selector
            .matchers
            .matchers
            .push(Matcher::new(MatchOp::Equal, "namespace", "monitoring"));
    };
    match expr {
        Expr::VectorSelector(selector) => put(selector),
        Expr::MatrixSelector(matrix) => put(&mut matrix.vs),
        Expr::Binary(binary) => {
            enforce(&mut binary.lhs);
            enforce(&mut binary.rhs);
        }
        Expr::Aggregate(aggregate) => enforce(&mut aggregate.expr),
        Expr::Paren(paren) => enforce(&mut paren.expr),
        Expr::Unary(unary) => enforce(&mut unary.expr),
        Expr::Subquery(subquery) => enforce(&mut subquery.expr),
        Expr::Call(call) => call.args.args.iter_mut().for_each(|arg| enforce(arg)),
        _ => {}
    }
}

/// The rules as an operator with `enforcedNamespaceLabel: namespace` hands them to its Prometheus.
fn enforced(rules: &Value) -> Value {
    let mut rules = rules.clone();
    for group in rules["groups"].as_sequence_mut().unwrap() {
        for rule in group["rules"].as_sequence_mut().unwrap() {
            let mut expr = parser::parse(rule["expr"].as_str().unwrap()).unwrap();
            enforce(&mut expr);
            rule["expr"] = expr.to_string().into();
            if rule["labels"].is_null() {
                rule["labels"] = Value::Mapping(Mapping::new());
            }
            rule["labels"]["namespace"] = "monitoring".into();
        }
    }
    rules
}

#[test]
fn every_join_holds_under_every_labelling_of_both_sides() {
    let own = own();
    let plain: Vec<Labelling> = LABELLINGS.into_iter().filter(|l| !l.enforced()).collect();
    let forced: Vec<Labelling> = LABELLINGS.into_iter().filter(|l| l.enforced()).collect();
    let said: Vec<String> = std::thread::scope(|threads| {
        let runs = [(own.clone(), plain), (enforced(&own), forced)].map(|(rules, labellings)| {
            threads.spawn(move || {
                let dir = tempfile::tempdir().unwrap();
                promtool::test(dir.path(), &[("rules.yaml", &rules)], &suite(&labellings)).unwrap()
            })
        });
        runs.into_iter()
            .filter_map(|run| run.join().unwrap())
            .collect()
    });
    assert!(said.is_empty(), "{}", said.join("\n"));
}

#[test]
fn enforcement_reaches_every_selector() {
    for rule in all(&enforced(&own())) {
        let expr = rule["expr"].as_str().unwrap();
        let found = rules_tests::expr::read(expr).unwrap();
        for selector in found.needed() {
            assert!(selector.contains(r#"namespace="monitoring""#), "{selector}");
        }
    }
}

/// Resources of accelerators and their slices as kube-state-metrics writes them, and names beside them
/// that count none.
#[test]
fn every_kind_of_accelerator_counts_once_and_shares_of_one_do_not() {
    let resources = [
        ("nvidia_com_gpu", true),
        ("nvidia_com_gpu_shared", true),
        ("nvidia_com_gpu_h100_shared", true),
        ("nvidia_com_mig_3g_40gb", true),
        ("nvidia_com_mig_1g_10gb_me", true),
        ("amd_com_gpu", true),
        ("amd_com_cpx_nps4", true),
        ("habana_ai_gaudi", true),
        ("google_com_tpu", true),
        ("gpu_intel_com_xe", true),
        ("aws_amazon_com_neuron", true),
        ("huawei_com_Ascend910", true),
        ("cambricon_com_mlu", true),
        ("ibm_com_spyre_pf", true),
        ("gpu_intel_com_i915", true),
        ("aws_amazon_com_neuroncore", true),
        ("metax_tech_com_gpu", true),
        ("mthreads_com_gpu", true),
        ("kunlunxin_com_xpu", true),
        ("enflame_com_gcu", true),
        ("iluvatar_ai_gpu", true),
        ("hygon_com_dcunum", true),
        ("tencent_com_vcuda_core", false),
        ("intel_com_sgx", false),
        ("hugepages_2Mi", false),
        ("nvidia_com_gpumem", false),
        ("nvidia_com_gpucores", false),
        ("nvidia_com_hostdev", false),
        ("rdma_hca_shared_devices_a", false),
        ("memory", false),
    ];
    let written: Vec<String> = exported()
        .into_iter()
        .filter_map(|(_, labels, _)| labels.get("resource").cloned())
        .collect();
    let mut series = Vec::new();
    let mut queries = Vec::new();
    for (resource, counts) in resources {
        assert!(written.iter().any(|name| name == resource), "{resource}");
        let own = format!(
            r#"vllm_monitoring="monitoring/vllm-monitoring", model="chat", namespace="inference", pod="{resource}""#
        );
        series.push((
            format!(r#"vllm:request_success_total{{{own}, model_name="{resource}", engine="0", finished_reason="stop"}}"#),
            "0+60x60",
        ));
        series.push((
            format!(r#"kube_pod_container_resource_requests{{namespace="inference", pod="{resource}", container="vllm", resource="{resource}", unit="integer"}}"#),
            "2x60",
        ));
        let samples = if counts {
            "[{labels: '{}', value: 2}]"
        } else {
            "[]"
        };
        let expr = format!(r#"sum(model:vllm_gpus:sum{{model_name="{resource}"}})"#);
        let text = format!("{{expr: '{expr}', eval_time: 30m, exp_samples: {samples}}}");
        queries.push(serde_yaml::from_str::<Value>(&text).unwrap());
    }
    // A MIG slice has no GPU_UTIL.
    series.push((
        r#"DCGM_FI_PROF_GR_ENGINE_ACTIVE{namespace="inference", pod="nvidia_com_mig_3g_40gb", gpu="0", UUID="GPU-1", GPU_I_ID="1", GPU_I_PROFILE="3g.40gb"}"#.to_owned(),
        "0.7x60",
    ));
    let used = "{expr: 'sum(pod:dcgm_gpu_utilization:ratio)', eval_time: 30m, exp_samples: [{labels: '{}', value: 0.7}]}";
    queries.push(serde_yaml::from_str::<Value>(used).unwrap());
    let input = series.into_iter().map(|(name, values)| {
        Value::Mapping(Mapping::from_iter([
            ("series".into(), name.into()),
            ("values".into(), values.into()),
        ]))
    });
    let test = Value::Mapping(Mapping::from_iter([
        ("interval".into(), "1m".into()),
        ("input_series".into(), Value::Sequence(input.collect())),
        ("promql_expr_test".into(), Value::Sequence(queries)),
    ]));
    let suite = Mapping::from_iter([
        ("rule_files".into(), vec![Value::from("rules.yaml")].into()),
        ("evaluation_interval".into(), "1m".into()),
        ("tests".into(), vec![test].into()),
    ]);
    let dir = tempfile::tempdir().unwrap();
    let suite = serde_yaml::to_string(&suite).unwrap();
    let said = promtool::test(dir.path(), &[("rules.yaml", &own())], &suite).unwrap();
    assert_eq!(said, None);
}
