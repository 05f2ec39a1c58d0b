//! Two samplers behind two balancers, with spans of callers beside vLLM's.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::core::v1::Pod;
use kind_tests::release::{Release, merge, values};
use kind_tests::requests::{COLLECTOR, Requests, caller, send};
use kind_tests::room::{Room, room};
use kind_tests::sink::{Sink, trace};
use kind_tests::wait::{Seen, until};
use kube::api::{Api, ListParams};
use serde_json::json;

const BALANCER: &str = "app.kubernetes.io/component=balancer";

/// How many samplers a balancer sends to.
const BACKENDS: &str = "otelcol_loadbalancer_num_backends";

/// How often a sampler was sent a span of a trace that it did not know.
const TRACES: &str = "otelcol_processor_tail_sampling_new_trace_id_received";

#[tokio::test]
async fn two_samplers_behind_the_balancers_split_no_trace_of_callers_and_vllm() -> Result<()> {
    room("balanced", |room| async move {
        let sink = Sink::start(&room).await?;
        let mut values = values(&room, &sink.url())?;
        let few =
            json!({"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}});
        merge(
            &mut values,
            json!({
                // No server sends: all traces are this case's.
                "models": [{"name": "absent", "selector": {"app": "absent"}}],
                "tracing": {
                    "collector": {"replicas": 2},
                    "balancer": {"enabled": true, "resources": few},
                    "sampling": {"decisionWait": "15s"},
                },
            }),
        );
        Release::install(&room, &values).await?;
        let samplers = pods(&room, COLLECTOR).await?;
        let balancers = pods(&room, BALANCER).await?;
        ensure!(
            samplers.len() == 2 && balancers.len() == 2,
            "{samplers:?} {balancers:?}"
        );
        until(
            "both balancers to know both samplers",
            Duration::from_secs(90),
            || async {
                let known = numbers(&room, &balancers, BACKENDS).await?;
                Ok(if known == [2.0, 2.0] {
                    Seen::Yes(())
                } else {
                    Seen::NotYet(format!("{known:?}"))
                })
            },
        )
        .await?;

        let requests = Requests::new(4)?;
        for (i, (_, export)) in requests.all.iter().enumerate() {
            // Now this balancer has vLLM's span, now that one, and now the caller's comes first.
            let [vllm, callers] = if i % 2 == 0 { [0, 1] } else { [1, 0] };
            let mut sent = [
                (&balancers[vllm], export.clone()),
                (&balancers[callers], caller(export)?),
            ];
            if i % 3 == 0 {
                sent.reverse();
            }
            for (pod, export) in sent {
                send(&room, &format!("pods/{pod}"), &export).await?;
            }
        }

        let all: BTreeSet<_> = ["caller", "llm_request"].map(str::to_owned).into();
        let whole = until(
            "every slow request with the span of its caller",
            Duration::from_secs(120),
            || async {
                let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
                for span in sink.got("span").await? {
                    let name = span["name"].as_str().unwrap_or_default().to_owned();
                    names
                        .entry(trace(&span).unwrap_or_default())
                        .or_default()
                        .insert(name);
                }
                let whole: BTreeSet<_> = names
                    .into_iter()
                    .filter(|(_, n)| *n == all)
                    .map(|(id, _)| id)
                    .collect();
                let there = requests.slow.intersection(&whole).count();
                Ok(if there == requests.slow.len() {
                    Seen::Yes(whole)
                } else {
                    Seen::NotYet(format!("{there} of {}", requests.slow.len()))
                })
            },
        )
        .await?;
        ensure!(
            whole == requests.slow,
            "fast requests were kept: {:?}",
            whole.difference(&requests.slow)
        );

        // A trace that both samplers had a part of would be counted by both.
        let known = numbers(&room, &samplers, TRACES).await?;
        ensure!(
            known.iter().all(|n| *n > 0.0),
            "one sampler has nothing to do: {known:?}"
        );
        #[allow(clippy::float_cmp, clippy::cast_precision_loss)] // counts
        let split = known.iter().sum::<f64>() != requests.all.len() as f64;
        ensure!(
            !split,
            "{} traces, and the samplers count {known:?}",
            requests.all.len()
        );
        Ok(())
    })
    .await
}

async fn pods(room: &Room, labels: &str) -> Result<Vec<String>> {
    let pods: Api<Pod> = room.api();
    let found = pods.list(&ListParams::default().labels(labels)).await?;
    Ok(found.into_iter().filter_map(|p| p.metadata.name).collect())
}

/// The sum of the metric's series at each of the collectors.
async fn numbers(room: &Room, pods: &[String], metric: &str) -> Result<Vec<f64>> {
    let mut numbers = Vec::new();
    for pod in pods {
        let what = format!("pods/{pod}:8888");
        let page = room.cluster.get(&room.namespace, &what, "/metrics").await?;
        let mut sum = 0.0;
        for line in page.lines().filter(|l| l.starts_with(metric)) {
            let value = line.rsplit(' ').next().context("a line without a value")?;
            sum += value.parse::<f64>().with_context(|| line.to_owned())?;
        }
        numbers.push(sum);
    }
    Ok(numbers)
}
