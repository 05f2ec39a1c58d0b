//! Under a real Prometheus Operator, with vLLM in another namespace that the chart did not deploy.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use kind_tests::operator::{LABEL, Operator};
use kind_tests::release::{NAME, Release};
use kind_tests::room::{Room, room};
use kind_tests::servers::Servers;
use kind_tests::wait::{Seen, until};
use serde_json::{Value, json};

/// Another release's name, with the chart's in it so that it is the prefix of its objects.
const SECOND: &str = "second-vllm-monitoring";

/// How long a scrape, an evaluation and the operator's reload may take together.
const SOON: Duration = Duration::from_secs(120);

#[tokio::test]
async fn an_operator_scrapes_evaluates_and_alerts_for_two_releases_without_doubling() -> Result<()>
{
    room("fleet", |fleet| async move {
        room("operator", move |room| async move {
            let servers = Servers::start(&fleet, 2).await?;
            let operator = Operator::start(&room, &fleet.namespace).await?;
            let result = story(&room, &fleet, &operator, &servers).await;
            operator.stop().await?;
            result
        })
        .await
    })
    .await
}

async fn story(room: &Room, fleet: &Room, operator: &Operator, servers: &Servers) -> Result<()> {
    // A label that the operator's Prometheus does not select by.
    let release = Release::install(room, &values(room, fleet, "another")?).await?;
    let (passed, said) = release.test().await?;
    ensure!(
        !passed,
        "nobody reads this release, and helm test passes:\n{said}"
    );
    let (key, value) = LABEL;
    let lacks = format!("{}/{value} selects {key}={value}", room.namespace);
    let notes = release.notes().await?;
    ensure!(
        notes.contains(&lacks),
        "the notes do not say '{lacks}':\n{notes}"
    );
    for words in [
        format!("{lacks}, your PodMonitor lacks it"),
        format!("set metrics.operator.labels: {{{key}: {value}}}"),
    ] {
        ensure!(
            said.contains(&words),
            "helm test does not say '{words}':\n{said}"
        );
    }

    // As it said. The webhook has let the rules through.
    release.upgrade(&values(room, fleet, value)?).await?;
    let notes = release.notes().await?;
    ensure!(!notes.contains(" selects "), "nothing lacks now:\n{notes}");
    let (passed, said) = release.test().await?;
    ensure!(passed && said.contains("pass: targets: fleet "), "{said}");
    ensure!(
        broken_rule(room).await.is_err(),
        "the webhook takes an expression that does not parse"
    );

    // A second release reads the same pods: each sees two replicas, and its own alone.
    let second = Release::install_as(room, SECOND, &values(room, fleet, value)?).await?;
    let (passed, said) = second.test().await?;
    ensure!(passed, "{said}");
    for name in [NAME, SECOND] {
        let of = format!("vllm_monitoring=\"{}/{name}\"", room.namespace);
        equals(operator, &format!("entry:vllm_replicas:up{{{of}}}"), 2.0).await?;
        equals(operator, &format!("count(pod:vllm_target:up{{{of}}})"), 2.0).await?;
    }
    // The same gauge, summed by both: one sum, not two. Both scrape at their own moments.
    let sums = "max(model:vllm_num_requests_running:sum) <= 1.5 * min(model:vllm_num_requests_running:sum) or vector(-1)";
    until("two equal sums", SOON, || async {
        let value = number(operator, sums).await?;
        Ok(if value >= 0.0 {
            Seen::Yes(())
        } else {
            Seen::NotYet(format!("{value}"))
        })
    })
    .await?;
    second.uninstall().await?;

    // One replica lost, then the whole fleet.
    ensure!(
        firing(operator).await?.is_empty(),
        "{:?}",
        firing(operator).await?
    );
    servers.scale(1).await?;
    let alerts = fires(operator, "VllmReplicaDown").await?;
    ensure!(
        !alerts.contains(&"VllmFleetDown".to_owned()),
        "one of two is up, and {alerts:?}"
    );
    servers.scale(0).await?;
    fires(operator, "VllmFleetDown").await?;
    servers.scale(2).await?;
    until("the alerts to end", SOON, || async {
        let alerts = firing(operator).await?;
        Ok(if alerts.is_empty() {
            Seen::Yes(())
        } else {
            Seen::NotYet(format!("{alerts:?}"))
        })
    })
    .await
}

/// Existing vLLM in another namespace, seconds where an install has minutes. The test waits longer:
/// what the operator writes reaches its Prometheus with the kubelet's sync, after a minute or more.
fn values(room: &Room, fleet: &Room, label: &str) -> Result<Value> {
    let alerts = json!({"VllmReplicaDown": {"for": "5s"}, "VllmFleetDown": {"for": "5s"}, "VllmTracingSilent": {"enabled": false}});
    let kps = format!("{}/{}", room.namespace, LABEL.1);
    Ok(json!({
        "models": [{"name": "fleet", "replicas": 2, "namespaces": [fleet.namespace], "selector": {"app": "vllm"}}],
        "metrics": {"mode": "auto", "operator": {"labels": {LABEL.0: label}, "prometheus": kps}, "scrape": {"interval": "5s", "timeout": "5s"}},
        "rules": {"window": "30s", "interval": "5s", "alerts": alerts},
        "tracing": {"enabled": false},
        "helmTest": {"image": room.cluster.image("install-check")?.values(), "timeout": "150s"},
    }))
}

async fn broken_rule(room: &Room) -> Result<()> {
    let spec = json!({"spec": {"groups": [{"name": "broken", "rules": [{"record": "a:b:c", "expr": "sum("}]}]}});
    room.cluster
        .apply(
            "monitoring.coreos.com",
            "PrometheusRule",
            Some(&room.namespace),
            "broken",
            spec,
        )
        .await
}

async fn number(operator: &Operator, query: &str) -> Result<f64> {
    let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let answer = operator
        .get(&format!("/api/v1/query?query={query}"))
        .await?;
    let value = &answer["data"]["result"][0]["value"][1];
    value
        .as_str()
        .with_context(|| format!("no sample: {answer}"))?
        .parse()
        .context("no number")
}

async fn equals(operator: &Operator, query: &str, wanted: f64) -> Result<()> {
    until(&format!("{query} to be {wanted}"), SOON, || async {
        let value = number(operator, query).await?;
        #[allow(clippy::float_cmp)] // counts
        Ok(if value == wanted {
            Seen::Yes(())
        } else {
            Seen::NotYet(format!("{value}"))
        })
    })
    .await
}

async fn firing(operator: &Operator) -> Result<Vec<String>> {
    let answer = operator.get("/api/v1/alerts").await?;
    Ok((answer["data"]["alerts"].as_array().into_iter().flatten())
        .filter(|a| a["state"] == "firing" && a["labels"]["severity"] != "info")
        .filter_map(|a| Some(a["labels"]["alertname"].as_str()?.to_owned()))
        .collect())
}

async fn fires(operator: &Operator, alert: &str) -> Result<Vec<String>> {
    until(&format!("{alert} to fire"), SOON, || async {
        let alerts = firing(operator).await?;
        Ok(if alerts.iter().any(|a| a == alert) {
            Seen::Yes(alerts)
        } else {
            Seen::NotYet(format!("{alerts:?}"))
        })
    })
    .await
}
