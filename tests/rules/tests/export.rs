//! `rules.export`: the rules as files for engines elsewhere, and groups in parts that do not need one another.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::{BTreeMap, BTreeSet};

use fleet::model::{Scenario, Traffic};
use harness::render::{Options, Rendered};
use harness::repo;
use rules_tests::cases::OWN;
use rules_tests::simulated::{STEP, scraped};
use rules_tests::{all, expr, promtool};
use serde_yaml::{Mapping, Value};

const ENGINES: [&str; 4] = ["prometheus", "thanos", "vmalert", "mimir"];

/// Groups that Mimir takes of a tenant by default.
const GROUPS_OF_A_TENANT: usize = 70;

/// Enough entries that their rules are in several parts.
const ENTRIES: usize = 17;

fn rendered(set: &[String]) -> anyhow::Result<Rendered> {
    let mut set = set.to_vec();
    set.push("metrics.mode=standalone".to_owned());
    Rendered::new(&Options {
        set,
        ..Options::default()
    })
}

/// The file that the engine gets.
fn file(engine: &str, more: &[String]) -> Value {
    let mut set = more.to_vec();
    set.push(format!("rules.export.engines={{{engine}}}"));
    let key = format!("{engine}-rules.yaml");
    let rendered = rendered(&set).unwrap();
    let maps = rendered.config_maps_with(&key);
    let [(name, text)] = maps.as_slice() else {
        unreachable!("{engine}: {} ConfigMaps with {key}", maps.len())
    };
    assert_eq!(*name, format!("vllm-monitoring-rules-{engine}"));
    serde_yaml::from_str(text).unwrap()
}

/// Entries of every shape: with a workload's number of replicas, with one of their own, without any. Twenty
/// rules end within an entry.
fn entries() -> Vec<String> {
    let entry = |i: usize| {
        let at = format!("models[{i}]");
        let mut set = vec![
            format!("{at}.name=m{i}"),
            format!("{at}.selector.app=m{i}"),
            format!("{at}.namespaces={{inference}}"),
        ];
        match i % 4 {
            2 => set.push(format!("{at}.replicas=2")),
            0 | 1 => set.extend([format!("{at}.replicas=auto"), format!("{at}.workload=m{i}")]),
            _ => {}
        }
        set
    };
    (0..ENTRIES).flat_map(entry).collect()
}

fn groups(file: &Value) -> &Vec<Value> {
    file["groups"].as_sequence().unwrap()
}

/// `…/entries-3` is a part of `…/entries`.
fn whole(part: &str) -> &str {
    match part.rsplit_once('-') {
        Some((name, number)) if number.parse::<usize>().is_ok() => name,
        _ => part,
    }
}

/// What each rule is called.
fn named(file: &Value) -> Vec<(&Value, &Value)> {
    let rules = all(file).into_iter();
    rules
        .map(|rule| (&rule["record"], &rule["alert"]))
        .collect()
}

/// Rules with a function that vmalert does not know; for one of them it refuses the whole file.
fn native(file: &Value) -> usize {
    let unknown = ["histogram_count(", "histogram_sum(", "histogram_fraction("];
    let rules = all(file).into_iter();
    let texts = rules.filter_map(|rule| rule["expr"].as_str());
    texts
        .filter(|text| unknown.iter().any(|name| text.contains(name)))
        .count()
}

#[test]
fn vmalert_knows_the_functions_of_the_rules_of_its_operator() {
    let rules = |mode: &str, kind: &str| {
        let rendered = Rendered::new(&Options {
            set: vec![format!("metrics.mode={mode}")],
            ..Options::default()
        })
        .unwrap();
        rendered.of_kind(kind).next().unwrap()["spec"].clone()
    };
    let of_operator = rules("operator", "PrometheusRule");
    let of_victoria = rules("victoriametrics", "VMRule");
    assert!(native(&of_operator) > 10);
    assert_eq!(native(&of_victoria), 0);
    assert_eq!(named(&of_victoria), named(&of_operator));
}

#[test]
fn both_operators_of_a_cluster_take_the_rules_unless_series_may_be_native_histograms() {
    let prometheus = "monitoring.coreos.com/v1";
    let victoria = "operator.victoriametrics.com/v1beta1";
    let rules = |apis: &[&str], set: &[&str]| {
        let rendered = Rendered::new(&Options {
            api_versions: apis.iter().map(|api| (*api).to_owned()).collect(),
            set: set.iter().map(|value| (*value).to_owned()).collect(),
            ..Options::default()
        })
        .unwrap();
        assert_eq!(rendered.of_kind("VMRule").count(), 0, "{apis:?}");
        rendered.of_kind("PrometheusRule").next().unwrap()["spec"].clone()
    };
    let alone = rules(&[prometheus], &[]);
    assert!(native(&alone) > 10);
    for apis in [
        [prometheus, victoria],
        [victoria, prometheus],
        [
            "monitoring.coreos.com/v1/PodMonitor",
            "operator.victoriametrics.com/v1beta1/VMPodScrape",
        ],
    ] {
        let both = rules(&apis, &[]);
        assert_eq!(native(&both), 0, "{apis:?}");
        assert_eq!(named(&both), named(&alone), "{apis:?}");
        // Named, as `helm template` needs it, `operator` is the same.
        assert_eq!(rules(&apis, &["metrics.mode=operator"]), both);
    }
    // Here a Prometheus may convert what it scrapes, or did.
    for values in [
        ["metrics.operator.version=0.81.0"].as_slice(),
        &[
            "metrics.scrape.enabled=false",
            "metrics.matchers[0]=job=\"vllm\"",
        ],
    ] {
        let both = rules(&[prometheus, victoria], values);
        assert!(native(&both) > 10, "{values:?}");
    }
}

#[test]
fn each_engine_gets_the_rules_of_the_release_within_its_limits() {
    let own: Value = {
        let rendered = rendered(&entries()).unwrap();
        serde_yaml::from_str(&rendered.rules().unwrap().unwrap()).unwrap()
    };
    let dir = tempfile::tempdir().unwrap();
    for engine in ENGINES {
        let mut exported = file(engine, &entries());
        if engine == "mimir" {
            let fields = exported.as_mapping_mut().unwrap();
            let namespace = fields.remove("namespace").unwrap();
            assert_eq!(namespace, "monitoring-vllm-monitoring");
            assert!(groups(&exported).len() <= GROUPS_OF_A_TENANT);
        }
        for group in groups(&exported) {
            let size = group["rules"].as_sequence().unwrap().len();
            assert!((1..=20).contains(&size), "{engine}: {group:?}");
        }
        if engine == "vmalert" {
            assert_eq!(named(&exported), named(&own));
            assert_eq!(native(&exported), 0);
        } else {
            assert!(exported == own, "{engine}: not the release's own rules");
        }
        let path = dir.path().join(engine);
        std::fs::write(&path, serde_yaml::to_string(&exported).unwrap()).unwrap();
        let out = repo::command("promtool")
            .unwrap()
            .args(["check", "rules", "--lint=all", "--lint-fatal"])
            .arg(path)
            .output()
            .unwrap();
        assert!(out.status.success(), "{engine}: {out:?}");
    }
}

#[test]
fn the_file_alone_is_what_the_config_map_contains() {
    for engine in ENGINES {
        let out = repo::command("helm")
            .unwrap()
            .args(["template", "vllm-monitoring"])
            .arg(repo::root().join("chart"))
            .args(["--namespace=monitoring", "--set=metrics.mode=standalone"])
            .arg(format!("--set=rules.export.engines={{{engine}}}"))
            .args([
                "--set=rules.export.format=file",
                "--set=rules.enabled=false",
            ])
            .arg("--show-only=templates/rules/export.yaml")
            .output()
            .unwrap();
        let alone: Value = serde_yaml::from_slice(&out.stdout).unwrap();
        let same = file(engine, &["rules.enabled=false".to_owned()]);
        assert!(alone == same, "{engine}: not the ConfigMap's text");
    }
    for engines in [
        vec![],
        vec!["rules.export.engines={thanos,mimir}".to_owned()],
    ] {
        let mut set = engines.clone();
        set.push("rules.export.format=file".to_owned());
        let said = rendered(&set).unwrap_err().to_string();
        assert!(
            said.contains("which writes the file of one engine"),
            "{engines:?}: {said}"
        );
    }
}

#[test]
fn a_cluster_of_which_nothing_arrives_has_no_replica() {
    let set = ["rules.export.clusters={a,b}".to_owned()];
    let exported = file("prometheus", &set);
    // The cluster's own rules know no other one.
    let own: Value = {
        let rendered = rendered(&set).unwrap();
        serde_yaml::from_str(&rendered.rules().unwrap().unwrap()).unwrap()
    };
    let up = |rules: &Value| {
        let rules = all(rules).into_iter();
        let mut up = rules.filter(|rule| rule["record"] == "entry:vllm_replicas:up");
        up.next().unwrap()["expr"].as_str().unwrap().to_owned()
    };
    assert!(up(&own).ends_with("or on () vector(0)"), "{}", up(&own));
    let series = |cluster: &str| {
        format!(
            r#"{{series: 'up{{vllm_monitoring="monitoring/vllm-monitoring", model="any", cluster="{cluster}", namespace="n", pod="p"}}', values: "1x20"}}"#
        )
    };
    let alert = |time: &str, labels: &str| {
        format!(
            "{{eval_time: {time}, expr: 'sum by (cluster) (ALERTS{{alertname=\"VllmFleetDown\", alertstate=\"firing\"}})', exp_samples: [{labels}]}}"
        )
    };
    let suite = format!(
        "rule_files: [rules.yaml]\nevaluation_interval: 30s\ntests:\n- interval: 1m\n  input_series: [{}]\n  promql_expr_test: [{}, {}]\n",
        series("a"),
        alert("15m", r#"{labels: '{cluster="b"}', value: 1}"#),
        alert(
            "50m",
            r#"{labels: '{cluster="a"}', value: 1}, {labels: '{cluster="b"}', value: 1}"#
        ),
    );
    let mut exported = exported;
    // `models: []` misses a fleet only where it was before: these are written down.
    let text = serde_yaml::to_string(&exported).unwrap();
    assert!(text.contains("VllmFleetDown"));
    exported = rules_tests::only(&exported, "VllmFleetDown").unwrap();
    for rule in exported["groups"]
        .as_sequence_mut()
        .unwrap()
        .iter_mut()
        .flat_map(|group| group["rules"].as_sequence_mut().unwrap())
    {
        if rule["alert"] == "VllmFleetDown" {
            let condition = rule["expr"].as_str().unwrap();
            let without = condition.lines().filter(|line| !line.starts_with("and on"));
            rule["expr"] = without.collect::<Vec<_>>().join("\n").into();
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let said = promtool::test(dir.path(), &[("rules.yaml", &exported)], &suite).unwrap();
    assert!(said.is_none(), "{said:?}");
}

#[test]
fn parts_of_a_group_give_the_results_of_the_whole_group_in_any_order() {
    let mut split = file("mimir", &entries());
    split.as_mapping_mut().unwrap().remove("namespace");
    // One group of each name, as an engine without a limit would take it.
    let mut one = split.clone();
    let mut parts: BTreeMap<String, usize> = BTreeMap::new();
    let mut joined: Vec<Value> = Vec::new();
    for group in groups(&split) {
        let name = whole(group["name"].as_str().unwrap()).to_owned();
        *parts.entry(name.clone()).or_default() += 1;
        match joined.iter_mut().find(|g| g["name"] == name.as_str()) {
            Some(first) => {
                let more = group["rules"].as_sequence().unwrap().clone();
                first["rules"].as_sequence_mut().unwrap().extend(more);
            }
            None => joined.push(group.clone()),
        }
    }
    one["groups"] = joined.into();
    let several = parts.values().filter(|parts| **parts > 1).count();
    assert!(
        several >= 3 && parts.keys().any(|name| name.ends_with("/entries")),
        "{parts:?}"
    );
    // Evaluated one after the other, the last part first. One that needs a part that is evaluated after
    // it reads what was recorded 30 s before.
    let all_groups = split["groups"].as_sequence_mut().unwrap();
    let mut by_name: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut order = Vec::new();
    for group in all_groups.drain(..) {
        let name = whole(group["name"].as_str().unwrap()).to_owned();
        let parts = by_name.entry(name.clone()).or_default();
        if parts.is_empty() {
            order.push(name);
        }
        parts.insert(0, group);
    }
    *all_groups = order
        .iter()
        .flat_map(|name| by_name[name].clone())
        .collect();

    let mut series = scraped(Scenario::Rush, Traffic::default(), 2, (13, 13)).unwrap();
    let steps = series.steps;
    for i in 0..ENTRIES {
        let entry = OWN.replace("qwen3", &format!("m{i}"));
        assert_ne!(entry, OWN);
        for step in 0..steps {
            let up = format!(r#"up{{{entry}, namespace="inference", pod="m{i}-0"}}"#);
            series.add(step, &up, if (step + i) % 3 == 0 { "0" } else { "1" });
            let wanted = format!(
                r#"kube_deployment_spec_replicas{{namespace="inference", deployment="m{i}"}}"#
            );
            series.add(step, &wanted, &((step + i) % 4).to_string());
        }
    }
    let mut raw = BTreeSet::new();
    let mut recorded = BTreeSet::from(["ALERTS".to_owned()]);
    for rule in all(&one) {
        let read = expr::read(rule["expr"].as_str().unwrap()).unwrap();
        raw.extend(read.selectors.into_iter().map(|s| s.metric));
        recorded.extend(rule["record"].as_str().map(str::to_owned));
    }
    let own = "monitoring/vllm-monitoring";
    let other = "monitoring/vllm-whole";
    let mut input = series.input(|name| raw.contains(name));
    let doubled: Vec<Value> = input
        .iter()
        .filter(|one| one["series"].as_str().unwrap().contains(own))
        .map(|one| {
            let mut one = one.clone();
            one["series"] = one["series"].as_str().unwrap().replace(own, other).into();
            one
        })
        .collect();
    input.extend(doubled);
    let one: Value =
        serde_yaml::from_str(&serde_yaml::to_string(&one).unwrap().replace(own, other)).unwrap();

    let mut tests = Vec::new();
    for name in &recorded {
        let a = format!("{name}{{vllm_monitoring=\"{own}\"}}");
        let b = format!("{name}{{vllm_monitoring=\"{other}\"}}");
        let same = format!("({a} == ignoring (vllm_monitoring) {b})");
        // A difference: what one has and the other has not, or not with this value; NaN is like NaN.
        let differs = format!(
            "(({a} unless ignoring (vllm_monitoring) {same}) unless ({a} != {a})) or ({b} unless ignoring (vllm_monitoring) {a})"
        );
        for minute in [3, 9, 12] {
            let mut test = Mapping::new();
            test.insert("eval_time".into(), format!("{minute}m").into());
            test.insert("expr".into(), format!("count({differs})").into());
            test.insert("exp_samples".into(), Value::Sequence(vec![]));
            tests.push(Value::Mapping(test));
        }
    }
    // The comparison has something to compare.
    for (name, least) in [
        ("entry:vllm_replicas:expected", 12),
        ("model:vllm_request_success:rate", 1),
    ] {
        let text = format!(
            "{{eval_time: 12m, expr: 'count({name}{{vllm_monitoring=\"{other}\"}}) >= bool {least}', exp_samples: [{{labels: '{{}}', value: 1}}]}}"
        );
        tests.push(serde_yaml::from_str(&text).unwrap());
    }
    let mut test = Mapping::new();
    test.insert("interval".into(), format!("{STEP}s").into());
    test.insert("input_series".into(), input.into());
    test.insert("promql_expr_test".into(), tests.into());
    let mut suite = Mapping::new();
    let files = ["split.yaml", "one.yaml"].map(Value::from);
    suite.insert("rule_files".into(), files.to_vec().into());
    suite.insert("evaluation_interval".into(), "30s".into());
    // Without it promtool takes any order.
    let order = [&split, &one].into_iter().flat_map(groups);
    let order: Vec<Value> = order.map(|group| group["name"].clone()).collect();
    suite.insert("group_eval_order".into(), order.into());
    suite.insert("tests".into(), vec![Value::Mapping(test)].into());
    let dir = tempfile::tempdir().unwrap();
    let suite = serde_yaml::to_string(&suite).unwrap();
    let said = promtool::test(
        dir.path(),
        &[("split.yaml", &split), ("one.yaml", &one)],
        &suite,
    )
    .unwrap();
    let said = said.unwrap_or_default();
    // Of each query its first selector.
    let found: BTreeSet<&str> = said
        .lines()
        .filter_map(|line| line.split_once("count(((")?.1.split('{').next())
        .collect();
    assert!(said.is_empty(), "differ: {found:?}");
}
