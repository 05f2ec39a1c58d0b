//! The checks of Prometheus, against the real one.

#![allow(clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use install_check::kube::Api;
use install_check::net;
use serde_json::{Value, json};
use support::{
    captured, chart_input, line, lines, lines_in, prometheus, prometheus_of_pods, render, rules,
    serve,
};

/// The chart's input without collectors.
fn input(set: &[&str], url: &str) -> Value {
    let mut input = chart_input(&render(set));
    input["prometheus"]["url"] = json!(url);
    input["collector"] = Value::Null;
    input
}

#[test]
fn a_healthy_prometheus_passes_and_counts_requests() {
    let dir = tempfile::tempdir().unwrap();
    let page = captured("metrics-loaded-2.txt");
    let vllm = serve(move |_| (200, page.clone()));
    // Prometheus spreads its groups over their interval by a hash: a group of minutes may be
    // evaluated in the first second. One of a year is not.
    let rarely = ["slos.interval=9999h"];
    let prometheus = prometheus(dir.path(), &rules(&render(&rarely)), &[("any", vllm)]);
    let (well, lines) = lines(&input(&rarely, &prometheus.url), 30);
    assert!(well, "{lines:#?}");
    assert_eq!(line(&lines, "targets"), "pass: targets: any 1 of 1 up");
    let traffic = line(&lines, "traffic");
    assert!(traffic.ends_with(" requests finished"), "{traffic}");
    let rules = line(&lines, "rules");
    assert!(
        rules.starts_with("pass: rules: ")
            && rules.ends_with(" of them evaluated too rarely to wait for"),
        "{rules}"
    );
}

#[test]
fn no_traffic_yet_is_a_pass_that_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let page = captured("metrics-idle.txt");
    let vllm = serve(move |_| (200, page.clone()));
    let often = ["slos.interval=1s"];
    let prometheus = prometheus(dir.path(), &rules(&render(&often)), &[("any", vllm)]);
    let (well, lines) = lines(&input(&often, &prometheus.url), 30);
    assert!(well, "{lines:#?}");
    assert_eq!(line(&lines, "traffic"), "pass: traffic: no traffic yet");
    let rules = line(&lines, "rules");
    assert!(rules.ends_with(" groups are evaluated"), "{rules}");
}

/// As after an upgrade to rules that Prometheus refuses: those before would pass.
#[test]
fn rules_that_prometheus_refuses_fail_though_the_older_ones_are_in_force() {
    let dir = tempfile::tempdir().unwrap();
    let page = captured("metrics-idle.txt");
    let vllm = serve(move |_| (200, page.clone()));
    let mut prometheus = prometheus(dir.path(), &rules(&render(&[])), &[("any", vllm)]);
    std::fs::write(
        dir.path().join("rules.yaml"),
        "groups: [{name: a, rules: 1}]",
    )
    .unwrap();
    prometheus.refuse();
    let (well, lines) = lines(&input(&[], &prometheus.url), 4);
    assert!(!well);
    let rules = line(&lines, "rules");
    assert!(
        rules.starts_with("FAIL: rules: ") && rules.contains("refuses the configuration or rules"),
        "{rules}"
    );
}

#[test]
fn a_grafana_is_asked_where_the_release_has_one() {
    let set = ["grafana.enabled=true"];
    let with = chart_input(&render(&set));
    assert_eq!(
        with["grafanaUrl"],
        "http://vllm-monitoring-grafana.monitoring.svc:3000"
    );
    assert_eq!(chart_input(&render(&[]))["grafanaUrl"], "");
    let healthy = serve(|path| match path {
        "/api/health" => (200, r#"{"database": "ok", "version": "12.3.0"}"#.to_owned()),
        _ => (404, String::new()),
    });
    let mut asked = input(&set, "http://127.0.0.1:9");
    asked["grafanaUrl"] = json!(format!("http://127.0.0.1:{healthy}"));
    let (_, found) = lines(&asked, 3);
    assert_eq!(
        line(&found, "grafana"),
        "pass: grafana: Grafana 12.3.0 answers"
    );
    asked["grafanaUrl"] = json!("http://127.0.0.1:9");
    let (_, found) = lines(&asked, 3);
    assert!(line(&found, "grafana").starts_with("FAIL: grafana: http://127.0.0.1:9/api/health"));
}

/// One entry without a target, one whose targets are down, one that is well.
#[test]
fn an_entry_without_a_live_target_fails_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let well = serve(|_| (200, String::new()));
    let ill = serve(|_| (503, String::new()));
    let prometheus = prometheus(dir.path(), "groups: []", &[("a", well), ("b", ill)]);
    let set = [
        "models[0].name=a",
        "models[0].selector.app=a",
        "models[1].name=b",
        "models[1].selector.app=b",
        "models[2].name=c",
        "models[2].selector.app=c",
        "models[2].namespaces[0]=inference",
        "rules.enabled=false",
    ];
    let (well, lines) = lines(&input(&set, &prometheus.url), 10);
    assert!(!well);
    let targets = line(&lines, "targets");
    for words in [
        "FAIL: targets: ",
        "all 1 targets of the entry b are down (http://127.0.0.1:",
        "HTTP status 503",
        "check models[].port (now 8000)",
        "no target for the entry c: no running pod with app=c in inference is scraped by http://127.0.0.1:",
        "check models[].selector and models[].namespaces",
    ] {
        assert!(targets.contains(words), "{words}: {targets}");
    }
    assert!(!targets.contains("entry a"), "{targets}");
    assert_eq!(line(&lines, "traffic"), "not run: traffic: see targets");
    assert_eq!(
        line(&lines, "rules"),
        "not run: rules: rules.enabled is false"
    );
}

/// An API server that knows one Prometheus object, which selects by these labels.
fn selecting(labels: &'static str) -> impl Fn() -> Result<Api, String> + Sync {
    let port = serve(move |path| {
        let body = match path {
            "/api/v1/namespaces/monitoring" => r#"{"metadata": {"name": "monitoring"}}"#.to_owned(),
            "/apis/monitoring.coreos.com/v1/prometheuses" => format!(
                r#"{{"items": [{{"metadata": {{"name": "kps", "namespace": "monitoring"}},
                     "spec": {{"podMonitorSelector": {{"matchLabels": {labels}}}, "ruleSelector": {{}}}}}}]}}"#
            ),
            _ => return (404, String::new()),
        };
        (200, body)
    });
    move || Ok(Api::at(&format!("http://127.0.0.1:{port}"), "token"))
}

#[test]
fn a_label_that_the_operators_prometheus_wants_is_named_with_the_line_to_set() {
    let cluster = selecting(r#"{"release": "kps"}"#);
    let asked = input(&["metrics.mode=operator"], "");
    let (well, lines) = lines_in(&asked, 3, &net::addresses, &cluster);
    assert!(!well);
    assert_eq!(
        line(&lines, "selected"),
        "FAIL: selected: monitoring/kps selects release=kps, your PodMonitor lacks it; set metrics.operator.labels: {release: kps}"
    );
    for check in ["targets", "traffic", "rules"] {
        assert_eq!(
            line(&lines, check),
            format!("not run: {check}: see selected")
        );
    }
}

/// The near miss: the label is there. The Prometheus that selects is asked without being named.
#[test]
fn the_prometheus_that_selects_the_release_is_asked() {
    let cluster = selecting(r#"{"release": "kps"}"#);
    let set = [
        "metrics.mode=operator",
        "metrics.operator.labels.release=kps",
    ];
    let (_, lines) = lines_in(&input(&set, ""), 2, &net::addresses, &cluster);
    assert_eq!(
        line(&lines, "selected"),
        "pass: selected: monitoring/kps selects the PodMonitors and the PrometheusRule"
    );
    let targets = line(&lines, "targets");
    assert!(
        targets.contains("http://prometheus-operated.monitoring.svc:9090"),
        "{targets}"
    );
}

#[test]
fn an_api_that_refuses_leaves_the_check_out_and_says_what_to_set() {
    let port = serve(|_| (403, String::new()));
    let cluster = move || Ok(Api::at(&format!("http://127.0.0.1:{port}"), "token"));
    let asked = input(&["metrics.mode=operator"], "");
    let (well, lines) = lines_in(&asked, 2, &net::addresses, &cluster);
    assert!(well, "{lines:#?}");
    let selected = line(&lines, "selected");
    assert!(
        selected.starts_with("not run: ") && selected.contains("set helmTest.rbac.create: true"),
        "{selected}"
    );
}

#[test]
fn in_operator_mode_what_is_missing_points_at_the_selection() {
    let dir = tempfile::tempdir().unwrap();
    let prometheus = prometheus(dir.path(), "groups: []", &[]);
    let (well, lines) = lines(&input(&["metrics.mode=operator"], &prometheus.url), 3);
    assert!(!well);
    for check in ["targets", "rules"] {
        let line = line(&lines, check);
        assert!(line.ends_with("the line `selected`"), "{line}");
    }
}

#[test]
fn a_rule_that_fails_is_named_with_prometheus_words() {
    let dir = tempfile::tempdir().unwrap();
    let vllm = serve(|_| (200, String::new()));
    let mut broken: serde_yaml::Value = serde_yaml::from_str(&rules(&render(&[]))).unwrap();
    // Two metrics without their names are one series twice, which Prometheus refuses.
    broken["groups"][0]["rules"] = serde_yaml::from_str(
        r#"[{record: "a:b:c", expr: 'abs({__name__=~"up|scrape_samples_scraped"})'}]"#,
    )
    .unwrap();
    let text = serde_yaml::to_string(&broken).unwrap();
    let prometheus = prometheus(dir.path(), &text, &[("any", vllm)]);
    let (well, lines) = lines(&input(&[], &prometheus.url), 12);
    assert!(!well);
    let rules = line(&lines, "rules");
    assert!(
        rules.contains("1 rules fail, the first is a:b:c in monitoring/vllm-monitoring/")
            && rules.contains("same labelset"),
        "{rules}"
    );
}

#[test]
fn a_rule_group_that_is_not_loaded_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let prometheus = prometheus(dir.path(), "groups: []", &[]);
    let (well, lines) = lines(&input(&[], &prometheus.url), 2);
    assert!(!well);
    let rules = line(&lines, "rules");
    assert!(
        rules.contains("does not have the rule groups monitoring/vllm-monitoring/"),
        "{rules}"
    );
}

#[test]
fn a_prometheus_that_does_not_answer_is_named() {
    let [port] = harness::repo::free_ports::<1>().unwrap();
    let (well, lines) = lines(&input(&[], &format!("http://127.0.0.1:{port}")), 2);
    assert!(!well);
    for check in ["targets", "rules"] {
        let line = line(&lines, check);
        assert!(
            line.contains(&format!("127.0.0.1:{port}/"))
                && line.contains("does not answer")
                && line.ends_with("check metrics.operator.prometheusURL"),
            "{line}"
        );
    }
}

#[test]
fn a_server_that_is_no_prometheus_is_said_to_be_none() {
    let port = serve(|_| (200, "<html>".to_owned()));
    let (well, lines) = lines(&input(&[], &format!("http://127.0.0.1:{port}")), 2);
    assert!(!well);
    let rules = line(&lines, "rules");
    assert!(
        rules.contains("does not answer as Prometheus does"),
        "{rules}"
    );
}

#[test]
fn without_an_address_the_checks_are_named_as_not_run() {
    let (well, lines) = lines(&input(&["metrics.mode=operator"], ""), 2);
    assert!(well, "nothing failed: {lines:#?}");
    for check in ["targets", "traffic", "rules"] {
        let line = line(&lines, check);
        assert!(
            line.starts_with("not run: ") && line.contains("set metrics.operator.prometheusURL"),
            "{line}"
        );
    }
}

#[test]
fn a_fleet_that_something_else_scrapes_is_found_by_its_matchers() {
    let dir = tempfile::tempdir().unwrap();
    let page = captured("metrics-idle.txt");
    let vllm = serve(move |_| (200, page.clone()));
    let targets = [("any", "p0", vllm), ("any", "", vllm)];
    let prometheus = prometheus_of_pods(dir.path(), "groups: []", &targets);
    prometheus.await_up(2);
    for (matcher, well, said) in [
        (
            r#"job=\"vllm/any/p0\""#,
            true,
            "pass: targets: 1 series of vLLM with job=\"vllm/any/p0\"",
        ),
        (
            r#"job=~\"vllm/any.*\""#,
            false,
            "1 of 2 series vllm:num_requests_running{job=~\"vllm/any.*\"} lack the label pod or namespace",
        ),
        (
            r#"job=\"other\""#,
            false,
            "has no series vllm:num_requests_running{job=\"other\"}; check metrics.matchers",
        ),
    ] {
        let matchers = format!("metrics.matchers[0]={matcher}");
        let set = [
            "metrics.scrape.enabled=false",
            "rules.enabled=false",
            &matchers,
        ];
        let (found, lines) = lines(&input(&set, &prometheus.url), if well { 20 } else { 3 });
        assert_eq!(found, well, "{lines:#?}");
        let targets = line(&lines, "targets");
        assert!(targets.contains(said), "{targets}");
    }
}

/// How often the rules are asked for where nothing is waited for.
const ONCE: usize = 1;

/// A rule without data never fails: on targets that have just come the rules must be evaluated once
/// more; on those that were there before, they have been.
#[test]
fn only_new_targets_make_the_rules_be_waited_for() {
    for (known, waits) in [("", true), (r#"{"metric":{},"value":[0,"1"]}"#, false)] {
        let names = input(&[], "")["prometheus"]["ruleGroups"].clone();
        let names = names.as_array().unwrap().clone();
        let asked = Arc::new(AtomicUsize::new(0));
        let asks = Arc::clone(&asked);
        let port = serve(move |path| {
            let up = r#"{"metric":{"model":"any"},"value":[0,"1"]}"#;
            let data = if path.starts_with("/api/v1/rules") {
                asks.fetch_add(1, Ordering::Relaxed);
                let groups = names.iter().map(|name| {
                    json!({
                        "name": name,
                        "interval": 1,
                        "lastEvaluation": "1970-01-01T00:00:00Z",
                        "rules": [{"name": "r", "health": "ok"}],
                    })
                });
                json!({"groups": groups.collect::<Vec<_>>()}).to_string()
            } else {
                let sample = match path {
                    // Every target exports vLLM's series.
                    _ if path.contains("unless") => "",
                    _ if path.contains("&time=") => known,
                    _ => up,
                };
                format!(r#"{{"result":[{sample}]}}"#)
            };
            (200, format!(r#"{{"data":{data}}}"#))
        });
        let (well, lines) = lines(&input(&[], &format!("http://127.0.0.1:{port}")), 4);
        assert!(well, "{lines:#?}");
        // Not by the clock: a loaded machine is slow without waiting.
        let asked = asked.load(Ordering::Relaxed);
        assert_eq!(asked > ONCE, waits, "{asked} times: {lines:#?}");
    }
}

/// A Prometheus whose targets are pods: (model, pod, what it exports).
fn of_pods(
    dir: &std::path::Path,
    rules: &str,
    pods: &[(&str, &str, String)],
) -> support::Prometheus {
    let targets: Vec<(&str, &str, u16)> = (pods.iter())
        .map(|(model, pod, page)| {
            let page = page.clone();
            (*model, *pod, serve(move |_| (200, page.clone())))
        })
        .collect();
    let prometheus = support::prometheus_of_pods(dir, rules, &targets);
    prometheus.await_up(pods.len());
    prometheus
}

/// What Python's client exports in any server.
const NO_VLLM: &str = "python_gc_objects_collected_total{generation=\"0\"} 5\n";

#[test]
fn a_target_that_is_up_without_series_of_vllm_fails_by_its_entry() {
    let dir = tempfile::tempdir().unwrap();
    let page = captured("metrics-idle.txt");
    let set = ["rules.enabled=false"];
    let silent = [
        ("any", "p0", page.clone()),
        ("any", "p1", NO_VLLM.to_owned()),
    ];
    let prometheus = of_pods(dir.path(), "groups: []", &silent);
    let (well, found) = lines(&input(&set, &prometheus.url), 8);
    assert!(!well);
    let series = line(&found, "series");
    assert!(
        series.starts_with("FAIL: series: targets are up and have no series vllm:num_requests_running: 1 of any in inference;"),
        "{series}"
    );

    let dir = tempfile::tempdir().unwrap();
    let vllm = [("any", "p0", page.clone()), ("any", "p1", page)];
    let prometheus = of_pods(dir.path(), "groups: []", &vllm);
    let (well, found) = lines(&input(&set, &prometheus.url), 20);
    assert!(well, "{found:#?}");
    assert_eq!(
        line(&found, "series"),
        "pass: series: every target that is up exports vLLM's series"
    );
}

#[test]
fn halves_are_named_and_those_that_nobody_recognised_too() {
    let transfers = "vllm:nixl_bytes_transferred_count{engine=\"0\",model_name=\"qwen3-235b\"} 7\n";
    let page = captured("metrics-loaded-2.txt");
    let fetching = format!("{page}{transfers}");
    for (pods, said) in [
        (
            ["chat-prefill-0", "chat-decode-0"],
            "has 1 prefill pods, whose requests are counted in its decode pods",
        ),
        (
            ["chat-0", "chat-1"],
            "none is known as its prefill half: if it is served in halves, name their pods in rules.prefillPods",
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let targets = pods.map(|pod| ("any", pod, fetching.clone()));
        let often = ["slos.interval=1s"];
        let prometheus = of_pods(dir.path(), &rules(&render(&often)), &targets);
        let (well, found) = lines(&input(&often, &prometheus.url), 30);
        assert!(well, "{found:#?}");
        let halves = line(&found, "halves");
        assert!(
            halves.starts_with("pass: halves: ") && halves.contains(said),
            "{halves}"
        );
    }
}

#[test]
fn in_operator_mode_alerts_that_the_clusters_rules_lack_are_named() {
    let operator = ["metrics.mode=operator"];
    let standalone = rules(&render(&[]));
    for (rules, lacking, not_lacking) in [
        (
            "groups: []",
            "alerts that stay away (Watchdog)",
            "nothing of this",
        ),
        (
            "groups: [{name: kps, rules: [{alert: Watchdog, expr: vector(1)}, {alert: A, expr: 'prometheus_config_last_reload_successful == 0'}]}]",
            "notifications that fail",
            "Watchdog",
        ),
        // As those that this chart has in standalone mode: recorded, then alerted on.
    ] {
        let dir = tempfile::tempdir().unwrap();
        let prometheus = prometheus(dir.path(), rules, &[]);
        let (_, found) = lines(&input(&operator, &prometheus.url), 3);
        let watcher = line(&found, "watcher");
        assert!(
            watcher.starts_with("pass: watcher: the cluster's rules have no alert on: ")
                && watcher.contains(lacking)
                && !watcher.contains(not_lacking),
            "{watcher}"
        );
    }
    // Each of its words is of a name that the rules of standalone mode read.
    let watched = chart_input(&render(&operator))["prometheus"]["watched"].clone();
    for (what, words) in watched.as_object().unwrap() {
        let known = |word: &Value| {
            let word = word.as_str().unwrap();
            standalone.contains(word) || word.starts_with("kubelet_")
        };
        assert!(
            words.as_array().unwrap().iter().all(known),
            "{what}: {words}"
        );
    }
    assert_eq!(
        chart_input(&render(&[]))["prometheus"]["watched"],
        json!({})
    );
}
