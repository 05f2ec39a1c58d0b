//! Real values with one field changed at random: where the validator says nothing, helm renders them, and
//! the programs that read what is rendered take it: promtool, amtool, the collector and kubeconform.
//!
//! `VALUES_MUTATIONS` is how many (default 40, so that a run takes seconds; 2,000 before a release);
//! `VALUES_SEED` where they begin (default 1: a commit that passes does so every day). A failure names both.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fastrand::Rng;
use harness::render::{Options, Rendered};
use harness::repo;
use serde_yaml::{Mapping, Value};
use values_validator_core::{Input, Severity, Source, check};

/// What people write by mistake, and what is written on purpose.
const TEXTS: &[&str] = &[
    "",
    "a",
    "A b",
    "a: b",
    "a #b",
    "yes",
    "null",
    "0",
    "0s",
    "30s",
    "5m",
    "99999999999h",
    "1.5",
    "-1",
    "10Gi",
    "10GB",
    "http://a.b:4317",
    "http://a:99999",
    "host:80",
    "/a/b",
    "*a*",
    "(?!a)",
    "a(",
    "[x",
    "{{ $labels.pod }}",
    "{{ .Values.x }}",
    "{{ $x | nope }}",
    "$(NAME)",
    "\u{e9}",
    " a",
    "a\nb",
    "'",
    "\"",
    "\\",
    "%",
    "@",
    "-",
    "true",
    "!x",
    ">50",
    "|",
];

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

/// The values that the project ships.
fn real() -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for folder in ["chart/ci", "examples", "chart"] {
        for file in fs::read_dir(repo::root().join(folder)).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let values = folder != "chart" || name.starts_with("values-");
            if name.ends_with(".yaml") && values {
                let text = fs::read_to_string(&path).unwrap();
                if let Ok(value @ Value::Mapping(_)) = serde_yaml::from_str(&text) {
                    all.push((name, value));
                }
            }
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(all.len() >= 10, "{} files", all.len());
    all
}

/// Every value below, as a path of keys and indices.
fn paths(value: &Value, at: &[usize], out: &mut Vec<Vec<usize>>) {
    let children: Vec<&Value> = match value {
        Value::Mapping(map) => map.values().collect(),
        Value::Sequence(items) => items.iter().collect(),
        _ => Vec::new(),
    };
    for (index, child) in children.into_iter().enumerate() {
        let path = [at, &[index]].concat();
        paths(child, &path, out);
        out.push(path);
    }
}

fn below<'a>(value: &'a mut Value, path: &[usize]) -> &'a mut Value {
    path.iter().fold(value, |value, index| match value {
        Value::Mapping(map) => map.values_mut().nth(*index).unwrap(),
        Value::Sequence(items) => &mut items[*index],
        _ => unreachable!("a path leads through maps and lists"),
    })
}

/// One field changed.
fn mutated(rng: &mut Rng, value: &Value) -> Value {
    let mut value = value.clone();
    let mut all = Vec::new();
    paths(&value, &[], &mut all);
    let path = &all[rng.usize(..all.len())];
    let field = below(&mut value, path);
    *field = match (rng.u8(..10), &*field) {
        (0, _) => Value::Null,
        (1, _) => Value::Sequence(Vec::new()),
        (2, _) => Value::Mapping(Mapping::new()),
        (3, Value::Bool(on)) => Value::Bool(!on),
        (4, Value::Number(_)) => Value::from(rng.i64(-2..5000)),
        (5, _) => Value::from(rng.i64(-1..100)),
        (6, _) => Value::Bool(rng.bool()),
        (7, Value::Sequence(items)) if !items.is_empty() => {
            let mut items = items.clone();
            items.push(items[0].clone());
            Value::Sequence(items)
        }
        (8, Value::String(text)) => {
            let at = rng.usize(..=text.chars().count());
            let odd = ["x", " ", ":", "/", "(", "*", "A", "."][rng.usize(..8)];
            let mut chars: Vec<String> = text.chars().map(String::from).collect();
            chars.insert(at, odd.into());
            Value::String(chars.concat())
        }
        _ => Value::String(TEXTS[rng.usize(..TEXTS.len())].into()),
    };
    value
}

/// Texts of one kind that are rendered, each once: most mutations leave most files as they are.
#[derive(Default)]
struct Files {
    texts: BTreeMap<String, PathBuf>,
}

impl Files {
    fn add(&mut self, text: &str, path: PathBuf) {
        if !self.texts.contains_key(text) {
            fs::write(&path, text).unwrap();
            self.texts.insert(text.to_owned(), path);
        }
    }

    fn paths(&self) -> Vec<PathBuf> {
        self.texts.values().cloned().collect()
    }
}

/// A collector's configuration with the folders of its volume and the files that the pod mounts, which `validate`
/// reads. The settings are those of the same values.
fn with_files(text: &str, rendered: &Rendered, dir: &Path, number: u64) -> String {
    for folder in ["queue", "kept", "settings"] {
        fs::create_dir_all(dir.join(folder)).unwrap();
    }
    let settings = dir.join(format!("settings/{number}.json"));
    if let Some((_, text)) = rendered.config_maps_with("settings.json").first() {
        fs::write(&settings, text).unwrap();
    }
    let module = repo::root().join("chart/files/sampling-policy.wasm.gz");
    text.replace("/var/lib/otelcol", &dir.display().to_string())
        .replace(
            "/etc/vllm-monitoring/policy/sampling-policy.wasm.gz",
            &module.display().to_string(),
        )
        .replace(
            "/etc/vllm-monitoring/settings/settings.json",
            &settings.display().to_string(),
        )
}

/// What the collector says against its configurations; it takes one at a time.
fn collector_complaints(files: &[PathBuf]) -> Vec<String> {
    let collector = repo::collector().unwrap();
    files
        .iter()
        .filter_map(|file| {
            let out = Command::new(&collector)
                .arg("validate")
                .arg("--config")
                .arg(file)
                // What the pod has from the downward API and from Secrets.
                .envs(
                    ["POD_IP", "POD_NAME", "NAMESPACE", "NODE_NAME"].map(|name| (name, "10.0.0.1")),
                )
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&out.stderr).into_owned();
            (!out.status.success()).then(|| format!("otelcol: {}: {said}", file.display()))
        })
        .collect()
}

/// Lines of promtool's or amtool's that say what is wrong.
fn complaints(tool: &str, arguments: &[&str], files: &[PathBuf]) -> Vec<String> {
    if files.is_empty() {
        return Vec::new();
    }
    let out = repo::command(tool)
        .unwrap()
        .args(arguments)
        .args(files)
        .output()
        .unwrap();
    if out.status.success() {
        return Vec::new();
    }
    let said = [out.stdout, out.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    said.concat()
        .lines()
        .filter(|line| {
            !line.trim().is_empty() && !line.contains("SUCCESS") && !line.starts_with("Checking")
        })
        .map(|line| format!("{tool}: {line}"))
        .collect()
}

#[test]
fn what_the_validator_says_nothing_about_is_taken_by_every_program_that_reads_it() {
    let count = number("VALUES_MUTATIONS", 40);
    let seed = number("VALUES_SEED", 1);
    let mut rng = Rng::with_seed(seed);
    let real = real();
    let dir = tempfile::tempdir().unwrap();
    let (mut silent, mut wrong, mut manifests) = (0, Vec::new(), String::new());
    let [mut rules, mut configs, mut alertmanagers, mut collectors] =
        [(); 4].map(|()| Files::default());
    for number in 0..count {
        let (name, value) = &real[rng.usize(..real.len())];
        let text = serde_yaml::to_string(&mutated(&mut rng, value)).unwrap();
        let report = check(&Input {
            sources: vec![Source::new("values.yaml", text.as_str())],
            sets: Vec::new(),
        });
        if report.findings.iter().any(|f| f.severity != Severity::Info) {
            continue;
        }
        silent += 1;
        let file = dir.path().join(format!("{number}-{name}"));
        fs::write(&file, &text).unwrap();
        match rendered(&file) {
            Err(error) => wrong.push(format!("helm: {error}\n{text}")),
            Ok(rendered) => {
                manifests.push_str(&rendered.manifests);
                manifests.push_str("\n---\n");
                // A render may have none of them.
                let file = |kind: &str| dir.path().join(format!("{number}-{kind}.yaml"));
                if let Ok(Ok(text)) = rendered.rules() {
                    rules.add(&text, file("rules"));
                }
                if let Ok(Ok(text)) = rendered.prometheus() {
                    configs.add(&text, file("prometheus"));
                }
                if let Ok(Ok(text)) = rendered.collector() {
                    collectors.add(
                        &with_files(&text, &rendered, dir.path(), number),
                        file("collector"),
                    );
                }
                for secret in rendered.of_kind("Secret") {
                    if let Some(text) = secret["stringData"]["alertmanager.yml"].as_str() {
                        alertmanagers.add(text, file("alertmanager"));
                    }
                }
            }
        }
    }
    let [rules, configs, alertmanagers, collectors] =
        [rules, configs, alertmanagers, collectors].map(|files| files.paths());
    if let Err(error) = chart_tests::conform(&manifests, "v1.34.0") {
        wrong.push(format!("{error:#}"));
    }
    wrong.extend(complaints("amtool", &["check-config"], &alertmanagers));
    wrong.extend(collector_complaints(&collectors));
    wrong.extend(complaints(
        "promtool",
        &["check", "rules", "--lint=none"],
        &rules,
    ));
    wrong.extend(complaints(
        "promtool",
        &["check", "config", "--syntax-only"],
        &configs,
    ));
    println!(
        "seed {seed}: {count} mutations, {silent} without a finding; files: {} of rules, {} of Prometheus, {} of Alertmanager, {} of collectors",
        rules.len(),
        configs.len(),
        alertmanagers.len(),
        collectors.len()
    );
    assert!(silent > 0);
    if let Some(keep) = std::env::var_os("VALUES_KEEP").filter(|_| !wrong.is_empty()) {
        fs::create_dir_all(&keep).unwrap();
        for file in [&rules, &configs, &alertmanagers, &collectors]
            .into_iter()
            .flatten()
        {
            fs::copy(file, Path::new(&keep).join(file.file_name().unwrap())).unwrap();
        }
    }
    assert!(
        wrong.is_empty(),
        "VALUES_SEED={seed} VALUES_MUTATIONS={count}: {} of {silent}:\n{}",
        wrong.len(),
        wrong.join("\n---\n")
    );
}

fn rendered(values: &Path) -> anyhow::Result<Rendered> {
    Rendered::new(&Options {
        values: vec![values.to_owned()],
        kube_version: Some("1.34".into()),
        ..Options::default()
    })
}
