//! The template and the example, built as docs/write-a-policy.md says and run in the real collector on
//! captured spans.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::collector::Collector;
use harness::otlp::Sender;
use harness::render::{Options, Rendered};
use harness::{otlp, repo};
use policy_host::{run, sha256};
use serde_json::{Value, json};

fn built(package: &str) -> PathBuf {
    let arguments = [package, "wasm", "wasm32-unknown-unknown"];
    let mut build = Command::new(repo::root().join("plugins/wasm"));
    let out = build
        .args(arguments)
        .arg("-Clink-arg=-zstack-size=65536")
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    PathBuf::from(String::from_utf8_lossy(&out.stdout).trim())
}

fn captured() -> Vec<Value> {
    let path = repo::root().join("tests/fixtures/vllm/0.32.0/traces.jsonl");
    otlp::read_lines(&path).unwrap()
}

fn number(span: &Value, key: &str) -> Option<f64> {
    let attributes = span["attributes"].as_array()?;
    let found = attributes
        .iter()
        .find(|attribute| attribute["key"] == key)?;
    found["value"]["doubleValue"].as_f64()
}

fn refusal(module: &Path, settings: &Value) -> String {
    let error = run(module, settings, false, &[]).unwrap_err();
    format!("{error:#}")
}

fn slower_than_three_seconds(exports: &[Value]) -> BTreeSet<String> {
    let spans = exports.iter().flat_map(otlp::spans).filter(|(_, _, span)| {
        span["name"] == "llm_request" && number(span, "gen_ai.latency.e2e") > Some(3.0)
    });
    spans
        .map(|(_, _, span)| span["traceId"].as_str().unwrap().to_lowercase())
        .collect()
}

/// What the chart renders for `tracing.policy.module`, with the module in place of its mounted ConfigMap.
#[test]
fn the_chart_runs_the_template_with_its_own_settings() {
    let module = built("policy-template");
    let value = |key: &str, value: &str| format!("tracing.{key}={value}");
    let rendered = Rendered::new(&Options {
        set: vec![
            value(
                "collector.image.repository",
                "registry.example/otelcol-vllm",
            ),
            value("exporters.debug.enabled", "false"),
            value("exporters.file.enabled", "true"),
            value("policy.module.configMap", "my-policy"),
            value("policy.module.sha256", &sha256(&module).unwrap()),
            value("policy.settings.longest", "3s"),
        ],
        ..Options::default()
    })
    .unwrap();
    let dir = tempfile::tempdir().unwrap();
    let [metrics] = repo::free_ports::<1>().unwrap();
    let mounted = json!({"extensions": {"wasm_sampling_policy": {"path": module}}});
    let metrics = (Ipv4Addr::LOCALHOST, metrics);
    let mut collector = Collector::start(dir.path(), &rendered, &mounted, metrics).unwrap();
    let exports = captured();
    let mut sender = Sender::connect(collector.otlp).unwrap();
    for export in &exports {
        sender.send(export).unwrap();
    }
    let (mut kept, mut reasons) = (BTreeSet::new(), BTreeSet::new());
    let lines = collector.stop().unwrap();
    for (_, _, span) in lines.iter().flat_map(otlp::spans) {
        kept.insert(span["traceId"].as_str().unwrap().to_lowercase());
        let attributes = span["attributes"].as_array().unwrap().iter();
        let mut reason = attributes.filter(|a| a["key"] == "vllm.sampling.reason");
        reasons.extend(reason.next().map(|a| a["value"]["stringValue"].to_string()));
    }
    assert_eq!(kept, slower_than_three_seconds(&exports));
    assert_eq!(reasons, BTreeSet::from(["\"slow\"".to_owned()]));
}

#[test]
fn the_template_keeps_requests_above_its_limit() {
    let module = built("policy-template");
    let exports = captured();
    let slow = slower_than_three_seconds(&exports);
    for whole in [false, true] {
        let fates = run(&module, &json!({"longest": "3s"}), whole, &exports).unwrap();
        assert!(slow.len() > 1 && slow.len() < fates.len(), "{}", slow.len());
        for (id, fate) in &fates {
            assert_eq!(fate.kept > 0, slow.contains(id), "{id} {fate:?}");
            if fate.kept > 0 {
                assert_eq!(fate.why["reason"], "slow", "{fate:?}");
                assert_eq!(fate.why["limit"], 3.0, "{fate:?}");
                assert!(fate.why["value"].as_f64() > Some(3.0), "{fate:?}");
            }
        }
    }
    // All that is wrong, in one message of the collector's.
    let said = refusal(&module, &json!({"longest": 3, "longer": "1s"}));
    for words in ["longest: found the number 3", "longer"] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn the_example_keeps_what_its_tenants_ask_for_and_a_share_of_the_rest() {
    let module = built("tenant-policy");
    let mut exports = captured();
    let tenant = |name: &str| json!({"key": "tenant.id", "value": {"stringValue": name}});
    let (mut listed, mut n) = (BTreeSet::new(), 0_usize);
    for export in &mut exports {
        for group in export["resourceSpans"].as_array_mut().unwrap() {
            for scope in group["scopeSpans"].as_array_mut().unwrap() {
                for span in scope["spans"].as_array_mut().unwrap() {
                    n += 1;
                    let name = ["acme", "acme-2", "Acme"][n % 3];
                    if name == "acme" {
                        listed.insert(span["traceId"].as_str().unwrap().to_lowercase());
                    }
                    span["attributes"]
                        .as_array_mut()
                        .unwrap()
                        .push(tenant(name));
                }
            }
        }
    }
    let settings = json!({"tenants": ["acme", "other"]});
    let fates = run(&module, &settings, true, &exports).unwrap();
    let kept: BTreeSet<String> = (fates.iter())
        .filter(|(_, fate)| fate.kept > 0)
        .map(|(id, _)| id.clone())
        .collect();
    assert_eq!(kept, listed);
    assert!(kept.len() < fates.len());
    let settings = json!({"tenants": ["acme"], "percent": 50});
    let fates = run(&module, &settings, true, &exports).unwrap();
    let others = fates.iter().filter(|(id, _)| !listed.contains(*id));
    let (kept, all) = others.fold((0, 0), |(kept, all), (_, fate)| {
        if fate.kept > 0 {
            assert_eq!(fate.why["reason"], "share");
            assert_eq!(fate.why["adjusted_count"], 2.0);
        }
        (kept + usize::from(fate.kept > 0), all + 1)
    });
    assert!(kept * 4 > all && kept * 4 < all * 3, "{kept} of {all}");
}

/// Runs commands of a page in a folder, as bash does; gives what they print.
fn shell(commands: &str, folder: &Path) -> String {
    let mut bash = Command::new("bash");
    let out = bash
        .args(["-euo", "pipefail", "-c", commands])
        .current_dir(folder)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{commands}\n{errors}");
    String::from_utf8_lossy(&out.stdout).into_owned()
}

/// The page's commands, as they stand there, in a copy of the repository. Only what the compiler is asked for is
/// another: of the copied crate that it is a member, and of the template, whose code it has, the module.
#[test]
fn the_commands_of_the_page_make_a_member_and_run_its_module() {
    let root = repo::root();
    let page = std::fs::read_to_string(root.join("docs/write-a-policy.md")).unwrap();
    let blocks: Vec<&str> = page
        .split("```sh\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    let instead = |block: &str, those: &[(&str, &str)]| {
        those.iter().fold(block.to_owned(), |text, (of, by)| {
            assert_eq!(text.matches(of).count(), 1, "{of}: {text}");
            text.replace(of, by)
        })
    };
    let copy = tempfile::tempdir().unwrap();
    let without = "--exclude=./target --exclude=.git --exclude=node_modules";
    let to = copy.path().display();
    shell(
        &format!("tar {without} -cf - . | tar -xf - -C '{to}'"),
        &root,
    );

    let members = "cargo metadata --no-deps --offline --format-version 1";
    let copying = instead(blocks[0], &[("cargo check -p my-policy", members)]);
    let metadata: Value = serde_json::from_str(&shell(&copying, copy.path())).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let policy = packages
        .iter()
        .find(|package| package["name"] == "my-policy");
    let targets = policy.expect("a member")["targets"].as_array().unwrap();
    assert!(targets.iter().any(|target| target["name"] == "my_policy"));
    let code = copy.path().join("plugins/my-policy/src/lib.rs");
    assert!(
        std::fs::read_to_string(code)
            .unwrap()
            .contains("name: \"my-policy\"")
    );

    let wasm = format!(
        "'{}' policy-template wasm",
        root.join("plugins/wasm").display()
    );
    let host = format!("'{}'", env!("CARGO_BIN_EXE_policy-host"));
    let running = instead(
        blocks[1],
        &[
            ("collector/build\n", ""),
            ("plugins/wasm my-policy wasm", &wasm),
            ("cargo run -p policy-host --", &host),
        ],
    );
    let printed = shell(&running, copy.path());
    let slow = printed.lines().filter(|line| line.contains("slow"));
    assert_eq!(
        slow.count(),
        slower_than_three_seconds(&captured()).len(),
        "{printed}"
    );
}
