//! Which alerts of which project detect a fault of the same simulated fleet, and how soon: `docs/peers.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use fleet::model::{Scenario, Traffic};
use harness::repo;
use serde_yaml::{Mapping, Value};

use crate::captured::Captured;
use crate::cases::OWN;
use crate::simulated::{STEP, scraped};
use crate::{all, expr, here, on_every_core, promtool, rules};

/// Steps of ordinary load before the fault, and of the fault.
const BEFORE: usize = 40;
const DURING: usize = 60;

/// Replicas of the fleet.
const REPLICAS: usize = 12;

/// Projects by the heading of their column.
const PROJECTS: [&str; 3] = ["this chart", "vLLM's example", "kube-prometheus-stack"];

/// Runs in which nothing is wrong.
const HEALTHY: [(Scenario, &str); 3] = [
    (Scenario::Steady, "ordinary load"),
    (Scenario::Restart, "every replica is restarted once"),
    (Scenario::SpecDecode, "speculative decoding is switched on"),
];

/// Runs with a fault.
const FAULTS: [(Scenario, &str); 11] = [
    (
        Scenario::StalledEngine,
        "engines hang with requests in flight; `/health` and `/metrics` answer",
    ),
    (
        Scenario::FrozenIdle,
        "engines hang while they are idle; `/health` and `/metrics` answer, clients get nothing",
    ),
    (Scenario::ReplicaLoss, "three replicas of twelve are gone"),
    (Scenario::TotalOutage, "all replicas are gone"),
    (Scenario::TracingOff, "servers send no more spans"),
    (Scenario::Rush, "more requests than the fleet can take"),
    (Scenario::SlowDecode, "tokens come slowly"),
    (Scenario::KvPressure, "the KV cache is nearly full"),
    (
        Scenario::PreemptionStorm,
        "requests are preempted again and again",
    ),
    (Scenario::ErrorBurst, "requests fail"),
    (
        Scenario::AdmissionRejections,
        "the frontend rejects requests",
    ),
];

/// Where the page is.
#[must_use]
pub fn page() -> PathBuf {
    repo::root().join("docs/peers.md")
}

/// Alerts of severity warning or critical, with the second at which each fired first.
type Fired = BTreeMap<String, f64>;

/// Rules of each project.
fn projects() -> Result<Vec<Value>> {
    let set = [
        format!("models[0].replicas={REPLICAS}"),
        // Neither Prometheus nor Alertmanager is simulated; there is one sampler and no probe.
        "rules.alerts.Watchdog.enabled=false".to_owned(),
        "rules.alerts.VllmPrefixCacheCollapse.enabled=false".to_owned(),
        "alertmanager.enabled=false".to_owned(),
        "tracing.collector.replicas=1".to_owned(),
        "probe.enabled=false".to_owned(),
        "rules.panels=false".to_owned(),
    ];
    let set: Vec<&str> = set.iter().map(String::as_str).collect();
    let own = rules("vllm-monitoring", &[here().join("values.yaml")], &set)?;
    let mut projects = vec![own];
    for file in ["vllm-examples.yaml", "kube-prometheus-stack.yaml"] {
        let text = fs::read_to_string(here().join("peers").join(file))?;
        let text = text.replace("REPLICAS", &REPLICAS.to_string());
        projects.push(serde_yaml::from_str(&text).context(file)?);
    }
    Ok(projects)
}

/// What a Prometheus beside this chart's would have scraped of the same pods: labels as a ServiceMonitor
/// gives them, and kube-state-metrics' series of a Deployment whose pods are ready while they answer.
fn as_others_scrape(own: &Captured) -> Captured {
    let mut others = Captured {
        steps: own.steps,
        ..Captured::default()
    };
    let target = r#"job="vllm", service="vllm""#;
    let mut up: Vec<Vec<bool>> = Vec::new();
    for (series, values) in &own.series {
        if !series.contains(OWN) {
            continue;
        }
        if series.starts_with("up{") {
            let answered = values.iter().map(|v| v.as_deref() == Some("1"));
            let answered: Vec<bool> = answered.collect();
            let pod = format!(
                r#"namespace="inference", pod="p{}", container="vllm""#,
                up.len()
            );
            let mut restarts = 0;
            for (step, now) in answered.iter().enumerate() {
                if *now && step > 0 && !answered[step - 1] {
                    restarts += 1;
                }
                let counted = format!("kube_pod_container_status_restarts_total{{{pod}}}");
                others.add(step, &counted, &restarts.to_string());
                let waiting = format!("kube_pod_container_status_waiting{{{pod}}}");
                others.add(step, &waiting, "0");
                let phase = format!(r#"kube_pod_status_phase{{{pod}, phase="Pending"}}"#);
                others.add(step, &phase, "0");
            }
            up.push(answered);
        }
        let series = series.replace(OWN, target);
        others.series.insert(series, values.clone());
    }
    let deployment = r#"namespace="inference", deployment="qwen3""#;
    for step in 0..own.steps {
        let ready = up.iter().filter(|pod| pod.get(step) == Some(&true)).count();
        for (metric, value) in [
            ("kube_deployment_spec_replicas", up.len()),
            ("kube_deployment_status_replicas_updated", up.len()),
            ("kube_deployment_status_replicas_available", ready),
        ] {
            others.add(
                step,
                &format!("{metric}{{{deployment}}}"),
                &value.to_string(),
            );
        }
    }
    others
}

/// When each alert of these rules fired first.
fn fired(rules: &Value, input: &Captured) -> Result<Fired> {
    let mut read = BTreeSet::new();
    for rule in all(rules) {
        let found = expr::read(rule["expr"].as_str().context("a rule without expr")?)?;
        read.extend(found.selectors.into_iter().map(|s| s.metric));
    }
    let end = input.steps * STEP;
    // promtool tells what it got where it expected nothing.
    let query = format!(
        r#"min by (alertname) (min_over_time(timestamp(ALERTS{{alertstate="firing", severity!="info"}})[{end}s:{STEP}s]))"#
    );
    let fields: [(&str, Value); 3] = [
        ("expr", query.into()),
        ("eval_time", format!("{end}s").into()),
        ("exp_samples", Value::Sequence(Vec::new())),
    ];
    let asked: Mapping = fields.into_iter().map(|(k, v)| (k.into(), v)).collect();
    let mut test = Mapping::new();
    test.insert("interval".into(), format!("{STEP}s").into());
    test.insert(
        "input_series".into(),
        input.input(|name| read.contains(name)).into(),
    );
    test.insert(
        "promql_expr_test".into(),
        vec![Value::Mapping(asked)].into(),
    );
    let mut suite = Mapping::new();
    suite.insert("rule_files".into(), vec![Value::from("rules.yaml")].into());
    suite.insert("evaluation_interval".into(), "30s".into());
    // promtool's own order of groups is another one in each run, and moves what reads records by an interval.
    let groups = rules["groups"].as_sequence().into_iter().flatten();
    let order: Vec<Value> = groups.map(|group| group["name"].clone()).collect();
    suite.insert("group_eval_order".into(), order.into());
    suite.insert("tests".into(), vec![Value::Mapping(test)].into());
    let dir = tempfile::tempdir()?;
    let suite = serde_yaml::to_string(&suite)?;
    let Some(said) = promtool::test(dir.path(), &[("rules.yaml", rules)], &suite)? else {
        return Ok(Fired::new());
    };
    let found = regex::Regex::new(r#"\{alertname=\\?"([A-Za-z0-9]+)\\?"\} ([0-9.E+]+)"#)?;
    let fired: Fired = found
        .captures_iter(&said)
        .map(|c| Ok((c[1].to_owned(), c[2].parse::<f64>()?)))
        .collect::<Result<_>>()?;
    if fired.is_empty() {
        bail!("promtool: {said}");
    }
    Ok(fired)
}

/// What each project's alerts did in one run.
fn run(projects: &[Value], scenario: Scenario) -> Result<Vec<Fired>> {
    // Without the one request in a hundred that takes minutes and is an alert of its own.
    let traffic = Traffic {
        slow_share: 0.0,
        ..Traffic::default()
    };
    let own = scraped(scenario, traffic, REPLICAS, (BEFORE, DURING))?;
    let others = as_others_scrape(&own);
    (projects.iter().enumerate())
        .map(|(number, rules)| fired(rules, if number == 0 { &own } else { &others }))
        .collect()
}

/// Seconds from the fault, which begins after the last healthy scrape, to the alert.
fn after(fired: f64) -> f64 {
    fired - ((BEFORE - 1) * STEP) as f64
}

/// The alerts that detect a fault first, and after how many seconds.
fn first(fired: &Fired) -> Option<(f64, Vec<&str>)> {
    let mut after_it: Vec<(f64, &str)> = (fired.iter())
        .map(|(name, at)| (after(*at), name.as_str()))
        .filter(|(at, _)| *at >= 0.0)
        .collect();
    after_it.sort_by(|a, b| a.0.total_cmp(&b.0));
    let soonest = after_it.first()?.0;
    let same = after_it.iter().take_while(|(at, _)| *at <= soonest);
    Some((soonest, same.map(|(_, name)| *name).collect()))
}

/// A fault's line of the table.
fn line(what: &str, by_project: &[Fired]) -> String {
    let cells = by_project.iter().map(|fired| match first(fired) {
        Some((at, names)) => format!(" {at:.0} s: {} |", names.join(", ")),
        None => " – |".to_owned(),
    });
    format!("| {what} |{}\n", cells.collect::<String>())
}

/// The line of one fault, played again.
///
/// # Errors
/// When it is none of the page's, or the fleet or promtool fails.
pub fn replayed(scenario: Scenario) -> Result<String> {
    let found = FAULTS.iter().find(|(fault, _)| *fault == scenario);
    let (_, what) = found.context("no fault of the page")?;
    Ok(line(what, &run(&projects()?, scenario)?))
}

/// The page.
///
/// # Errors
/// When the fleet or promtool fails.
pub fn render() -> Result<String> {
    let projects = projects()?;
    let runs: Vec<(Scenario, &str)> = FAULTS.into_iter().chain(HEALTHY).collect();
    let fired = on_every_core(&runs, |(scenario, _)| run(&projects, *scenario));
    let fired: Vec<Vec<Fired>> = fired.into_iter().collect::<Result<_>>()?;
    let mut told = [0; PROJECTS.len()];
    let mut falsely = [0; PROJECTS.len()];
    let mut table = String::new();
    for ((_, what), by_project) in runs.iter().zip(&fired).take(FAULTS.len()) {
        for (number, fired) in by_project.iter().enumerate() {
            // What fires before the fault does not detect it.
            falsely[number] += fired.values().filter(|at| after(**at) < 0.0).count();
            told[number] += usize::from(first(fired).is_some());
        }
        table += &line(what, by_project);
    }
    let mut healthy = String::new();
    for ((_, what), by_project) in runs.iter().zip(&fired).skip(FAULTS.len()) {
        write!(healthy, "| {what} |")?;
        for (number, fired) in by_project.iter().enumerate() {
            falsely[number] += fired.len();
            let names: Vec<&str> = fired.keys().map(String::as_str).collect();
            let names = if names.is_empty() {
                "silent".to_owned()
            } else {
                names.join(", ")
            };
            write!(healthy, " {names} |")?;
        }
        writeln!(healthy)?;
    }
    let head = |first: &str| {
        format!(
            "| {first} | {} |\n|---|{}",
            PROJECTS.join(" | "),
            "---|".repeat(PROJECTS.len())
        )
    };
    let count = |what: &str, numbers: &[usize], of: &str| {
        let cells: Vec<String> = numbers.iter().map(|n| format!("{n}{of}")).collect();
        format!("| **{what}** | {} |\n", cells.join(" | "))
    };
    Ok(format!(
        "{TOP}{}\n{table}{}\n## Where nothing is wrong\n\n{}\n{healthy}{}{END}",
        head("fault"),
        count("detected", &told, &format!(" of {}", FAULTS.len())),
        head("run"),
        count("false alerts, in all runs", &falsely, ""),
    ))
}

const TOP: &str = "<!-- Written by `make peers`. -->
# Which faults the alerts of other projects detect

The simulated fleet runs twenty minutes of ordinary load, then half an hour of one fault: twelve replicas, scraped
and evaluated every 30 s in virtual time, rules as each project installs them. A cell is the time from the fault to
the first alerts of severity warning or critical in state firing, without Alertmanager's `group_wait`. `make peers`
writes this page again, in four minutes and without a cluster; the figures are the same on every machine. A real
Prometheus evaluates groups at different offsets: an alert that reads recorded series may come one interval (30 s)
later there.

";

const END: &str = "
## What was compared

| | what it is | rules taken |
|---|---|---|
| this chart | the rules of this tree with default thresholds and windows, the number of replicas given | as rendered |
| vLLM's example | `k8s-monitoring`, proposed to vLLM in pull request 34638 and closed: the manifests from which this project began | 8 alerts, written by hand after commit cf6f12c (Apache-2.0); its 40 replicas set to the fleet's twelve |
| kube-prometheus-stack | what any cluster with it has without rules of its own | 4 alerts on any workload, written by hand after kubernetes-mixin, commit 01dbc5f, and kube-prometheus (Apache-2.0) |

- The rules of others are in [tests/rules/peers](../tests/rules/peers); their packages could not be built here, so
  names, expressions, durations and severities were written by hand, without texts.
- **vLLM itself and production-stack have no alerts** (their repositories as of 2026-08-17 and 2026-08-05): their
  dashboards show most of these faults, but send no notification.
- kube-state-metrics' series were derived: a pod is ready while it answers. A replica that is gone is not
  rescheduled. TargetDown is raised when more than a tenth of a job's targets are down: one lost
  replica of twelve would not raise it.
- A pod that is restarted by the kubelet again and again is not simulated.
";
