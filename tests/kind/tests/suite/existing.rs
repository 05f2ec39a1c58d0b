//! vLLM that runs already, in another namespace and under the labels of those who made it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use kind_tests::release::{NAME, Release, merge, values};
use kind_tests::room::{Room, room};
use kind_tests::servers;
use kind_tests::sink::{Sink, attribute};
use kind_tests::wait::{Seen, until};
use serde_json::{Value, json};

use crate::accounts::may;

/// The resource attribute that the chart names a span's model by.
const MODEL: &str = "gen_ai.response.model";

/// A pod's label that names its model, here.
const LABEL: &str = "model";

/// The examples by how vLLM is run; each has the entries of one project.
const EXAMPLES: [&str; 10] = [
    "plain-deployment",
    "production-stack",
    "llm-d",
    "leaderworkerset",
    "kserve",
    "kserve-llm",
    "kuberay",
    "aibrix",
    "aibrix-disaggregated",
    "dynamo",
];

/// What watches a pod, by the entries of the examples; or nothing.
type Watched = Option<&'static str>;

/// Pods as these projects make them, with the port that they serve on; of each project one that is no vLLM, if it
/// has such pods.
fn pods() -> Vec<(&'static str, Watched, u16, Value)> {
    let lws = "leaderworkerset.sigs.k8s.io";
    let worker = |index: &str| {
        json!({
            format!("{lws}/name"): "deepseek-v3",
            format!("{lws}/group-index"): "0",
            format!("{lws}/worker-index"): index,
        })
    };
    let inference = |role: &str| {
        json!({
            "llm-d.ai/inference-serving": "true",
            "llm-d.ai/role": role,
            LABEL: "gpt-oss",
        })
    };
    let ray = |kind: &str, group: &str| json!({"ray.io/cluster": "llm-x7k2p", "ray.io/node-type": kind, "ray.io/group": group});
    let dynamo = |kind: &str, role: &str| {
        let mut labels = json!({
            "nvidia.com/dynamo-graph-deployment-name": "qwen3-235b",
            "nvidia.com/dynamo-component-type": kind,
        });
        if !role.is_empty() {
            labels["nvidia.com/dynamo-sub-component-type"] = json!(role);
        }
        labels
    };
    let kserve = |component: &str| json!({"serving.kserve.io/inferenceservice": "granite", "component": component});
    let kserve_llm = |role: &str| {
        let mut labels = json!({
            "app.kubernetes.io/part-of": "llminferenceservice",
            "app.kubernetes.io/name": "qwen3-32b",
        });
        if role == "scheduler" {
            labels["app.kubernetes.io/component"] = json!("llminferenceservice-router-scheduler");
        } else {
            labels["kserve.io/component"] = json!("workload");
            labels["llm-d.ai/role"] = json!(role);
        }
        labels
    };
    let storm = |role: &str| {
        json!({
            "model.aibrix.ai/name": "qwen3-8b",
            "model.aibrix.ai/port": "8000",
            "storm-service-name": "qwen3-8b-pool",
            "role-name": role,
        })
    };
    let aibrix =
        json!({"model.aibrix.ai/name": "deepseek-r1-distill", "model.aibrix.ai/port": "8000"});
    let plain = json!({"app": "vllm", LABEL: "qwen3-32b", "pod-template-hash": "6d4cf56db6"});
    let stack = |more: (&str, &str)| json!({"helm-release-name": "vllm", more.0: more.1});
    vec![
        ("leader", Some("deepseek-v3"), 8000, worker("0")),
        ("follower", None, 8000, worker("1")),
        ("engine", Some("llama3"), 8000, stack((LABEL, "llama3"))),
        ("router", None, 8000, stack(("environment", "router"))),
        (
            "prefill",
            Some("gpt-oss-prefill"),
            8000,
            inference("prefill"),
        ),
        ("decode", Some("gpt-oss-decode"), 8200, inference("decode")),
        ("plain", Some("qwen3-32b"), 8000, plain),
        ("predictor", Some("granite"), 8080, kserve("predictor")),
        ("transformer", None, 8080, kserve("transformer")),
        ("ray-worker", Some("qwen3-30b"), 8080, ray("worker", "gpu")),
        ("ray-head", None, 8080, ray("head", "headgroup")),
        (
            "llm-prefill",
            Some("qwen3-32b-prefill"),
            8000,
            kserve_llm("prefill"),
        ),
        (
            "llm-decode",
            Some("qwen3-32b-decode"),
            8001,
            kserve_llm("decode"),
        ),
        ("llm-scheduler", None, 8000, kserve_llm("scheduler")),
        ("aibrix", Some("deepseek-r1-distill"), 8000, aibrix),
        (
            "storm-prefill",
            Some("qwen3-8b-prefill"),
            8000,
            storm("prefill"),
        ),
        (
            "storm-decode",
            Some("qwen3-8b-decode"),
            8000,
            storm("decode"),
        ),
        ("storm-router", None, 8000, storm("router")),
        (
            "dynamo-prefill",
            Some("qwen3-235b-prefill"),
            9090,
            dynamo("worker", "prefill"),
        ),
        (
            "dynamo-decode",
            Some("qwen3-235b-decode"),
            9090,
            dynamo("worker", "decode"),
        ),
        ("dynamo-frontend", None, 9090, dynamo("frontend", "")),
    ]
}

#[tokio::test]
async fn existing_servers_are_watched_by_their_makers_labels_and_their_traces_name_the_model()
-> Result<()> {
    room("makers", |fleet| async move {
        room("existing", move |room| async move {
            let sink = Sink::start(&room).await?;
            let release = Release::install(&room, &existing(&room, &fleet, &sink)?).await?;
            let to = format!(
                "--otlp-traces-endpoint=http://{NAME}-collector.{}.svc:4317",
                room.namespace
            );
            for (name, _, port, labels) in pods() {
                servers::pod(&fleet, name, &labels, port, std::slice::from_ref(&to)).await?;
            }
            targets(&release).await?;
            models(&sink, &fleet).await?;
            // What the attributes take of the API server, and no more.
            for (verb, resource, wanted) in [
                ("list", "pods", true),
                ("delete", "pods", false),
                ("list", "secrets", false),
                ("list", "nodes", false),
            ] {
                let may = may(&room, "collector", verb, resource, &fleet.namespace).await?;
                ensure!(may == wanted, "the collector may {verb} {resource}: {may}");
            }
            // Its roles lie in no namespace that goes.
            release.uninstall().await
        })
        .await
    })
    .await
}

/// The entries of all examples over one namespace, in standalone mode; every trace is kept.
fn existing(room: &Room, fleet: &Room, sink: &Sink) -> Result<Value> {
    let mut entries = Vec::new();
    for example in EXAMPLES {
        let file = harness::repo::root().join(format!("examples/{example}.yaml"));
        let values: Value = serde_yaml::from_str(&std::fs::read_to_string(file)?)?;
        entries.extend(values["models"].as_array().context("no entries")?.clone());
    }
    for entry in &mut entries {
        entry["namespaces"] = json!([fleet.namespace]);
    }
    let mut values = values(room, &sink.url())?;
    merge(
        &mut values,
        json!({
            "models": entries,
            "thresholds": {"e2eLatency": {"keepTrace": "1ms"}},
            "tracing": {"k8sAttributes": {"enabled": true, "modelLabel": LABEL}},
        }),
    );
    Ok(values)
}

/// Waits until exactly the pods that an entry selects are scraped, each by its entry.
async fn targets(release: &Release) -> Result<()> {
    let wanted: BTreeSet<(String, String, String)> = pods()
        .into_iter()
        .filter_map(|(name, entry, _, _)| {
            Some((entry?.to_owned(), name.to_owned(), "up".to_owned()))
        })
        .collect();
    let what = "the targets of the examples' entries";
    until(what, Duration::from_secs(90), || async {
        let body = release
            .get("prometheus:9090", "/api/v1/targets?state=active")
            .await?;
        let body: Value = serde_json::from_str(&body)?;
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        let found: BTreeSet<_> = (body["data"]["activeTargets"]
            .as_array()
            .into_iter()
            .flatten())
        .filter(|t| t["labels"]["model"].is_string())
        .map(|t| {
            let labels = &t["labels"];
            (
                text(&labels["model"]),
                text(&labels["pod"]),
                text(&t["health"]),
            )
        })
        .collect();
        Ok(if found == wanted {
            Seen::Yes(())
        } else {
            Seen::NotYet(format!("{found:?}"))
        })
    })
    .await
}

/// Waits until each server's spans have come with its pod's name, and its label as model where it
/// has one.
async fn models(sink: &Sink, fleet: &Room) -> Result<()> {
    let wanted: BTreeMap<String, Option<String>> = pods()
        .into_iter()
        .map(|(name, _, _, labels)| (name.to_owned(), labels[LABEL].as_str().map(str::to_owned)))
        .collect();
    let what = "spans of every server with its label";
    until(what, Duration::from_secs(120), || async {
        let mut found = BTreeMap::new();
        for resource in sink.got("resource").await? {
            let text = |key: &str| {
                let value = attribute(&resource, key)?;
                value["stringValue"].as_str().map(str::to_owned)
            };
            if text("k8s.namespace.name").as_deref() == Some(fleet.namespace.as_str()) {
                found.insert(text("k8s.pod.name").unwrap_or_default(), text(MODEL));
            }
        }
        Ok(if found == wanted {
            Seen::Yes(())
        } else {
            Seen::NotYet(format!("{found:?}"))
        })
    })
    .await
}
