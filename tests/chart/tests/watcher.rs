//! Who watches the watcher: real Alertmanagers as the chart starts them, and whether they and a real
//! Prometheus export what the rules read.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use chart_tests::with;
use harness::child::Child;
use harness::render::Rendered;
use harness::{http, repo};
use serde_yaml::Value;

const LIMIT: Duration = Duration::from_secs(60);
const STANDALONE: &str = "metrics.mode=standalone";
const NAME: &str = "vllm-monitoring-alertmanager";

fn render(set: &[&str]) -> Rendered {
    with(&[&[STANDALONE], set].concat()).unwrap()
}

fn named<'a>(rendered: &'a Rendered, kind: &'a str, name: &str) -> Option<&'a Value> {
    rendered
        .of_kind(kind)
        .find(|object| object["metadata"]["name"] == name)
}

/// The configuration that Alertmanager reads.
fn config(rendered: &Rendered) -> Value {
    let secret = named(rendered, "Secret", NAME).unwrap();
    serde_yaml::from_str(secret["stringData"]["alertmanager.yml"].as_str().unwrap()).unwrap()
}

/// An Alertmanager with the pod's own arguments, at ports of its own.
fn start(rendered: &Rendered, dir: &Path, web: u16, gossip: u16, other: u16) -> Child {
    let pod = named(rendered, "StatefulSet", NAME).unwrap();
    let args = pod["spec"]["template"]["spec"]["containers"][0]["args"].clone();
    fs::create_dir_all(dir).unwrap();
    let file = dir.join("alertmanager.yml");
    fs::write(&file, serde_yaml::to_string(&config(rendered)).unwrap()).unwrap();
    let mut command = Command::new(repo::tool("alertmanager").unwrap());
    for arg in args.as_sequence().unwrap() {
        let arg = arg.as_str().unwrap();
        let peers = "vllm-monitoring-alertmanagers.monitoring.svc:9094";
        command.arg(
            arg.replace("[$(POD_IP)]:9094", &format!("[127.0.0.1]:{gossip}"))
                .replace(peers, &format!("127.0.0.1:{other}"))
                .replace(
                    "/etc/alertmanager/config/alertmanager.yml",
                    &file.display().to_string(),
                )
                .replace(
                    "path=/alertmanager",
                    &format!("path={}", dir.join("data").display()),
                ),
        );
    }
    command.arg(format!("--web.listen-address=127.0.0.1:{web}"));
    Child::start("alertmanager", command, &dir.join("log")).unwrap()
}

/// Names of the raw metrics with a prefix that the rules read.
fn read_by_rules(rendered: &Rendered, prefix: &str) -> BTreeSet<String> {
    let rules = rendered.config_maps_with("rules.yaml")[0].1;
    let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':');
    let names = rules.split(word).filter(|name| name.starts_with(prefix));
    names
        .filter(|name| !name.contains(':'))
        .map(str::to_owned)
        .collect()
}

fn exported(page: &str) -> BTreeSet<String> {
    http::parse_metrics(page)
        .unwrap()
        .into_iter()
        .map(|sample| sample.name)
        .collect()
}

#[test]
fn two_alertmanagers_find_each_other_and_export_what_the_rules_read() {
    let rendered = render(&["alertmanager.replicas=2"]);
    let dir = tempfile::tempdir().unwrap();
    let [web_0, web_1, gossip_0, gossip_1] = repo::free_ports().unwrap();
    let mut first = start(&rendered, &dir.path().join("0"), web_0, gossip_0, gossip_1);
    let _second = start(&rendered, &dir.path().join("1"), web_1, gossip_1, gossip_0);
    let url = format!("http://127.0.0.1:{web_0}/metrics");
    let mut page = String::new();
    first
        .wait_until("in a cluster of two", LIMIT, || {
            page = http::get(&url)?;
            let samples = http::parse_metrics(&page)?;
            Ok(samples
                .iter()
                .any(|s| s.name == "alertmanager_cluster_members" && s.value == 2.0))
        })
        .unwrap();
    let read = read_by_rules(&rendered, "alertmanager_");
    assert!(read.len() >= 4, "{read:?}");
    let missing: Vec<_> = read.difference(&exported(&page)).cloned().collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_prometheus_exports_what_the_rules_read_of_it() {
    let rendered = render(&[]);
    let dir = tempfile::tempdir().unwrap();
    let [web] = repo::free_ports().unwrap();
    let file = dir.path().join("prometheus.yml");
    // A rule and an Alertmanager, so that the counters by group and by Alertmanager are there.
    let rules = dir.path().join("rules.yaml");
    fs::write(
        &rules,
        "groups: [{name: a, rules: [{alert: Watchdog, expr: vector(1)}]}]",
    )
    .unwrap();
    let text = format!(
        "{{global: {{evaluation_interval: 1s}}, rule_files: [{}], alerting: {{alertmanagers: [{{static_configs: [{{targets: [\"127.0.0.1:1\"]}}]}}]}}}}",
        rules.display()
    );
    fs::write(&file, text).unwrap();
    let mut command = Command::new(repo::tool("prometheus").unwrap());
    command
        .arg(format!("--config.file={}", file.display()))
        .arg(format!(
            "--storage.tsdb.path={}",
            dir.path().join("data").display()
        ))
        .arg(format!("--web.listen-address=127.0.0.1:{web}"));
    let mut prometheus = Child::start("prometheus", command, &dir.path().join("log")).unwrap();
    let url = format!("http://127.0.0.1:{web}/metrics");
    let read = read_by_rules(&rendered, "prometheus_");
    assert!(read.len() >= 10, "{read:?}");
    prometheus
        .wait_until("exporting what the rules read", LIMIT, || {
            let page = http::get(&url)?;
            Ok(read.is_subset(&exported(&page)))
        })
        .unwrap();
}

#[test]
fn watchdog_is_sent_nowhere_unless_a_route_names_it() {
    let plain = config(&render(&[]));
    let route = &plain["route"]["routes"][0];
    assert_eq!(route["matchers"][0], r#"alertname = "Watchdog""#);
    let receivers = plain["receivers"].as_sequence().unwrap();
    let nobody = receivers
        .iter()
        .find(|r| r["name"] == route["receiver"])
        .unwrap();
    assert_eq!(nobody.as_mapping().unwrap().len(), 1);

    // Receivers of one's own replace the list, and their routes stay.
    let team = [
        "alertmanager.config.route.receiver=team",
        "alertmanager.config.receivers[0].name=team",
        "alertmanager.config.route.routes[0].receiver=team",
        "alertmanager.config.route.routes[0].matchers[0]=severity = critical",
    ];
    let own = config(&render(&team));
    assert_eq!(own["receivers"].as_sequence().unwrap().len(), 2);
    assert_eq!(own["route"]["routes"][1]["receiver"], "team");

    let named = "alertmanager.config.route.routes[0].matchers[0]=alertname = Watchdog";
    let own = config(&render(&[&team[..], &[named]].concat()));
    assert_eq!(own["receivers"].as_sequence().unwrap().len(), 1);
    let off = config(&render(&["rules.alerts.Watchdog.enabled=false"]));
    assert!(off["route"]["routes"].is_null());
}

#[test]
fn one_alertmanager_has_no_gossip_and_operator_mode_watches_neither() {
    let one = render(&[]);
    assert!(named(&one, "Service", "vllm-monitoring-alertmanagers").is_none());
    let alert = "alert: AlertmanagerMembersInconsistent";
    assert!(!one.manifests.contains(alert));
    let elsewhere = render(&[
        "alertmanager.enabled=false",
        "prometheus.alertmanagers[0]=alertmanager.monitoring:9093",
    ]);
    assert!(
        elsewhere
            .manifests
            .contains("alert: PrometheusErrorSendingAlerts")
    );
    assert!(!elsewhere.manifests.contains("alert: AlertmanagerDown"));
    let operator = with(&["metrics.mode=operator"]).unwrap();
    for alert in ["Watchdog", "PrometheusBadConfig", "AlertmanagerDown"] {
        assert!(
            !operator.manifests.contains(&format!("alert: {alert}")),
            "{alert}"
        );
    }
}
