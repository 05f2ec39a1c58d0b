//! Text stays text: whatever the values say is found again, literally, in what Kubernetes, Prometheus and the
//! collector read; or the schema refuses it.
//!
//! Every text of the schema gets a marker of its own, and the chart is rendered; then it is rendered with a
//! hostile text in all those places at once. Both must be the same tree, read as Go reads YAML, once the markers
//! are replaced. Where a format has a syntax of its own (`$` of the collector, of Kubernetes, of relabelling),
//! [`written`] says how the text is spelt there.

#![allow(clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use chart_tests::{chart, conform};
use harness::render::{Options, Rendered};
use harness::repo;
use regex::Regex;
use serde_json::{Map, Value, json};
use values_validator_core::{Findings, Node, Source, Value as Scalar, yaml};

/// Ordinary texts and hostile ones.
const TEXTS: [&str; 14] = [
    "Qwen3: prod",
    "a #b",
    "yes",
    "1e3",
    "null",
    "0123",
    "2026-01-01",
    "it's \"quoted\"",
    "two\nlines",
    "{{ .Release.Name }} {{ $x }}",
    "${env:HOME} $$ $HOME",
    "- {a: [*b, &c]}",
    "$(HOME) $$(HOME)",
    "back\\slash \u{e4}\u{1f600}",
];

/// Values under which every text of the schema is read by something; the first line is what each is for.
const BASES: [&str; 3] = [STANDALONE, OPERATOR, FOREIGN];

const STANDALONE: &str = r#"
metrics:
  mode: standalone
  scrape: {scheme: https, tls: {ca: {secretName: ca}, clientSecretName: client, serverName: vllm}, bearer: {secretName: token}}
models:
  - name: chat
    selectorExpressions: [{key: role, operator: In, values: [decode]}]
    deploy: {enabled: true, storage: {existingClaim: weights}, huggingFaceToken: {secretName: hf}}
    autoscaling: {enabled: true, maxReplicas: 2, triggers: [{type: cron, metadata: {a: b}}]}
prometheus:
  storage: {persistent: true}
  remoteWrite:
    - {url: "https://a/b", basic_auth: {username: a, password: {secretName: a, secretKey: b}}}
    - {url: "https://a/c", authorization: {credentials: {secretName: a, secretKey: b}}}
    - {url: "https://a/d", oauth2: {client_id: a, client_secret: {secretName: a, secretKey: b}, token_url: "https://a"}}
alertmanager: {storage: {persistent: true}}
grafana: {enabled: true, storage: {persistent: true}, datasources: [{name: a, type: loki}]}
jaeger: {enabled: true, storage: {type: badger, persistent: true}}
networkPolicies: {enabled: true}
tracing:
  policy: {engine: ottl}
  storage: {persistent: true}
  receiver: {tls: {secretName: otlp, clientCA: ca.crt}, bearerToken: {secretName: otlp-token}, client: {secretName: client}}
  k8sAttributes: {enabled: true, modelLabel: model}
  spanMetrics: {enabled: true}
  balancer: {enabled: true}
  collector: {replicas: 2}
  exporters:
    file: {enabled: true}
    otlphttp: {tempo: {endpoint: "https://tempo:4318", tlsSecret: {name: tls, ca: ca.crt}}}
rules: {additionalAlerts: [{alert: Mine, expr: "up == 0"}]}
"#;

const OPERATOR: &str = r#"
metrics:
  mode: operator
  scrape: {scheme: https, tls: {ca: {secretName: ca}, clientSecretName: client, serverName: vllm}, bearer: {secretName: token}}
  operator: {prometheusURL: "http://prometheus:9090"}
models: [{name: chat, namespaces: [inference], replicas: auto, workload: chat}]
"#;

const FOREIGN: &str = r#"
metrics: {mode: standalone, scrape: {enabled: false}, matchers: ['job="vllm"'], namePrefixes: ["vllm:", "ray_vllm:"]}
# Without an image of its own the test has its queries encoded for a URL.
helmTest: {image: {repository: registry.example/install-check}}
"#;

/// Texts that the chart takes for something of their own, by the beginning of their path, and why. They are passed
/// on as they are.
const OWN_SYNTAX: [(&str, &str); 6] = [
    (".rules.additionalAlerts[].expr", "PromQL, which must parse"),
    (
        ".rules.prefillPods",
        "a regular expression, which must parse",
    ),
    (
        ".extraObjects",
        "whole manifests, in which templates are filled in by Helm",
    ),
    (
        ".models[].deploy.storage.image",
        "one of four sources, each alone",
    ),
    (
        ".models[].deploy.storage.hostPath",
        "one of four sources, each alone",
    ),
    (
        ".tracing.redaction",
        "regular expressions, which must parse",
    ),
];

/// A text of the schema.
struct Place {
    path: String,
    schema: Value,
}

/// Every text of the schema that is no word of a list, and no part of a type of Kubernetes: those are passed on
/// whole, by `toYaml`.
fn places() -> Vec<Place> {
    let text = std::fs::read_to_string(chart().join("values.schema.json")).unwrap();
    let root: Value = serde_json::from_str(&text).unwrap();
    let mut found = Vec::new();
    walk(&root, &root, String::new(), &mut found);
    found.retain(|p: &Place| !OWN_SYNTAX.iter().any(|(path, _)| p.path.starts_with(path)));
    found
}

fn walk(root: &Value, schema: &Value, path: String, found: &mut Vec<Place>) {
    let mut schema = schema.clone();
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap().to_owned();
        if name.starts_with(char::is_uppercase) && name != "LabelSelectorRequirement" {
            return;
        }
        schema = root["$defs"][&name].clone();
    }
    let text = match &schema["type"] {
        Value::String(one) => one == "string",
        Value::Array(types) => types.iter().any(|t| t == "string"),
        _ => false,
    };
    if text && schema["enum"].is_null() && schema["const"].is_null() {
        found.push(Place {
            path: path.clone(),
            schema: schema.clone(),
        });
    }
    for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
        walk(root, inner, format!("{path}.{key}"), found);
    }
    if schema["items"].is_object() {
        walk(root, &schema["items"], format!("{path}[]"), found);
    }
    if schema["additionalProperties"].is_object() {
        walk(
            root,
            &schema["additionalProperties"],
            format!("{path}.*"),
            found,
        );
    }
}

impl Place {
    /// Whether the schema takes a text here.
    fn takes(&self, text: &str) -> bool {
        let fits = |pattern: &str| Regex::new(pattern).unwrap().is_match(text);
        let length = text.chars().count() as u64;
        self.schema["pattern"].as_str().is_none_or(fits)
            && self.schema["minLength"]
                .as_u64()
                .is_none_or(|least| length >= least)
            && self.schema["maxLength"]
                .as_u64()
                .is_none_or(|most| length <= most)
    }

    /// What is written before and behind a text, so that it is one for this place; none where no hostile text may
    /// stand: a duration, a quantity, a digest.
    fn around(&self) -> Option<(&'static str, &'static str)> {
        const AROUND: [(&str, &str); 6] = [
            ("", ""),
            ("http://", ""),
            ("/", ""),
            ("/kept/", ".jsonl"),
            ("http://a/{traceID}", ""),
            ("a=\"", "\""),
        ];
        AROUND
            .into_iter()
            .find(|(before, behind)| self.takes(&format!("{before}mk0x{behind}")))
    }
}

/// Values with a text put at a path; what is not there is made.
fn plant(values: &mut Value, path: &str, text: &str) {
    let mut at = values;
    let steps: Vec<&str> = path.split('.').skip(1).collect();
    for (i, step) in steps.iter().enumerate() {
        let items = step.matches("[]").count();
        let key = match step.trim_end_matches("[]") {
            "*" => "planted",
            key => key,
        };
        if !at.is_object() {
            *at = json!({});
        }
        let map = at.as_object_mut().unwrap();
        // A map of names has one already: what is in it is planted there.
        let key = if key == "planted" {
            map.keys().next().cloned().unwrap_or(key.into())
        } else {
            key.to_owned()
        };
        at = map.entry(key).or_insert(Value::Null);
        for _ in 0..items {
            if at.as_array().is_none_or(Vec::is_empty) {
                *at = json!([null]);
            }
            // Of several items the one that has what follows: some exclude each other.
            let next = steps.get(i + 1).map(|next| next.trim_end_matches("[]"));
            let items = at.as_array().unwrap();
            let item = next.and_then(|next| items.iter().position(|item| !item[next].is_null()));
            at = &mut at[item.unwrap_or(0)];
        }
    }
    *at = Value::String(text.to_owned());
}

/// YAML as Go reads it, of one document.
fn read(text: &str) -> Option<Value> {
    let mut findings = Findings::default();
    let map = yaml::read(&Source::new("rendered", text), 0, &mut findings)?;
    Some(Value::Object(
        map.iter().map(|(k, v)| (k.clone(), plain(v))).collect(),
    ))
}

fn plain(node: &Node) -> Value {
    match &node.value {
        Scalar::Null => Value::Null,
        Scalar::Bool(b) => json!(b),
        Scalar::Int(i) => json!(i),
        Scalar::Float(f) => json!(f),
        Scalar::Text(text) => json!(text),
        Scalar::List(items) => items.iter().map(plain).collect(),
        Scalar::Map(map) => Value::Object(map.iter().map(|(k, v)| (k.clone(), plain(v))).collect()),
    }
}

/// The objects of a render; texts in them that are YAML or JSON themselves are read, too.
fn objects(manifests: &str) -> Vec<Value> {
    let documents = manifests.split("\n---\n");
    let found = documents.filter_map(|text| {
        let mut object = read(text).unwrap_or_else(|| panic!("not YAML as Go reads it:\n{text}"));
        if object.as_object().is_none_or(Map::is_empty) {
            return None;
        }
        open(&mut object);
        Some(object)
    });
    found.collect()
}

fn open(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                if let (Some(text), true) = (
                    inner.as_str(),
                    key.ends_with(".yaml") || key.ends_with(".yml"),
                ) {
                    *inner = read(text)
                        .unwrap_or_else(|| panic!("{key} is not YAML as Go reads it:\n{text}"));
                } else if key.starts_with("checksum/") {
                    *inner = Value::Null;
                } else {
                    open(inner);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(open),
        Value::String(text) if text.starts_with('{') => {
            // The input of `helm test`, in an environment variable.
            if let Ok(inner) = serde_json::from_str(&text.replace("$$", "$")) {
                *value = inner;
            }
        }
        _ => {}
    }
}

/// How a text is spelt at a place of the render, by the path of its value and where it is found.
fn written(path: &str, at: &str, text: &str) -> String {
    let doubled = text.replace('$', "$$");
    let collector = at.contains("collector.yaml") || at.contains("balancer.yaml");
    let kubernetes = at.contains(".args[") || at.contains(".env[");
    let users = path.ends_with(".args[]") || path.contains("xtraEnv") || path.contains("nv[]");
    if at.ends_with(".expr")
        && path != ".rules.additionalAlerts[].expr"
        && !path.starts_with(".metrics.matchers")
    {
        // A string of PromQL.
        return serde_json::to_string(text)
            .unwrap()
            .trim_matches('"')
            .to_owned();
    }
    if collector || (kubernetes && !users) || at.contains("external_labels") {
        return doubled;
    }
    if at.ends_with("grafana.ini") && text.contains('#') {
        return format!("\"\"\"{text}\"\"\"");
    }
    if at.contains("datasources.yaml") && path.ends_with("prometheusURL") {
        return doubled;
    }
    text.to_owned()
}

/// The tree with each marker replaced by the text as it is spelt there; the places that were found.
fn expected(
    tree: &Value,
    at: &str,
    planted: &BTreeMap<usize, &str>,
    text: &str,
    seen: &mut BTreeSet<usize>,
) -> Value {
    let marker = Regex::new(r"mk([0-9]+)x").unwrap();
    match tree {
        Value::String(found) => {
            let put = marker.replace_all(found, |found: &regex::Captures| {
                let number = found[1].parse().unwrap();
                seen.insert(number);
                written(planted[&number], at, text)
            });
            json!(put)
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items
                .map(|(i, item)| expected(item, &format!("{at}[{i}]"), planted, text, seen))
                .collect()
        }
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(key, inner)| {
                    (
                        key.clone(),
                        expected(inner, &format!("{at}.{key}"), planted, text, seen),
                    )
                })
                .collect(),
        ),
        other => other.clone(),
    }
}

/// Where two trees differ first.
fn difference(a: &Value, b: &Value, at: &str) -> Option<String> {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            let keys: BTreeSet<_> = x.keys().chain(y.keys()).collect();
            keys.into_iter()
                .find_map(|k| difference(&a[k], &b[k], &format!("{at}.{k}")))
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => {
            (0..x.len()).find_map(|i| difference(&a[i], &b[i], &format!("{at}[{i}]")))
        }
        _ if a == b => None,
        _ => Some(format!("{at}\n  expected {a}\n  found    {b}")),
    }
}

fn rendered(values: &Value) -> Rendered {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("values.yaml");
    std::fs::write(&file, serde_json::to_string(values).unwrap()).unwrap();
    let options = Options {
        values: vec![file],
        ..Options::default()
    };
    Rendered::new(&options).unwrap()
}

/// Values of a base with every place planted that takes this text, and the same with markers.
fn planted<'a>(
    base: &'static str,
    places: &'a [Place],
    text: &str,
) -> (Value, Value, BTreeMap<usize, &'a str>) {
    let (foreign, whole) = (base == FOREIGN, base == STANDALONE);
    let base: Value = serde_yaml::from_str(base).unwrap();
    let (mut marked, mut hostile) = (base.clone(), base);
    let mut at = BTreeMap::new();
    for (i, place) in places.iter().enumerate() {
        let Some((before, behind)) = place.around() else {
            continue;
        };
        let put = format!("{before}{text}{behind}");
        let elsewhere = match place.path.as_str() {
            ".models[].name" => true, // the other test
            // What is deployed has a number for a port, and the release's namespace.
            ".models[].port" | ".models[].ports[]" | ".models[].namespaces[]" => whole,
            ".metrics.matchers[]" => !foreign,
            // What only standalone mode has, once.
            path if !whole
                && !path.starts_with(".metrics.")
                && !path.starts_with(".models[].p") =>
            {
                true
            }
            // Prometheus' own templates, which must parse.
            path if path.starts_with(".rules.") => text.contains("{{"),
            _ => false,
        };
        if place.takes(&put) && !elsewhere {
            plant(&mut marked, &place.path, &format!("{before}mk{i}x{behind}"));
            plant(&mut hostile, &place.path, &put);
            at.insert(i, place.path.as_str());
        }
    }
    (marked, hostile, at)
}

#[test]
fn every_text_of_the_values_is_found_again_literally() {
    let places = places();
    assert!(places.len() > 150, "{}", places.len());
    let mut seen = BTreeSet::new();
    let mut marks = BTreeMap::new();
    let mut failures: Vec<String> = Vec::new();
    // The two that broke most; the others are names of models in the next test.
    for text in TEXTS.into_iter().take(2) {
        for base in BASES {
            let (marked, hostile, at) = planted(base, &places, text);
            let key = (base, at.keys().copied().collect::<Vec<_>>());
            let marked = marks
                .entry(key)
                .or_insert_with(|| objects(&rendered(&marked).manifests));
            let render = rendered(&hostile);
            let found = objects(&render.manifests);
            assert_eq!(marked.len(), found.len(), "{text:?}");
            for (marked, found) in marked.iter().zip(&found) {
                let name = format!("{}/{}", marked["kind"], marked["metadata"]["name"]);
                let wanted = expected(marked, "", &at, text, &mut seen);
                if let Some(difference) = difference(&wanted, found, "") {
                    failures.push(format!("{text:?} in {name}: {difference}"));
                }
            }
            if let Err(error) = conform(&render.manifests, "v1.35.0") {
                failures.push(format!("{text:?}: {error:#}"));
            }
            if base != OPERATOR {
                failures.extend(by_their_readers(&render, text).err());
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert!(!seen.is_empty());
}

/// Prometheus and the collector take it, and the collector reads the text.
fn by_their_readers(render: &Rendered, text: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let run = |tool: &str, args: &[&str], content: &str| {
        let file = folder.path().join("file.yaml");
        std::fs::write(&file, content).unwrap();
        let program = if tool == "otelcol" {
            repo::collector()
        } else {
            repo::tool(tool)
        };
        let out = Command::new(program.unwrap())
            .args(args)
            .arg(&file)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        if !out.status.success() {
            return Err(format!("{text:?}: {tool} {args:?}: {said}"));
        }
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    };
    if let Ok(rules) = render.rules().unwrap() {
        run("promtool", &["check", "rules", "--lint=none"], &rules)?;
    }
    if let Ok(config) = render.prometheus().unwrap() {
        // What is passed on whole has a grammar of its own: a TLS version, an address.
        let mut config = read(&config).unwrap();
        let map = config.as_object_mut().unwrap();
        map.remove("remote_write");
        map.remove("alerting");
        run(
            "promtool",
            &["check", "config", "--syntax-only"],
            &config.to_string(),
        )?;
    }
    let config = render.collector().unwrap().unwrap();
    let read_back = run(
        "otelcol",
        &[
            "print-config",
            "--mode=unredacted",
            "--validate=false",
            "--config",
        ],
        &config,
    )?;
    let exporter = &read(&read_back).unwrap()["exporters"]["otlp_http/tempo"];
    if let Some(header) = exporter["headers"]
        .as_object()
        .and_then(|h| h.values().next())
        && header != text
    {
        return Err(format!("{text:?}: the collector reads {header}"));
    }
    Ok(())
}

#[test]
fn a_models_name_is_a_text_for_every_reader() {
    // One mode each: the rules are the same text in all of them.
    let others = ["operator", "google"].into_iter().cycle();
    for ((i, text), other) in TEXTS.into_iter().enumerate().zip(others) {
        {
            let deployed = i % 2 == 0;
            let mode = if deployed { "standalone" } else { other };
            let mut values =
                json!({"metrics": {"mode": mode}, "models": [{"name": text, "replicas": 3}]});
            if deployed {
                values["models"][0]["deploy"] = json!({"enabled": true});
            }
            let render = rendered(&values);
            conform(&render.manifests, "v1.35.0").unwrap();
            let all = objects(&render.manifests);
            let of = |kinds: &[&str]| {
                let found = all
                    .iter()
                    .find(|o| kinds.contains(&o["kind"].as_str().unwrap()));
                found.unwrap().clone()
            };
            let groups = match mode {
                "standalone" => all
                    .iter()
                    .find_map(|o| o["data"]["rules.yaml"]["groups"].as_array()),
                _ => all.iter().find_map(|o| o["spec"]["groups"].as_array()),
            };
            let rules = groups
                .unwrap()
                .iter()
                .flat_map(|g| g["rules"].as_array().unwrap());
            let up: Vec<_> = rules
                .filter(|r| r["record"] == "entry:vllm_replicas:up")
                .collect();
            assert_eq!(up[0]["labels"]["model"], text, "{mode}");
            let matcher = format!("model={}", serde_json::to_string(text).unwrap());
            assert!(
                up[0]["expr"].as_str().unwrap().contains(&matcher),
                "{mode}: {}",
                up[0]["expr"]
            );
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(
                file.path(),
                serde_json::to_string(&json!({"groups": groups.unwrap()})).unwrap(),
            )
            .unwrap();
            let out = Command::new(repo::tool("promtool").unwrap())
                .args(["check", "rules", "--lint=none"])
                .arg(file.path())
                .output()
                .unwrap();
            assert!(
                out.status.success(),
                "{text:?}: {}",
                String::from_utf8_lossy(&out.stderr)
            );
            let label = match mode {
                "standalone" => {
                    let config = all
                        .iter()
                        .find_map(|o| o["data"].get("prometheus.yml"))
                        .unwrap();
                    config["scrape_configs"][1]["relabel_configs"].clone()
                }
                "operator" => {
                    of(&["PodMonitor"])["spec"]["podMetricsEndpoints"][0]["relabelings"].clone()
                }
                _ => of(&["PodMonitoring"])["spec"]["endpoints"][0]["metricRelabeling"].clone(),
            };
            let key = if mode == "standalone" {
                "target_label"
            } else {
                "targetLabel"
            };
            let label = label
                .as_array()
                .unwrap()
                .iter()
                .find(|r| r[key] == "model")
                .unwrap()
                .clone();
            assert_eq!(label["replacement"], text.replace('$', "$$"), "{mode}");
            if deployed {
                let container =
                    of(&["Deployment"])["spec"]["template"]["spec"]["containers"][0].clone();
                let args = container["args"].as_array().unwrap();
                let spelt = text.replace('$', "$$");
                assert!(
                    args.contains(&json!(format!("--model={spelt}"))),
                    "{args:?}"
                );
                assert!(args.contains(&json!(spelt)), "{args:?}");
            }
        }
    }
}
