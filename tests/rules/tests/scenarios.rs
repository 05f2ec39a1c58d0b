//! The alerts over a simulated fleet: each scenario raises exactly those that it should.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use fleet::model::{Scenario, Traffic};
use rules_tests::simulated::{STEP, scraped};
use rules_tests::{all, expr, here, on_every_core, promtool, rules};
use serde_yaml::{Mapping, Value};

/// Steps of ordinary load before the scenario.
const BEFORE: usize = 40;
/// Steps of the scenario.
const DURING: usize = 60;
const REPLICAS: usize = 4;

/// What each scenario raises, and nothing else.
const TABLE: [(Scenario, &[&str]); 17] = [
    (Scenario::Steady, &[]),
    // The queue grows, with room in the cache.
    (
        Scenario::Rush,
        &[
            "VllmE2ELatencyBudgetBurning",
            "VllmE2ELatencyHigh",
            "VllmQueueTooLong",
            "VllmSlowRequestsPresent",
            "VllmTimeToFirstTokenBudgetBurning",
            "VllmTimeToFirstTokenHigh",
        ],
    ),
    // The cache is nearly full on average and swings around its threshold: prompts are late.
    (
        Scenario::KvPressure,
        &[
            "VllmKVCacheNearlyFull",
            "VllmSlowRequestsPresent",
            "VllmTimeToFirstTokenBudgetBurning",
            "VllmWaitingForCapacity",
        ],
    ),
    (
        Scenario::PreemptionStorm,
        &[
            "VllmE2ELatencyBudgetBurning",
            "VllmE2ELatencyHigh",
            "VllmKVCacheNearlyFull",
            "VllmPreemptionSpike",
            "VllmQueueTooLong",
            "VllmSlowRequestsPresent",
            "VllmTimeToFirstTokenBudgetBurning",
            "VllmTimeToFirstTokenHigh",
            "VllmWaitingForCapacity",
        ],
    ),
    (
        Scenario::SlowDecode,
        &[
            "VllmE2ELatencyBudgetBurning",
            "VllmE2ELatencyHigh",
            "VllmInterTokenLatencyBudgetBurning",
            "VllmInterTokenLatencyHigh",
            "VllmQueueTooLong",
            "VllmSlowRequestsPresent",
            "VllmTimeToFirstTokenBudgetBurning",
            "VllmTimeToFirstTokenHigh",
        ],
    ),
    (Scenario::StalledEngine, &["VllmEngineStalled"]),
    (Scenario::ReplicaLoss, &["VllmReplicaDown"]),
    (
        Scenario::TotalOutage,
        &[
            "VllmAvailabilityBudgetBurning",
            "VllmFleetDown",
            "VllmReplicaDown",
        ],
    ),
    (Scenario::Restart, &[]),
    (Scenario::TracingOff, &["VllmTracingSilent"]),
    (Scenario::ErrorBurst, &["VllmAvailabilityBudgetBurning"]),
    // Whoever is let in waits at most behind 32 others.
    (
        Scenario::AdmissionRejections,
        &["VllmAvailabilityBudgetBurning", "VllmSlowRequestsPresent"],
    ),
    (Scenario::SpecDecode, &[]),
    // The gauges say that nobody is there.
    (Scenario::FrozenIdle, &["VllmRequestsUnanswered"]),
    // One of two data-parallel engines; the other answers.
    (Scenario::EngineFrozen, &["VllmEngineStalled"]),
    (Scenario::EngineFrozenIdle, &["VllmRequestsUnanswered"]),
    // A new series for each combination of adapters.
    (Scenario::Lora, &[]),
];

/// The alerts that were raised at any time.
fn raised(scenario: Scenario) -> Result<BTreeSet<String>> {
    // As the chart is installed: without the alert that is off by default.
    let set = [
        format!("models[0].replicas={REPLICAS}"),
        "rules.alerts.VllmPrefixCacheCollapse.enabled=false".to_owned(),
        // Neither Prometheus nor Alertmanager is simulated.
        "rules.alerts.Watchdog.enabled=false".to_owned(),
        "alertmanager.enabled=false".to_owned(),
        // One sampler, without balancers.
        "tracing.collector.replicas=1".to_owned(),
        // The simulated exporter has no probe; The test `probe` runs a real one.
        "probe.enabled=false".to_owned(),
        // What only panels read: no alert does.
        "rules.panels=false".to_owned(),
    ];
    let set: Vec<&str> = set.iter().map(String::as_str).collect();
    let rules = rules("vllm-monitoring", &[here().join("values.yaml")], &set)?;
    let mut read = BTreeSet::new();
    let mut alerts = Vec::new();
    for rule in all(&rules) {
        let found = expr::read(rule["expr"].as_str().context("a rule without expr")?)?;
        read.extend(found.selectors.into_iter().map(|s| s.metric));
        alerts.extend(rule["alert"].as_str());
    }
    // Without the one request in a hundred that takes minutes and is an alert of its own.
    let traffic = Traffic {
        slow_share: 0.0,
        ..Traffic::default()
    };
    let scraped = scraped(scenario, traffic, REPLICAS, (BEFORE, DURING))?;
    // promtool tells what it got where it expected something else: one query an alert, all of which
    // expect silence, and each that fails names its alert.
    let end = scraped.steps * STEP;
    let tests = alerts.iter().map(|alert| {
        let expr =
            format!(r#"max_over_time(ALERTS{{alertstate="firing", alertname="{alert}"}}[2h])"#);
        let fields: [(&str, Value); 3] = [
            ("expr", expr.into()),
            ("eval_time", format!("{end}s").into()),
            ("exp_samples", Value::Sequence(Vec::new())),
        ];
        Value::Mapping(fields.into_iter().map(|(k, v)| (k.into(), v)).collect())
    });
    let mut test = Mapping::new();
    test.insert("interval".into(), format!("{STEP}s").into());
    test.insert(
        "input_series".into(),
        scraped.input(|name| read.contains(name)).into(),
    );
    test.insert("promql_expr_test".into(), tests.collect::<Vec<_>>().into());
    let mut suite = Mapping::new();
    suite.insert("rule_files".into(), vec![Value::from("rules.yaml")].into());
    suite.insert("evaluation_interval".into(), "30s".into());
    // Without it promtool evaluates groups in an order of chance.
    let groups = rules["groups"].as_sequence().into_iter().flatten();
    let order: Vec<Value> = groups.map(|group| group["name"].clone()).collect();
    suite.insert("group_eval_order".into(), order.into());
    suite.insert("tests".into(), vec![Value::Mapping(test)].into());
    let dir = tempfile::tempdir()?;
    let suite = serde_yaml::to_string(&suite)?;
    let failed = promtool::test(dir.path(), &[("rules.yaml", &rules)], &suite)?;
    let said = failed.as_deref().unwrap_or_default();
    let lines = said
        .lines()
        .filter(|line| line.trim_start().starts_with("expr: "));
    let raised: BTreeSet<String> = lines
        .filter_map(|line| {
            Some(
                line.split(r#"alertname=\""#)
                    .nth(1)?
                    .split('\\')
                    .next()?
                    .to_owned(),
            )
        })
        .collect();
    if failed.is_some() && raised.is_empty() {
        bail!("promtool: {said}");
    }
    Ok(raised)
}

#[test]
fn each_scenario_raises_exactly_the_alerts_that_it_should() {
    let names: BTreeSet<&str> = TABLE
        .iter()
        .map(|(scenario, _)| scenario.as_str())
        .collect();
    assert_eq!(names.len(), Scenario::ALL.len());
    // SCENARIO=frozen-idle plays one.
    let wanted = std::env::var("SCENARIO").ok();
    let is_wanted = |row: &&(Scenario, &[&str])| {
        let wanted = wanted.as_deref();
        wanted.is_none_or(|wanted| wanted == row.0.as_str())
    };
    let table: Vec<_> = TABLE.iter().filter(is_wanted).collect();
    // promtool uses one core.
    let runs = on_every_core(&table, |(scenario, expected)| {
        let raised = raised(*scenario).unwrap();
        let expected: BTreeSet<String> = expected.iter().map(|n| (*n).to_owned()).collect();
        let name = scenario.as_str();
        (raised != expected).then(|| format!("{name}: raised {raised:?}, expected {expected:?}\n"))
    });
    let wrong: String = runs.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{wrong}");
}
