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
use std::sync::{LazyLock, Mutex};

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
  ingress: {enabled: true}
  httpRoute: {enabled: true, parentRefs: [{name: gateway}]}
alertmanager:
  replicas: 2
  storage: {persistent: true}
  serviceAccount: {create: true}
  ingress: {enabled: true}
  httpRoute: {enabled: true, parentRefs: [{name: gateway}]}
grafana:
  enabled: true
  storage: {persistent: true}
  datasources: [{name: a, type: loki}]
  serviceAccount: {create: true}
  ingress: {enabled: true}
  httpRoute: {enabled: true, parentRefs: [{name: gateway}]}
jaeger:
  enabled: true
  storage: {type: badger, persistent: true}
  serviceAccount: {create: true}
  ingress: {enabled: true}
  httpRoute: {enabled: true, parentRefs: [{name: gateway}]}
networkPolicies: {enabled: true}
probe: {enabled: true, serviceAccount: {create: true}}
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
    otlp: {grpc: {endpoint: "https://a:4317"}}
    otlphttp: {tempo: {endpoint: "https://tempo:4318", tlsSecret: {name: tls, ca: ca.crt}}}
rules: {additionalAlerts: [{alert: Mine, expr: "up == 0"}], alerts: {VllmPrefixCacheCollapse: {enabled: true}}, export: {engines: [prometheus]}}
"#;

const OPERATOR: &str = r#"
metrics:
  mode: operator
  scrape: {scheme: https, tls: {ca: {secretName: ca}, clientSecretName: client, serverName: vllm}, bearer: {secretName: token}}
  operator: {prometheusURL: "http://prometheus:9090"}
probe: {enabled: true}
models:
  - name: chat
    namespaces: [inference]
    replicas: auto
    workload: chat
    selectorExpressions: [{key: role, operator: In, values: [decode]}]
    autoscaling: {enabled: true, maxReplicas: 2, scaleTargetRef: {kind: StatefulSet}}
  - {name: by-service, namespaces: [other], monitor: ServiceMonitor, serviceSelector: {app: vllm}}
"#;

const FOREIGN: &str = r#"
metrics: {mode: standalone, scrape: {enabled: false}, matchers: ['job="vllm"'], namePrefixes: ["vllm:", "ray_vllm:"]}
# Without an image of its own the test has its queries encoded for a URL.
helmTest: {image: {repository: registry.example/install-check}}
"#;

/// Texts that the chart takes for something of their own, by the beginning of their path, and why. They are passed
/// on as they are.
const OWN_SYNTAX: [(&str, &str); 9] = [
    (
        ".tracing.policy.module",
        "names of an object and a hash, which the engine ottl does not read",
    ),
    (
        ".tracing.exporters.otlp.*.endpoint",
        "an address; the chart refuses what is none",
    ),
    (
        ".tracing.exporters.otlphttp.*.endpoint",
        "an address; the chart refuses what is none",
    ),
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
    /// What its key must match, in a map whose keys are free.
    keys: Option<Regex>,
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
            keys: None,
        });
    }
    for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
        walk(root, inner, format!("{path}.{key}"), found);
    }
    if schema["items"].is_object() {
        walk(root, &schema["items"], format!("{path}[]"), found);
    }
    if schema["additionalProperties"].is_object() {
        let inner = &schema["additionalProperties"];
        walk(root, inner, format!("{path}.*"), found);
    }
    for (keys, inner) in schema["patternProperties"]
        .as_object()
        .into_iter()
        .flatten()
    {
        let first = found.len();
        walk(root, inner, format!("{path}.*"), found);
        // The key of a text is a text, too: a label may be called `yes`.
        if let Some(place) = found
            .get_mut(first)
            .filter(|p| p.path == format!("{path}.*"))
        {
            place.keys = Regex::new(keys).ok();
        }
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

    /// Whether it is the name of an object, or a key of one's data.
    fn names_an_object(&self) -> bool {
        self.schema["maxLength"] == 253
            && !self.path.ends_with("osts[]")
            && !self.path.ends_with("hostnames[]")
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

/// Values with a text put at a path, under a key where a map's keys are free; what is not there is made.
fn plant(values: &mut Value, path: &str, key: Option<&str>, text: &str) {
    if let (Some(key), Some(map)) = (key, path.strip_suffix(".*")) {
        plant_value(values, map, json!({key: text}));
    } else {
        plant_value(values, path, json!(text));
    }
}

fn plant_value(values: &mut Value, path: &str, planted: Value) {
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
    match (at.as_object_mut(), planted) {
        (Some(map), Value::Object(more)) => map.extend(more),
        (_, planted) => *at = planted,
    }
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
fn objects(manifests: &str) -> Result<Vec<Value>, String> {
    let mut found = Vec::new();
    for text in manifests.split("\n---\n") {
        let mut object = read(text).ok_or_else(|| format!("not YAML as Go reads it:\n{text}"))?;
        if object.as_object().is_none_or(Map::is_empty) {
            continue;
        }
        open(&mut object)?;
        found.push(object);
    }
    Ok(found)
}

fn open(value: &mut Value) -> Result<(), String> {
    match value {
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                if let (Some(text), true) = (
                    inner.as_str(),
                    key.ends_with(".yaml") || key.ends_with(".yml"),
                ) {
                    *inner = read(text)
                        .ok_or_else(|| format!("{key} is not YAML as Go reads it:\n{text}"))?;
                } else if key.starts_with("checksum/") {
                    *inner = Value::Null;
                } else {
                    open(inner)?;
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                open(item)?;
            }
        }
        Value::String(text) if text.starts_with('{') => {
            // The input of `helm test`, in an environment variable.
            if let Ok(inner) = serde_json::from_str(&text.replace("$$", "$")) {
                *value = inner;
            }
        }
        _ => {}
    }
    Ok(())
}

/// As between the quotes of a string of Go, without them.
fn quoted(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap();
    quoted[1..quoted.len() - 1].to_owned()
}

/// How a text is spelt at a place of the render, by the path of its value and where it is found.
fn written(path: &str, at: &str, text: &str) -> String {
    let doubled = text.replace('$', "$$");
    let collector = at.contains("collector.yaml") || at.contains("balancer.yaml");
    let kubernetes = at.contains(".args[") || (at.contains(".env[") && at.ends_with(".value"));
    let users = path.ends_with("rgs[]") || path.contains("xtraEnv") || path.contains("nv[]");
    if at.ends_with(".expr")
        && path != ".rules.additionalAlerts[].expr"
        && !path.starts_with(".metrics.matchers")
    {
        // A string of PromQL.
        return quoted(text);
    }
    if at.contains("trace_statements") {
        // A string of OTTL.
        return quoted(&doubled);
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
    static MARKER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"mk([0-9]+)x").unwrap());
    match tree {
        Value::String(found) => {
            let put = MARKER.replace_all(found, |found: &regex::Captures| {
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
                    let put = match MARKER.find(key) {
                        Some(found) => key.replace(found.as_str(), text),
                        None => key.clone(),
                    };
                    let at = format!("{at}.{key}");
                    (put, expected(inner, &at, planted, text, seen))
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
        // A list of namespaces is sorted, and a name is sorted elsewhere than its marker.
        (Value::Array(x), Value::Array(y)) if at.ends_with(".values") => {
            let set = |list: &[Value]| list.iter().map(Value::to_string).collect::<BTreeSet<_>>();
            (set(x) != set(y)).then(|| format!("{at}\n  expected {a}\n  found    {b}"))
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => {
            (0..x.len()).find_map(|i| difference(&a[i], &b[i], &format!("{at}[{i}]")))
        }
        _ if a == b => None,
        _ => Some(format!("{at}\n  expected {a}\n  found    {b}")),
    }
}

fn rendered(values: &Value) -> Result<Rendered, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("values.yaml");
    std::fs::write(&file, serde_json::to_string(values).unwrap()).unwrap();
    let options = Options {
        values: vec![file],
        ..Options::default()
    };
    Rendered::new(&options).map_err(|error| format!("{error:#}"))
}

/// The marker of names of objects. They share one, as they share the text: a Secret that is named twice is mounted
/// once.
const NAMES: usize = 0;

/// Values of a base with every place planted that takes this text, and the same with markers; the places.
fn planted<'a>(
    base: &str,
    turn: usize,
    places: &'a [Place],
    text: &str,
) -> (Value, Value, BTreeMap<usize, &'a str>) {
    let (foreign, whole) = (base == FOREIGN, base == STANDALONE);
    let values = base_of(base, turn);
    let (mut marked, mut hostile) = (values.clone(), values);
    let mut at = BTreeMap::from([(NAMES, "a name")]);
    for (i, place) in (1..).zip(places) {
        let Some((before, behind)) = place.around() else {
            continue;
        };
        let put = format!("{before}{text}{behind}");
        let elsewhere = match place.path.as_str() {
            ".models[].name" => true, // the other test
            // What is deployed has a number for a port, and the release's namespace.
            ".models[].port"
            | ".models[].ports[]"
            | ".models[].probe.port"
            | ".models[].namespaces[]" => whole || foreign,
            ".metrics.matchers[]" => !foreign,
            ".models[].serviceSelector.*" => whole || foreign || hostile["models"][1].is_null(),
            // What only standalone mode has, once.
            path if !whole
                && (foreign || !path.starts_with(".models[]"))
                && !path.starts_with(".metrics.") =>
            {
                true
            }
            path if !whole && path.starts_with(".models[].deploy.") => true,
            // Prometheus' own templates, which must parse.
            path if path.starts_with(".rules.") => text.contains("{{"),
            _ => false,
        };
        // What takes another's place is planted in some turns only.
        let elsewhere = elsewhere
            || match place.path.as_str() {
                ".global.imageRegistry" | ".rules.dashboardUrl" => turn % 2 == 1,
                ".models[].ports[]" | ".tracing.collector.image.repository" => turn / 4 % 2 == 1,
                _ => false,
            };
        if place.takes(&put) && !elsewhere {
            let marker = if place.names_an_object() { NAMES } else { i };
            let mark = format!("mk{marker}x");
            let fits = place.keys.as_ref().filter(|keys| keys.is_match(text));
            let (key, marked_key) = fits.map_or(("planted", "planted"), |_| (text, &mark));
            let key = place.keys.as_ref().map(|_| key);
            plant(
                &mut marked,
                &place.path,
                key.map(|_| marked_key),
                &format!("{before}{mark}{behind}"),
            );
            plant(&mut hostile, &place.path, key, &put);
            at.insert(i, place.path.as_str());
        }
    }
    (marked, hostile, at)
}

/// The base of a text in a mode with an operator: each of them in turn, so that all read all kinds of text.
fn base_of(base: &str, turn: usize) -> Value {
    let mut values: Value = serde_yaml::from_str(base).unwrap();
    if base == OPERATOR {
        let modes = ["operator", "victoriametrics", "azure", "google"];
        let mode = modes[turn % modes.len()];
        values["metrics"]["mode"] = json!(mode);
        if mode == "google" {
            // It knows no monitor of a Service.
            values["models"].as_array_mut().unwrap().truncate(1);
            values["probe"] = json!({});
        }
    }
    values
}

#[test]
fn every_text_of_the_values_is_found_again_literally() {
    let places = places();
    assert!(places.len() > 150, "{}", places.len());
    // What several threads find.
    let seen = Mutex::new(BTreeSet::new());
    let put = Mutex::new(BTreeSet::new());
    let failures: Mutex<Vec<String>> = Mutex::new(Vec::new());
    // Renders with markers, by base and places: texts that fit in the same places share them.
    let marks: Mutex<BTreeMap<_, Vec<Value>>> = Mutex::new(BTreeMap::new());
    let one = |turn: usize, text: &str, base: &'static str| -> Result<(), String> {
        let (marked, hostile, at) = planted(base, turn, &places, text);
        let key = marked.to_string();
        let known = marks.lock().unwrap().get(&key).cloned();
        let marked = if let Some(known) = known {
            known
        } else {
            let render = rendered(&marked)?;
            conform(&render.manifests, "v1.35.0").map_err(|error| format!("{error:#}"))?;
            let objects = objects(&render.manifests)?;
            marks.lock().unwrap().insert(key, objects.clone());
            objects
        };
        put.lock().unwrap().extend(at.keys().copied());
        let render = rendered(&hostile)?;
        let found = objects(&render.manifests)?;
        if marked.len() != found.len() {
            return Err(format!("{} objects, not {}", found.len(), marked.len()));
        }
        let mut differences = Vec::new();
        for (marked, found) in marked.iter().zip(&found) {
            let name = format!("{}/{}", marked["kind"], marked["metadata"]["name"]);
            let wanted = expected(marked, "", &at, text, &mut seen.lock().unwrap());
            if let Some(difference) = difference(&wanted, found, "") {
                differences.push(format!("in {name}: {difference}"));
            }
        }
        if base != OPERATOR {
            differences.extend(by_their_readers(&render, text).err());
        }
        if differences.is_empty() {
            Ok(())
        } else {
            Err(differences.join("\n"))
        }
    };
    let todo: Vec<_> = TEXTS.into_iter().enumerate().collect();
    std::thread::scope(|threads| {
        for half in todo.chunks(TEXTS.len().div_ceil(2)) {
            let (one, failures) = (&one, &failures);
            threads.spawn(move || {
                for (turn, text) in half {
                    for base in BASES {
                        if let Err(error) = one(*turn, text, base) {
                            let failure = format!("{text:?} {error}");
                            failures.lock().unwrap().push(failure);
                        }
                    }
                }
            });
        }
    });
    let (put, seen) = (put.into_inner().unwrap(), seen.into_inner().unwrap());
    let mut failures = failures.into_inner().unwrap();
    for (i, place) in (1..).zip(&places) {
        let path = &place.path;
        if !put.contains(&i) && place.around().is_some() && path != ".models[].name" {
            failures.push(format!("{path} took no text: {}", place.schema));
        } else if put.contains(&i) && !seen.contains(&i) && !place.names_an_object() {
            failures.push(format!("{path} is found in no object"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// Prometheus and the collector take it, and the collector reads the text.
fn by_their_readers(render: &Rendered, text: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let run = |tool: &str, args: &[&str], content: &str| {
        let file = folder.path().join("file.yaml");
        std::fs::write(&file, content).unwrap();
        let mut program = if tool == "otelcol" {
            Command::new(repo::collector().unwrap())
        } else {
            repo::command(tool).unwrap()
        };
        let out = program.args(args).arg(&file).output().unwrap();
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
            let render = rendered(&values).unwrap();
            conform(&render.manifests, "v1.35.0").unwrap();
            let all = objects(&render.manifests).unwrap();
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
            let out = repo::command("promtool")
                .unwrap()
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
