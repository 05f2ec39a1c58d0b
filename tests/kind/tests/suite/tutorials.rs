//! README and tutorials, followed on the cluster: the commands and files are those of the pages.

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::core::v1::Pod;
use kind_tests::neighbours::{SOON, vector};
use kind_tests::operator::{LABEL, Operator};
use kind_tests::reader::Reader;
use kind_tests::release::{NAME, Release, merge};
use kind_tests::room::{Room, room};
use kind_tests::servers::Servers;
use kind_tests::volume::{DISKS, default_class, remove, volume_of};
use kind_tests::wait::{Seen, until};
use kube::api::{Api, ListParams};
use serde_json::{Value, json};

/// Claims of the standalone tutorial and of the page after it: Prometheus, Alertmanager, Grafana, three collectors.
const CLAIMS: usize = 6;

/// Put over the values of the pages: images of the cluster, sizes for a small node, seconds where an install has
/// minutes.
fn small(room: &Room) -> Result<Value> {
    let image = |name| {
        room.cluster
            .image(name)
            .map(kind_tests::cluster::Image::values)
    };
    let few = |memory: &str| json!({"requests": {"cpu": "20m", "memory": "64Mi"}, "limits": {"memory": memory}});
    Ok(json!({
        "metrics": {"scrape": {"interval": "5s", "timeout": "5s"}},
        "rules": {"window": "30s", "interval": "5s"},
        "tracing": {
            "sampling": {"decisionWait": "2s"},
            "collector": {"stockImage": image("otelcol-vllm")?, "resources": few("512Mi")},
            "balancer": {"resources": few("256Mi")},
        },
        "prometheus": {"image": image("prometheus")?, "resources": few("1Gi")},
        "alertmanager": {"image": image("alertmanager")?, "resources": few("256Mi")},
        "jaeger": {"image": image("jaeger")?, "resources": few("1Gi")},
        "grafana": {"resources": few("512Mi")},
        "helmTest": {"image": image("install-check")?, "timeout": "60s"},
    }))
}

/// With the engine `ottl`, whose stock collector is replaced by this project's, and by Helm 3: Helm 3 and 4 install the
/// same chart.
#[tokio::test]
async fn the_readme_installs_and_its_helm_test_passes_with_the_lines_that_it_shows() -> Result<()> {
    room("readme-fleet", |fleet| async move {
        room("readme", move |room| async move {
            Servers::start(&fleet, 2).await?;
            let mut over = small(&room)?;
            // Other cases put the operator's definitions into the cluster, by which `auto` decides.
            merge(&mut over, json!({"metrics": {"mode": "standalone"}}));
            let names = [("monitoring", &room), ("inference", &fleet)];
            let mut reader = Reader::new(&room, "README.md", &names, &over, "helm3")?;

            let said = reader.follow("Install").await?.said;
            ensure!(
                said.contains("watch qwen3-235b: pods with app=vllm"),
                "{said}"
            );
            let release = Release::there(&room, NAME);
            scraped(&release, "qwen3-235b", 2).await?;
            let next = reader.follow("What you see next").await?;
            let shown: Vec<_> = next
                .plain
                .iter()
                .filter(|line| line.starts_with("pass: "))
                .collect();
            ensure!(
                shown.len() > 3,
                "too few lines of helm test are shown: {:?}",
                next.plain
            );
            for line in shown {
                // What follows the name of the check is the install's own.
                let head: Vec<_> = line.split(' ').take(2).collect();
                let head = head.join(" ");
                ensure!(
                    next.said.contains(&head),
                    "'{head}' is shown and was not printed:\n{}",
                    next.said
                );
            }
            for words in ["ottl", "tracing.collector.image"] {
                ensure!(
                    next.said.contains(words),
                    "helm test does not say how to get the plugin:\n{}",
                    next.said
                );
            }
            reader.leave_out(
                "The two commands",
                "`make test` runs this test, and the demo in a stage of its own",
            )?;
            reader.finish()
        })
        .await
    })
    .await
}

/// With the collector of this project, whose plugin says why it keeps a trace.
#[tokio::test]
async fn the_standalone_install_leads_from_a_slow_request_to_its_trace_and_scales_out() -> Result<()>
{
    room("inference", |fleet| async move {
        room("standalone", move |room| async move {
            let (class, by_hand) = default_class(&room).await?;
            let volumes: Vec<_> = (1..=CLAIMS)
                .map(|n| format!("{}-{n}", room.namespace))
                .collect();
            for (n, name) in (1..).zip(volumes.iter().filter(|_| by_hand)) {
                volume_of(
                    &room,
                    name,
                    &format!("{DISKS}/tutorials/{n}"),
                    &class,
                    "100Gi",
                )
                .await?;
            }
            standalone(&room, &fleet).await?;
            for name in volumes.iter().filter(|_| by_hand) {
                remove(&room, name).await?;
            }
            Ok(())
        })
        .await
    })
    .await
}

async fn standalone(room: &Room, fleet: &Room) -> Result<()> {
    let labels = |model: &str| json!({"app": "vllm", "model": model});
    let mut servers = Servers::start_as(fleet, "qwen3-235b", labels("qwen3-235b"), 2).await?;
    let mut over = small(room)?;
    let image = room.cluster.image("otelcol-vllm")?.values();
    merge(
        &mut over,
        json!({"tracing": {"collector": {"image": image}}}),
    );
    let names = [("monitoring", room), ("inference", fleet)];
    let mut reader = Reader::new(room, "docs/tutorials/standalone.md", &names, &over, "helm")?;
    let release = Release::there(room, NAME);

    reader.follow("Get the chart and write the values").await?;
    reader.follow("Install").await?;
    let parts = [
        "prometheus",
        "alertmanager",
        "collector",
        "jaeger",
        "grafana",
    ];
    let without_grafana = ready(room, &parts.map(|part| (part, 1))).await?;
    let metrics = reader.follow("Check that metrics arrive").await?;
    scraped(&release, "qwen3-235b", 2).await?;
    answered(&release, &metrics.queries, Some(1)).await?;
    if without_grafana {
        reader.leave_out("Open the dashboards", "the cluster has no image of Grafana")?;
    } else {
        let said = reader.follow("Open the dashboards").await?.said;
        ensure!(!said.trim().is_empty(), "no password is printed");
    }
    // The port of Jaeger is looked for before the servers send.
    let traces = reader.follow("Send traces").await?;
    let env = [
        ("OTEL_TRACES_SAMPLER", "always_on"),
        ("OTEL_SERVICE_NAME", "qwen3-235b"),
    ];
    servers.restart_with(traces.plain, &env, 2).await?;

    reader.turn_to("docs/tutorials/slow-request.md")?;
    reader.follow("The alert").await?;
    answered(
        &release,
        &reader.follow("The phase that is slow").await?.queries,
        None,
    )
    .await?;
    answered(&release, &reader.follow("The replica").await?.queries, None).await?;
    reader.follow("The request").await?;
    let span = kept(&release).await?;
    let page =
        std::fs::read_to_string(harness::repo::root().join("docs/tutorials/slow-request.md"))?;
    let (_, tables) = page.split_once("## 4.").context("no section 4")?;
    let (tables, _) = tables.split_once("## 5.").context("no section 5")?;
    let rows = tables
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once(" |"));
    let named: Vec<&str> = rows
        .flat_map(|(names, _)| names.split(['`', ',', ' ']))
        .filter(|n| n.contains('.'))
        .collect();
    ensure!(named.len() >= 9, "only {named:?} in the tables");
    for name in named {
        let there = span["tags"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|tag| tag["key"] == name);
        ensure!(
            there,
            "the page names '{name}', and Jaeger's span lacks it: {span}"
        );
    }
    let (passed, said) = release.test().await?;
    let sha =
        std::fs::read_to_string(harness::repo::root().join("chart/files/sampling-policy.sha256"))?;
    let failed = said.lines().filter(|line| line.starts_with("FAIL: "));
    let failed: Vec<_> = failed
        .filter(|line| !(without_grafana && line.starts_with("FAIL: grafana")))
        .collect();
    ensure!(
        (passed || without_grafana) && failed.is_empty() && said.contains(sha.trim()),
        "helm test fails, or does not name the plugin that runs:\n{said}"
    );

    let _more = Servers::start_as(fleet, "qwen3-32b", labels("qwen3-32b"), 1).await?;
    reader.turn_to("docs/tutorials/scale-out.md")?;
    reader.follow("Several models").await?;
    scraped(&release, "qwen3-32b", 1).await?;
    reader.leave_out(
        "Replicas by an autoscaler",
        "KEDA is not on this cluster: `make neighbours CASE=keda`; tests/chart renders the values",
    )?;
    reader.follow("Several collectors").await?;
    ready(room, &[("collector", 3), ("balancer", 2)]).await?;
    let check = reader.follow("Check it").await?;
    let [replicas, collectors] = &check.queries[..] else {
        anyhow::bail!("expected two queries: {:?}", check.queries);
    };
    answered(&release, std::slice::from_ref(replicas), Some(2)).await?;
    until("three collectors", SOON, || async {
        let found = vector(&release, collectors).await?;
        Ok(match found.as_slice() {
            [(_, value)] if (value - 3.0).abs() < 1e-9 => Seen::Yes(()),
            _ => Seen::NotYet(format!("{found:?}")),
        })
    })
    .await?;
    reader.finish()
}

#[tokio::test]
async fn beside_an_operator_the_tutorial_finds_the_label_the_targets_and_the_traces() -> Result<()>
{
    room("kps-fleet", |fleet| async move {
        room("kps", move |room| async move {
            let servers = Servers::start(&fleet, 2).await?;
            let operator = Operator::start(&room, &fleet.namespace).await?;
            let result = beside(&room, &fleet, &operator, servers).await;
            operator.stop().await?;
            result
        })
        .await
    })
    .await
}

async fn beside(
    room: &Room,
    fleet: &Room,
    operator: &Operator,
    mut servers: Servers,
) -> Result<()> {
    let names = [("monitoring", room), ("inference", fleet)];
    let page = "docs/tutorials/kube-prometheus-stack.md";
    let mut reader = Reader::new(room, page, &names, &small(room)?, "helm")?;
    let said = reader
        .follow("Find out what your Prometheus selects")
        .await?
        .said;
    let selector = json!({"matchLabels": {LABEL.0: LABEL.1}});
    let line = format!("{}/{}\t{selector}\t{selector}", room.namespace, LABEL.1);
    ensure!(
        said.contains(&line) && said.contains("app=vllm"),
        "'{line}' is not printed:\n{said}"
    );
    reader.follow("Get the chart and write the values").await?;
    let said = reader.follow("Install").await?.said;
    ensure!(
        !said.contains(" selects "),
        "the labels do not fit:\n{said}"
    );

    let metrics = reader.follow("Check that metrics arrive").await?;
    for object in ["podmonitor", "prometheusrule"] {
        ensure!(
            metrics.said.contains(object),
            "no {object}:\n{}",
            metrics.said
        );
    }
    let pool = format!("podMonitor/{}/{NAME}-", room.namespace);
    until("one target per vLLM pod", SOON, || async {
        let answer = operator.get("/api/v1/targets?state=active").await?;
        let targets = answer["data"]["activeTargets"].as_array();
        let ours = targets.into_iter().flatten().filter(|target| {
            let of_fleet = target["labels"]["namespace"] == fleet.namespace;
            let named = target["scrapePool"]
                .as_str()
                .is_some_and(|name| name.starts_with(&pool));
            of_fleet && named && target["health"] == "up"
        });
        Ok(match ours.count() {
            2 => Seen::Yes(()),
            count => Seen::NotYet(format!("{count}")),
        })
    })
    .await?;
    for query in &metrics.queries {
        let encoded: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
        until(&format!("one line of {query}"), SOON, || async {
            let answer = operator
                .get(&format!("/api/v1/query?query={encoded}"))
                .await?;
            let found = answer["data"]["result"].as_array().map_or(0, Vec::len);
            Ok(if found == 1 {
                Seen::Yes(())
            } else {
                Seen::NotYet(answer.to_string())
            })
        })
        .await?;
    }

    let traces = reader.follow("Send traces").await?;
    let env = [
        ("OTEL_TRACES_SAMPLER", "always_on"),
        ("OTEL_SERVICE_NAME", "qwen3-235b"),
    ];
    servers.restart_with(traces.plain, &env, 2).await?;
    let log = format!("{NAME}-collector-0");
    until("a kept trace in the collector's log", SOON, || async {
        let log = room.log(&log).await?;
        Ok(if log.contains("llm_request") {
            Seen::Yes(())
        } else {
            Seen::NotYet(log)
        })
    })
    .await?;
    let maps: Api<k8s_openapi::api::core::v1::ConfigMap> = room.api();
    let boards = maps
        .list(&ListParams::default().labels("grafana_dashboard=1"))
        .await?;
    ensure!(
        !boards.items.is_empty(),
        "no ConfigMap that Grafana's sidecar would load"
    );
    // The ClusterRole of `helm test` has no namespace, so it is not deleted with one.
    Release::there(room, NAME).uninstall().await?;
    reader.finish()
}

/// Waits until each part has so many pods and all are ready; whether Grafana's lacks its image, which not every
/// cluster can pull.
async fn ready(room: &Room, parts: &[(&str, usize)]) -> Result<bool> {
    let mut without_grafana = false;
    for (part, count) in parts {
        let what = format!("{count} ready pods of {part}");
        let pulls = until(&what, SOON, || async {
            let labels = format!("app.kubernetes.io/component={part}");
            let pods: Api<Pod> = room.api();
            let pods = pods
                .list(&ListParams::default().labels(&labels))
                .await?
                .items;
            if *part == "grafana" && pods.iter().any(pulls) {
                return Ok(Seen::Yes(true));
            }
            let ready = pods.iter().filter(|pod| is_ready(pod)).count();
            Ok(if ready == *count && pods.len() == *count {
                Seen::Yes(false)
            } else {
                Seen::NotYet(format!("{ready} of {}", pods.len()))
            })
        })
        .await?;
        without_grafana |= pulls;
    }
    Ok(without_grafana)
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod
        .status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten());
    conditions
        .into_iter()
        .any(|c| c.type_ == "Ready" && c.status == "True")
}

/// Whether an image of the pod could not be pulled.
fn pulls(pod: &Pod) -> bool {
    let status = pod.status.iter();
    let containers = status.flat_map(|s| [&s.init_container_statuses, &s.container_statuses]);
    let waiting = containers
        .flatten()
        .flatten()
        .filter_map(|c| c.state.as_ref()?.waiting.as_ref());
    let mut reasons = waiting.filter_map(|waiting| waiting.reason.as_deref());
    reasons.any(|reason| matches!(reason, "ErrImagePull" | "ImagePullBackOff"))
}

/// Waits until so many targets of an entry are up.
async fn scraped(release: &Release, model: &str, count: usize) -> Result<()> {
    let query = format!("up{{model=\"{model}\"}} == 1");
    until(&format!("{count} targets of {model}"), SOON, || async {
        let found = vector(release, &query).await?;
        Ok(if found.len() == count {
            Seen::Yes(())
        } else {
            Seen::NotYet(format!("{found:?}"))
        })
    })
    .await
}

/// Waits until each query gives series: `lines` of them where the page says how many.
async fn answered(release: &Release, queries: &[String], lines: Option<usize>) -> Result<()> {
    ensure!(!queries.is_empty(), "the page shows no query");
    for query in queries {
        until(&format!("series of {query}"), SOON, || async {
            let found = vector(release, query).await?;
            let enough = lines.map_or(!found.is_empty(), |lines| found.len() == lines);
            Ok(if enough {
                Seen::Yes(())
            } else {
                Seen::NotYet(format!("{found:?}"))
            })
        })
        .await?;
    }
    Ok(())
}

/// The first span that Jaeger gives for the service, the operation and the tag that the page names.
async fn kept(release: &Release) -> Result<Value> {
    let tags = "%7B%22vllm.sampling.reason%22%3A%22e2e_latency%22%7D";
    let path =
        &format!("/api/traces?service=qwen3-235b&operation=llm_request&limit=20&tags={tags}");
    until("a trace of a slow request in Jaeger", SOON, || async {
        let body: Value = serde_json::from_str(&release.get("jaeger:16686", path).await?)?;
        let spans = body["data"][0]["spans"].as_array();
        let span = spans
            .into_iter()
            .flatten()
            .find(|span| span["operationName"] == "llm_request");
        Ok(match span {
            Some(span) => Seen::Yes(span.clone()),
            None => Seen::NotYet(body.to_string()),
        })
    })
    .await
}
