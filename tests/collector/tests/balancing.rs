//! The balancing tier: two samplers, and callers' spans beside vLLM's.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::process::Command;
use std::time::{Duration, Instant};

use collector_tests::balancer::{Balancer, TOKEN};
use collector_tests::{LIMIT, await_metric, caller, ids, planted, render, slow, start};
use harness::child::Child;
use harness::collector::{self, Collector};
use harness::{certificates, otlp, repo};
use serde_json::{Value, json};

/// Names of the spans of each trace that was kept.
fn spans(kept: &[Value]) -> BTreeMap<String, BTreeSet<String>> {
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, _, span) in kept.iter().flat_map(otlp::spans) {
        let id = span["traceId"].as_str().unwrap().to_lowercase();
        let name = span["name"].as_str().unwrap().to_owned();
        names.entry(id).or_default().insert(name);
    }
    names
}

/// The other test puts a resolver of its own in the place of the rendered one.
#[test]
fn the_collector_takes_the_balancers_configuration_as_it_is_rendered() {
    let values = ["collector.replicas=2", "balancer.enabled=true"].map(|v| format!("tracing.{v}"));
    let rendered = render("1s", &values);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("balancer.yaml");
    std::fs::write(&path, rendered.config_maps_with("balancer.yaml")[0].1).unwrap();
    let mut command = Command::new(repo::collector().unwrap());
    let out = command.arg("validate").arg("--config").arg(&path).output();
    let out = out.unwrap();
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
}

/// Callers' spans and vLLM's come at different times through different balancers, and both
/// balancers end at once: what they took has been handed on.
#[test]
fn two_samplers_split_no_trace_and_lose_none() {
    let values = ["collector.replicas=2", "balancer.enabled=true"].map(|v| format!("tracing.{v}"));
    // The samplers decide as they end.
    let rendered = render("10m", &values);
    let dirs = [(); 4].map(|()| tempfile::tempdir().unwrap());
    let mut samplers: Vec<Collector> = dirs[..2]
        .iter()
        .map(|dir| start(dir.path(), &rendered, &json!({})))
        .collect();
    let ports: Vec<u16> = samplers.iter().map(|s| s.otlp).collect();
    let mut balancers: Vec<Balancer> = dirs[2..]
        .iter()
        .map(|dir| Balancer::start(dir.path(), &rendered, &ports, &json!({})))
        .collect();

    let exports = planted(51, 300);
    let callers: Vec<Value> = exports.iter().rev().map(caller).collect();
    for (balancer, exports) in balancers.iter().zip([&exports, &callers]) {
        let mut sender = otlp::Sender::connect(balancer.otlp).unwrap();
        for export in exports {
            sender.send(export).unwrap();
        }
    }
    for balancer in &mut balancers {
        assert!(balancer.child.terminate(LIMIT).unwrap().success());
    }

    let kept: Vec<_> = samplers
        .iter_mut()
        .map(|sampler| spans(&sampler.stop().unwrap()))
        .collect();
    let whole: BTreeSet<String> = ["caller", "llm_request"].map(str::to_owned).into();
    for half in &kept {
        assert!(!half.is_empty(), "one sampler had nothing to do");
        for (id, names) in half {
            assert_eq!(*names, whole, "{id}");
        }
    }
    let found: BTreeSet<String> = kept.iter().flat_map(|half| half.keys().cloned()).collect();
    assert_eq!(found, slow(&exports));
    assert_eq!(found.len(), kept[0].len() + kept[1].len());
    assert!(found.len() < ids(&exports).len());
}

/// Failed calls, limits and a baseline by trace id, as the definitions say: with the reason of each trace.
fn expected(vllm: &[Value], failed: &BTreeSet<String>) -> BTreeMap<String, &'static str> {
    let slow = slow(vllm);
    let random = |id: &str| u64::from_str_radix(&id[18..], 16).unwrap();
    let share = 1u64 << 56;
    let reason = |id: &String| {
        if failed.contains(id) {
            Some("error")
        } else if slow.contains(id) {
            Some("slow")
        } else {
            // A fifth, of the highest random numbers.
            (random(id) >= share / 5 * 4).then_some("baseline")
        }
    };
    let of = |id: String| reason(&id).map(|reason| (id, reason));
    ids(vllm).into_iter().filter_map(of).collect()
}

/// The reason that the spans of each kept trace carry; that of a limit is "slow".
fn reasons(kept: &[Value]) -> BTreeMap<String, BTreeSet<String>> {
    let mut reasons: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, _, span) in kept.iter().flat_map(otlp::spans) {
        let of = reasons.entry(span["traceId"].as_str().unwrap().to_lowercase());
        let of = of.or_default();
        for attribute in span["attributes"].as_array().into_iter().flatten() {
            if attribute["key"] == "vllm.sampling.reason" {
                of.insert(match attribute["value"]["stringValue"].as_str().unwrap() {
                    reason @ ("error" | "baseline") => reason.to_owned(),
                    _ => "slow".to_owned(),
                });
            }
        }
    }
    reasons
}

/// One of three samplers is killed while traces arrive and comes back, as a StatefulSet's pod does. Callers
/// send again what is refused.
#[test]
fn three_samplers_of_which_one_is_killed_keep_what_one_would() {
    let values = [
        "collector.replicas=3",
        "balancer.enabled=true",
        "sampling.mode=immediate",
        "policy.errors.enabled=true",
        "policy.baseline.enabled=true",
        "policy.baseline.share=20%",
        "policy.baseline.perModelPerHour=0",
    ]
    .map(|v| format!("tracing.{v}"));
    let rendered = render("10m", &values);
    let dirs = [(); 5].map(|()| tempfile::tempdir().unwrap());
    let mut samplers: Vec<Collector> = dirs[..3]
        .iter()
        .map(|dir| start(dir.path(), &rendered, &json!({})))
        .collect();
    let ports: Vec<u16> = samplers.iter().map(|s| s.otlp).collect();
    let mut balancer = Balancer::start(dirs[3].path(), &rendered, &ports, &json!({}));

    let exports = planted(57, 600);
    let (first, second) = exports.split_at(300);
    let mut failed = BTreeSet::new();
    let mut with_callers = |exports: &[Value]| -> Vec<Value> {
        let pairs = exports.iter().enumerate().flat_map(|(n, export)| {
            let mut caller = caller(export);
            if n % 10 == 3 {
                caller["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["status"] =
                    json!({"code": 2});
                failed.extend(ids(std::slice::from_ref(&caller)));
            }
            [export.clone(), caller]
        });
        pairs.collect()
    };
    let (before, after) = (with_callers(first), with_callers(second));
    let mut sender = otlp::Sender::connect(balancer.otlp).unwrap();
    let deadline = Instant::now() + LIMIT;
    let mut deliver = |exports: &[Value]| {
        let mut refused = 0;
        for export in exports {
            while let Err(error) = sender.send(export) {
                refused += 1;
                assert!(Instant::now() < deadline, "{error:#}");
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        refused
    };
    deliver(&before);
    // What was decided on is exported before the kill: what a sampler holds undecided is lost with it.
    let wanted = expected(first, &failed);
    let written = |dirs: &[tempfile::TempDir]| -> Vec<Value> {
        let files = dirs.iter().map(|dir| dir.path().join("kept.jsonl"));
        let lines = files.filter_map(|file| otlp::read_lines(&file).ok());
        lines.flatten().collect()
    };
    while !wanted
        .keys()
        .all(|id| spans(&written(&dirs[..3])).contains_key(id))
    {
        assert!(Instant::now() < deadline, "not everything is written");
        std::thread::sleep(Duration::from_millis(100));
    }
    let mut victim = samplers.remove(0);
    let id = victim.child.id().to_string();
    let killed = Command::new("kill").args(["-KILL", &id]).status().unwrap();
    assert!(killed.success());
    assert!(!victim.child.wait_end(LIMIT).unwrap().success());
    let (revived, refused) = std::thread::scope(|scope| {
        let again = scope.spawn(|| {
            let [http, health, metrics] = repo::free_ports::<3>().unwrap();
            let ports = [ports[0], http, health];
            let metrics = (Ipv4Addr::LOCALHOST, metrics);
            let dir = dirs[4].path();
            let command = collector::command(dir, &rendered, &json!({}), ports, metrics).unwrap();
            Child::start("collector", command, &dir.join("collector.log")).unwrap()
        });
        let refused = deliver(&after);
        (again.join().unwrap(), refused)
    });
    assert!(balancer.child.terminate(LIMIT).unwrap().success());
    for mut child in samplers.into_iter().map(|s| s.child).chain([revived]) {
        assert!(child.terminate(LIMIT).unwrap().success());
    }
    let kept = reasons(&written(&dirs));
    let wanted = expected(&exports, &failed);
    let found: BTreeSet<&String> = kept.keys().collect();
    assert_eq!(found, wanted.keys().collect(), "{refused} were sent again");
    for (id, reason) in wanted {
        // A request that was kept already when its caller failed has its own reason.
        let earlier = reason == "error" && !kept[&id].is_empty();
        assert!(kept[&id].contains(reason) || earlier, "{id}: {kept:?}");
    }
    assert!(kept.values().any(|said| said.contains("error")));
}

/// No sampler answers: the failure is counted under the names that the rules and runbooks read.
#[test]
fn a_balancer_counts_its_samplers_and_what_it_cannot_deliver() {
    let values = ["collector.replicas=2", "balancer.enabled=true"].map(|v| format!("tracing.{v}"));
    let rendered = render("1s", &values);
    let rules = rendered.rules().unwrap().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let soon = json!({"exporters": {"load_balancing": {
        "retry_on_failure": {"max_interval": "1s", "max_elapsed_time": "1s"},
    }}});
    let balancer = Balancer::start(
        dir.path(),
        &rendered,
        &repo::free_ports::<2>().unwrap(),
        &soon,
    );
    let mut sender = otlp::Sender::connect(balancer.otlp).unwrap();
    assert!(sender.send(&planted(5, 1)[0]).is_err());
    let page = format!("http://127.0.0.1:{}/metrics", balancer.metrics);
    let page = harness::http::get(&page).unwrap();
    let samples = harness::http::parse_metrics(&page).unwrap();
    let value = |name: &str| {
        let found = samples.iter().find(|s| s.name == name);
        found.unwrap_or_else(|| panic!("no {name}: {page}")).value
    };
    for name in [
        "otelcol_loadbalancer_num_backends",
        "otelcol_exporter_send_failed_spans",
    ] {
        assert!(rules.contains(name), "{name} is read by no rule");
    }
    assert!((value("otelcol_loadbalancer_num_backends") - 2.0).abs() < f64::EPSILON);
    assert!(value("otelcol_exporter_send_failed_spans") > 0.0);
    assert!(value("otelcol_loadbalancer_backend_outcome") > 0.0);
}

/// Between the tiers the same is asked for as of callers: the collector takes what the balancer
/// sends with certificate and token, by address and held to the Service's name.
#[test]
fn a_balancer_shows_its_samplers_what_they_ask_for() {
    let files = tempfile::tempdir().unwrap();
    certificates::write(files.path(), &["vllm-monitoring-collector.monitoring.svc"]).unwrap();
    std::fs::write(files.path().join("token"), TOKEN).unwrap();
    let file = |name: &str| json!(files.path().join(name));
    let asked = json!({"tls": {
        "cert_file": file("server.crt"),
        "key_file": file("server.key"),
        "client_ca_file": file("ca.crt"),
    }});
    let shown = json!({"tls": {
        "ca_file": file("ca.crt"),
        "cert_file": file("client.crt"),
        "key_file": file("client.key"),
    }});
    let token = json!({"filename": file("token")});
    let both = [
        "tls.secretName=s",
        "tls.clientCA=ca.crt",
        "client.secretName=c",
    ];
    for tls in [true, false] {
        let mut values = vec!["bearerToken.secretName=t"];
        let mut places = json!({"extensions": {"bearertokenauth": token}});
        let mut extra = json!({
            "receivers": {"otlp": {"protocols": {"grpc": {"auth": null}}}},
            "extensions": {"bearertokenauth": token},
        });
        if tls {
            values.extend(both);
            places["receivers"] = json!({"otlp": {"protocols": {"grpc": asked, "http": asked}}});
            // Its own callers are not the subject: they need neither.
            extra["receivers"]["otlp"]["protocols"] = json!({"grpc": {"auth": null, "tls": null}});
            extra["exporters"] = json!({"load_balancing": {"protocol": {"otlp": shown}}});
            extra["extensions"]["bearertokenauth/samplers"] = token.clone();
        }
        let mut values: Vec<String> = (values.iter())
            .map(|value| format!("tracing.receiver.{value}"))
            .collect();
        values.extend(
            ["collector.replicas=2", "balancer.enabled=true"].map(|v| format!("tracing.{v}")),
        );
        let rendered = render("1s", &values);
        let dirs = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let mut sampler = start(dirs[0].path(), &rendered, &places);
        let balancer = Balancer::start(dirs[1].path(), &rendered, &[sampler.otlp], &extra);
        let exports = planted(52, 30);
        let mut sender = otlp::Sender::connect(balancer.otlp).unwrap();
        for export in &exports {
            sender.send(export).unwrap();
        }
        // A balancer takes a span when a sampler has it.
        let accepted = "otelcol_receiver_accepted_spans";
        await_metric(&mut sampler, accepted, &[], exports.len() as f64);
    }
}
