//! Exporters deliver: every kind, scheme and protection, as the chart renders them from values as they are
//! documented, from a real collector to real receivers.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use collector_tests::{LIMIT, ids, planted, send, slow, start};
use harness::certificates;
use harness::child::Child;
use harness::otlp;
use harness::render::{LIMITS_ALONE, Options, Rendered};
use harness::repo;
use serde_json::{Map, Value, json};

/// What a receiver asks of a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    Nothing,
    Tls,
    /// TLS, and a certificate of the sender's.
    MutualTls,
}

/// An exporter of the values, and the receiver that it is pointed at.
#[derive(Debug)]
struct Case {
    /// `otlp` or `otlphttp`.
    kind: &'static str,
    name: String,
    /// Its values; the endpoint has `HOST` for host and port.
    values: Value,
    asks: Asks,
    delivers: bool,
}

/// Every scheme to every receiver, with what the receiver asks for and without.
fn matrix() -> Vec<Case> {
    let ca = json!({"name": "s", "ca": "ca.crt"});
    let pair = json!({"name": "s", "ca": "ca.crt", "cert": "tls.crt", "key": "tls.key"});
    let bare = |values: Value| ("HOST", values);
    let http = |values: Value| ("http://HOST", values);
    let https = |values: Value| ("https://HOST", values);
    let none = || json!({});
    let with = |secret: &Value| json!({"tlsSecret": secret});
    let (plain, tls, mutual) = (Asks::Nothing, Asks::Tls, Asks::MutualTls);
    let mut cases = Vec::new();
    for kind in ["otlp", "otlphttp"] {
        let mut of = vec![
            (http(none()), plain, true),
            (("HTTP://HOST", none()), plain, true),
            (("http://HOST/", none()), plain, true),
            (http(json!({"insecure": true})), plain, true),
            (http(none()), tls, false),
            (http(none()), mutual, false),
            (https(none()), plain, false),
            // The authority is not one that this machine knows.
            (https(none()), tls, false),
            (https(with(&ca)), plain, false),
            (https(with(&ca)), tls, true),
            (https(with(&pair)), tls, true),
            (https(json!({"insecureSkipVerify": true})), tls, true),
            (https(with(&ca)), mutual, false),
            (https(with(&pair)), mutual, true),
        ];
        // OTLP over HTTP without a scheme is refused by the chart.
        if kind == "otlp" {
            of.extend([
                (bare(none()), plain, false),
                (bare(json!({"insecure": true})), plain, true),
                (bare(json!({"insecure": true})), tls, false),
                (bare(with(&ca)), tls, true),
                (bare(json!({"insecureSkipVerify": true})), tls, true),
                (bare(with(&ca)), mutual, false),
                (bare(with(&pair)), mutual, true),
            ]);
        }
        cases.extend(
            of.into_iter()
                .map(|((endpoint, mut values), asks, delivers)| {
                    values["endpoint"] = json!(endpoint);
                    (kind, values, asks, delivers)
                }),
        );
    }
    cases
        .into_iter()
        .enumerate()
        .map(|(n, (kind, values, asks, delivers))| Case {
            kind,
            name: format!("case-{n}"),
            values,
            asks,
            delivers,
        })
        .collect()
}

/// Exporters of this text's `tracing.exporters`, each to a receiver that asks for what its values have.
fn documented(place: &str, text: &str, cases: &mut Vec<Case>) {
    let values: Value = serde_yaml::from_str(text).unwrap_or_default();
    for kind in ["otlp", "otlphttp"] {
        let all = values["tracing"]["exporters"][kind].as_object();
        for (name, exporter) in all.into_iter().flatten() {
            let mut values = exporter.clone();
            let endpoint = exporter["endpoint"].as_str().unwrap();
            let (scheme, _) = endpoint.split_once("://").unwrap_or(("", endpoint));
            let secret = &exporter["tlsSecret"];
            let asks = match scheme {
                "http" => Asks::Nothing,
                _ if !secret["cert"].is_null() => Asks::MutualTls,
                _ => Asks::Tls,
            };
            // A public authority's, which the test has not: of the receiver's own, as a Secret has it.
            if asks == Asks::Tls && secret.is_null() && exporter["insecureSkipVerify"] != true {
                values["tlsSecret"] = json!({"name": "s", "ca": "ca.crt"});
            }
            values["endpoint"] = json!(if scheme.is_empty() {
                "HOST".to_owned()
            } else {
                format!("{scheme}://HOST")
            });
            let n = cases.len();
            cases.push(Case {
                kind,
                name: format!("{place}-{name}-{n}"),
                values,
                asks,
                delivers: true,
            });
        }
    }
}

/// Those of README, docs/tracing.md, the values for CI and the comments of values.yaml.
fn every_documented() -> Vec<Case> {
    let mut cases = Vec::new();
    let read = |path: &str| fs::read_to_string(repo::root().join(path)).unwrap();
    for (place, path) in [("readme", "README.md"), ("docs", "docs/tracing.md")] {
        let text = read(path);
        for block in text.split("```yaml\n").skip(1) {
            documented(place, block.split("```").next().unwrap(), &mut cases);
        }
    }
    let mut files: Vec<_> = fs::read_dir(repo::root().join("chart/ci"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        documented("ci", &fs::read_to_string(file).unwrap(), &mut cases);
    }
    for (kind, name) in [("otlp", "jaeger"), ("otlphttp", "tempo")] {
        let text = read("chart/values.yaml");
        let (_, rest) = text.split_once(&format!("by name: `{name}: ")).unwrap();
        let example = rest.split('`').next().unwrap();
        let text = format!("tracing: {{exporters: {{{kind}: {{{name}: {example}}}}}}}");
        documented("values", &text, &mut cases);
    }
    cases
}

/// Where the case's receiver writes what it gets.
fn written(dir: &Path, case: &Case) -> std::path::PathBuf {
    dir.join(format!("{}.jsonl", case.name))
}

/// A receiver for each case, in one process; gives their ports.
fn receivers(dir: &Path, files: &Path, cases: &[Case]) -> (Child, Vec<u16>) {
    let [health] = repo::free_ports::<1>().unwrap();
    let ports: Vec<u16> = {
        let held: Vec<_> = cases
            .iter()
            .map(|_| std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap())
            .collect();
        held.iter()
            .map(|listener| listener.local_addr().unwrap().port())
            .collect()
    };
    let (mut receivers, mut exporters, mut pipelines) = (Map::new(), Map::new(), Map::new());
    for (case, port) in cases.iter().zip(&ports) {
        let name = &case.name;
        let mut protocol = json!({"endpoint": format!("127.0.0.1:{port}")});
        if case.asks != Asks::Nothing {
            protocol["tls"] = json!({
                "cert_file": files.join("server.crt"),
                "key_file": files.join("server.key"),
            });
        }
        if case.asks == Asks::MutualTls {
            protocol["tls"]["client_ca_file"] = json!(files.join("ca.crt"));
        }
        let protocol = match case.kind {
            "otlp" => json!({"grpc": protocol}),
            _ => json!({"http": protocol}),
        };
        receivers.insert(format!("otlp/{name}"), json!({"protocols": protocol}));
        exporters.insert(format!("file/{name}"), json!({"path": written(dir, case)}));
        pipelines.insert(
            format!("traces/{name}"),
            json!({"receivers": [format!("otlp/{name}")], "exporters": [format!("file/{name}")]}),
        );
    }
    let config = json!({
        "receivers": receivers,
        "exporters": exporters,
        "extensions": {"health_check": {"endpoint": format!("127.0.0.1:{health}")}},
        "service": {
            "extensions": ["health_check"],
            "telemetry": {"metrics": {"level": "none"}},
            "pipelines": pipelines,
        },
    });
    let path = dir.join("receivers.yaml");
    fs::write(&path, config.to_string()).unwrap();
    let mut command = Command::new(repo::collector().unwrap());
    command.arg("--config").arg(path);
    let mut child = Child::start("receivers", command, &dir.join("receivers.log")).unwrap();
    let healthy = format!("http://127.0.0.1:{health}/");
    child.wait_http(&healthy, LIMIT).unwrap();
    (child, ports)
}

/// The chart with every case's exporter; certificates are where the pod has its Secrets mounted, below
/// this folder.
fn rendered(dir: &Path, files: &Path, cases: &[Case], ports: &[u16]) -> Rendered {
    let mut exporters: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for (case, port) in cases.iter().zip(ports) {
        let mut values = case.values.clone();
        let endpoint = values["endpoint"].as_str().unwrap();
        values["endpoint"] = json!(endpoint.replace("HOST", &format!("127.0.0.1:{port}")));
        // Who asks for a token is in callers.rs.
        values.as_object_mut().unwrap().remove("headersFrom");
        let of = exporters.entry(case.kind).or_default();
        of.insert(case.name.clone(), values);
    }
    let path = dir.join("values.yaml");
    fs::write(
        &path,
        json!({"tracing": {"exporters": exporters}}).to_string(),
    )
    .unwrap();
    let set = [
        "metrics.mode=standalone",
        "tracing.policy.engine=wasm",
        "tracing.collector.image.repository=otelcol-vllm",
        "tracing.exporters.debug.enabled=false",
        "tracing.exporters.file.enabled=true",
        "tracing.sampling.decisionWait=1s",
    ];
    let options = Options {
        values: vec![path],
        set: set
            .into_iter()
            .chain(LIMITS_ALONE)
            .map(str::to_owned)
            .collect(),
        ..Options::default()
    };
    let text = Rendered::new(&options).unwrap().manifests;
    let mounted = "/etc/vllm-monitoring/exporters/";
    let secrets = dir.join("secrets");
    for found in text.split(mounted).skip(1) {
        let path: String = found
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "-./".contains(*c))
            .collect();
        let path = secrets.join(path);
        let from = match path.extension().and_then(|e| e.to_str()) {
            Some("key") => "client.key",
            Some("crt") if path.ends_with("tls.crt") => "client.crt",
            Some("crt") => "ca.crt",
            _ => continue, // where the pod mounts the folder
        };
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(files.join(from), path).unwrap();
    }
    Rendered::parse(text.replace(mounted, &format!("{}/", secrets.display()))).unwrap()
}

/// The ids of the traces that the case's receiver got.
fn got(dir: &Path, case: &Case) -> BTreeSet<String> {
    let text = fs::read_to_string(written(dir, case)).unwrap_or_default();
    // The last line may be half written.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    ids(&otlp::parse_lines(whole).unwrap())
}

#[test]
fn every_kind_scheme_and_protection_delivers_or_is_refused_by_the_receiver() {
    let files = tempfile::tempdir().unwrap();
    certificates::write(files.path(), &["127.0.0.1"]).unwrap();
    let mut cases = matrix();
    let documented = every_documented();
    assert!(documented.len() >= 9, "{documented:?}");
    cases.extend(documented);

    let dir = tempfile::tempdir().unwrap();
    let (mut receivers, ports) = receivers(dir.path(), files.path(), &cases);
    let rendered = rendered(dir.path(), files.path(), &cases, &ports);
    let mut collector = start(dir.path(), &rendered, &json!({}));
    let exports = planted(81, 50);
    send(&collector, &exports);
    let expected = slow(&exports);
    assert!(!expected.is_empty());
    let started = Instant::now();
    loop {
        let log = collector.child.log();
        let waiting: Vec<&Case> = cases
            .iter()
            .filter(|case| {
                if case.delivers {
                    return got(dir.path(), case) != expected;
                }
                // It was tried, and failed.
                let kind = if case.kind == "otlp" {
                    "otlp_grpc"
                } else {
                    "otlp_http"
                };
                let exporter = format!("\"{kind}/{}\"", case.name);
                !log.lines()
                    .any(|line| line.contains(&exporter) && line.contains("Exporting failed"))
            })
            .collect();
        if waiting.is_empty() {
            break;
        }
        collector.child.check().unwrap();
        receivers.check().unwrap();
        assert!(started.elapsed() < LIMIT, "{waiting:#?}\n{log}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    for case in cases.iter().filter(|case| !case.delivers) {
        assert!(got(dir.path(), case).is_empty(), "{case:?}");
    }
}
