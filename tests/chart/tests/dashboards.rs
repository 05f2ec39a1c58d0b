//! Dashboards and their ConfigMaps have this release's thresholds, runbooks and clusters, and every alert
//! links to the one that shows it.

#![allow(clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use chart_tests::with;
use harness::render::{Options, Rendered};
use harness::repo;
use serde_json::Value;

const SLUGS: [&str; 5] = ["fleet", "model-slo", "replica", "slow-requests", "capacity"];

/// Every threshold that colours a value, none as in the chart's values. The limit of first tokens is above the
/// alert's threshold: amber must not begin after red.
const OTHER: &str = "
thresholds:
  e2eLatency: {alert: 3m30s}
  timeToFirstToken: {alert: 7500ms, keepTrace: 5s}
  interTokenLatency: {alert: 800ms}
slos:
  availability: {objective: 99.5}
  timeToFirstToken: {objective: 98, limit: 20s}
  interTokenLatency: {objective: 97, limit: 200ms}
  e2eLatency: {objective: 94, limit: 30s}
  windows: {fast: {burn: 10}}
rules:
  alerts:
    VllmQueueTooLong: {threshold: 30}
    VllmKVCacheNearlyFull: {threshold: 0.5}
    VllmCrashLooping: {threshold: 4}
";

/// The dashboards of a release, by slug, as their ConfigMaps have them.
fn dashboards(rendered: &Rendered) -> BTreeMap<&'static str, Value> {
    let of = |slug: &'static str| {
        let maps = rendered.config_maps_with(&format!("{slug}.json"));
        let [(_, text)] = maps[..] else {
            panic!("{slug}: expected in one ConfigMap, found {}", maps.len());
        };
        (slug, serde_json::from_str(text).unwrap())
    };
    SLUGS.into_iter().map(of).collect()
}

/// Every value of a key, wherever it is.
fn all<'a>(value: &'a Value, key: &str, out: &mut Vec<&'a Value>) {
    if let Some(found) = value.get(key) {
        out.push(found);
    }
    let items = value.as_array().into_iter().flatten();
    let fields = value.as_object().into_iter().flat_map(|o| o.values());
    for child in items.chain(fields) {
        all(child, key, out);
    }
}

/// Where values turn amber and red, by the name beside each number.
fn limits(boards: &BTreeMap<&str, Value>) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for board in boards.values() {
        let mut steps = Vec::new();
        all(board, "steps", &mut steps);
        for step in steps.into_iter().filter_map(Value::as_array).flatten() {
            if let Some(name) = step["of"].as_str() {
                let of = found.entry(name.to_owned()).or_default();
                of.insert(step["value"].as_f64().unwrap().to_string());
            }
        }
    }
    found
}

#[test]
fn values_turn_amber_and_red_in_every_dashboard_at_the_thresholds_of_the_release() {
    let default = limits(&dashboards(&with(&[]).unwrap()));
    let folder = tempfile::tempdir().unwrap();
    let values = folder.path().join("values.yaml");
    fs::write(&values, OTHER).unwrap();
    let rendered = Rendered::new(&Options {
        values: vec![values],
        ..Options::default()
    });
    let own = limits(&dashboards(&rendered.unwrap()));
    let expected = [
        ("VllmCrashLooping amber", "1"),
        ("VllmCrashLooping red", "5"),
        ("VllmKVCacheNearlyFull amber", "0.4"),
        ("VllmKVCacheNearlyFull red", "0.5"),
        ("VllmQueueTooLong amber", "24"),
        ("VllmQueueTooLong red", "30"),
        ("availability amber", "0.005"),
        ("availability red", "0.05"),
        ("burn amber", "1"),
        ("burn red", "10"),
        ("e2eLatency amber", "30"),
        ("e2eLatency red", "210"),
        ("good availability amber", "0.995"),
        ("good availability red", "0.95"),
        ("good e2eLatency amber", "0.94"),
        ("good e2eLatency red", "0.4"),
        ("good interTokenLatency amber", "0.97"),
        ("good interTokenLatency red", "0.7"),
        ("good timeToFirstToken amber", "0.98"),
        ("good timeToFirstToken red", "0.8"),
        ("interTokenLatency amber", "0.2"),
        ("interTokenLatency red", "0.8"),
        ("timeToFirstToken amber", "7.5"),
        ("timeToFirstToken red", "7.5"),
    ];
    let found: Vec<(&str, Vec<&str>)> = own
        .iter()
        .map(|(name, values)| (name.as_str(), values.iter().map(String::as_str).collect()))
        .collect();
    let wanted: Vec<(&str, Vec<&str>)> = expected.map(|(name, value)| (name, vec![value])).into();
    assert_eq!(found, wanted);
    for (name, values) in &default {
        // What uses up a budget exactly, whatever the budget, and one restart.
        if !["burn amber", "VllmCrashLooping amber"].contains(&name.as_str()) {
            assert_ne!(own[name], *values, "{name} stayed at the default");
        }
    }
}

#[test]
fn runbooks_of_the_alerts_table_are_those_of_the_release() {
    let boards = dashboards(&with(&["rules.runbookBaseUrl=https://books.example/vllm/"]).unwrap());
    let mut urls = Vec::new();
    all(&boards["fleet"], "url", &mut urls);
    let runbooks: Vec<&str> = urls
        .into_iter()
        .filter_map(Value::as_str)
        .filter(|url| url.ends_with(".md"))
        .collect();
    assert_eq!(runbooks, ["https://books.example/vllm/${__value.text}.md"]);
}

#[test]
fn the_drop_down_of_clusters_is_shown_where_there_are_several_and_links_carry_it_always() {
    let hidden = |set: &[&str]| {
        let boards = dashboards(&with(set).unwrap());
        let of = |board: &Value| {
            let list = board["templating"]["list"].as_array().unwrap();
            let found = list.iter().find(|v| v["name"] == "cluster").unwrap();
            assert_eq!(found["skipUrlSync"], false);
            found["hide"].as_u64().unwrap()
        };
        boards.values().map(of).collect::<BTreeSet<u64>>()
    };
    // Grafana: 2 hides a variable, 0 shows it.
    assert_eq!(hidden(&[]), BTreeSet::from([2]));
    assert_eq!(
        hidden(&["dashboards.multiCluster=true"]),
        BTreeSet::from([0])
    );
}

/// The annotation of each alert, where it has one.
fn links(set: &[&str]) -> BTreeMap<String, Option<String>> {
    let rendered = with(set).unwrap();
    let rules: serde_yaml::Value =
        serde_yaml::from_str(rendered.config_maps_with("rules.yaml")[0].1).unwrap();
    let groups = rules["groups"].as_sequence().unwrap();
    let rules = groups
        .iter()
        .flat_map(|group| group["rules"].as_sequence().unwrap());
    let of = |rule: &serde_yaml::Value| {
        let link = rule["annotations"]["dashboard_url"].as_str();
        Some((rule["alert"].as_str()?.to_owned(), link.map(str::to_owned)))
    };
    rules.filter_map(of).collect()
}

#[test]
fn every_alert_links_to_a_dashboard_of_the_grafana_that_is_named_and_to_none_where_none_is() {
    let nowhere = |set: &[&str]| links(set).values().all(Option::is_none);
    assert!(nowhere(&[]));
    // Without the address that users open, which only they know.
    assert!(nowhere(&["grafana.enabled=true"]));
    assert!(nowhere(&["grafana.rootURL=https://other.example"]));
    let bundled = links(&[
        "grafana.enabled=true",
        "grafana.rootURL=https://bundled.example/",
    ]);
    let named = links(&["rules.dashboardBaseUrl=https://grafana.example/sub"]);
    let mut led = BTreeSet::new();
    for (base, links) in [
        ("https://bundled.example/d/vllm-monitoring-", &bundled),
        ("https://grafana.example/sub/d/vllm-monitoring-", &named),
    ] {
        assert!(links.len() > 30, "{links:?}");
        for (alert, link) in links {
            let link = link.as_deref().unwrap_or_default();
            let (slug, rest) = link
                .strip_prefix(base)
                .and_then(|rest| rest.split_once('?'))
                .unwrap_or_else(|| panic!("{alert}: {link}"));
            assert!(SLUGS.contains(&slug), "{alert}: {link}");
            assert!(rest.starts_with("from="), "{alert}: {link}");
            led.insert(slug.to_owned());
        }
    }
    assert_eq!(led, SLUGS.map(str::to_owned).into());
    let own = "https://grafana.example/d/mine";
    let one = links(&[
        "rules.dashboardBaseUrl=https://grafana.example",
        &format!("rules.dashboardUrl={own}"),
    ]);
    assert!(one.values().all(|link| link.as_deref() == Some(own)));
}

/// What Prometheus makes of an annotation: `promtool test rules`, two hours after the beginning, for an alert
/// with these labels.
fn expanded(annotation: &str, labels: &str, expected: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let rules = format!(
        "groups: [{{name: g, rules: [{{alert: A, expr: a > 0, annotations: {{dashboard_url: {}}}}}]}}]",
        quoted(annotation)
    );
    let test = format!(
        "rule_files: [rules.yaml]\ntests:\n- interval: 1m\n  input_series: [{{series: {}, values: 1x200}}]\n  alert_rule_test:\n  - eval_time: 2h\n    alertname: A\n    exp_alerts: [{{exp_labels: {{{labels}}}, exp_annotations: {{dashboard_url: {}}}}}]\n",
        quoted(&format!("a{{{}}}", labels.replace(": ", "="))),
        quoted(expected)
    );
    fs::write(folder.path().join("rules.yaml"), rules).unwrap();
    fs::write(folder.path().join("test.yaml"), test).unwrap();
    let out = repo::command("promtool")
        .unwrap()
        .args(["test", "rules", "test.yaml"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    if out.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned())
}

#[test]
fn prometheus_writes_the_time_and_what_the_alerts_labels_say_into_its_link() {
    let links = links(&["rules.dashboardBaseUrl=https://g"]);
    let begin = "from=3600000&to=now";
    let cases = [
        (
            "VllmE2ELatencyHigh",
            r#"vllm_monitoring: "mon/vllm", namespace: "inference", model_name: "meta-llama/Llama 3&8B""#,
            "slow-requests",
            "&var-release=mon%2Fvllm&var-namespace=inference&var-model=meta-llama%2FLlama+3%268B&var-reason=e2e_latency&var-tags=vllm.sampling.reason%3De2e_latency",
        ),
        (
            "VllmReplicaOutlier",
            r#"namespace: "inference", model_name: "q", pod: "q-0""#,
            "replica",
            "&var-namespace=inference&var-model=q&var-pod=q-0",
        ),
        // Without a label it chooses all.
        ("VllmFleetDown", r#"model: "q""#, "fleet", ""),
    ];
    for (alert, labels, slug, choices) in cases {
        let url = links[alert].as_deref().unwrap();
        let expected = format!("https://g/d/vllm-monitoring-{slug}?{begin}{choices}");
        expanded(url, labels, &expected).unwrap();
        assert!(expanded(url, labels, "https://other").is_err());
    }
}
