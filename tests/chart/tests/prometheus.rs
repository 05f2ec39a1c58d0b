//! The Prometheus of standalone mode, real: it takes up what changes, refuses what is wrong, and
//! sends on what it is told to.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use chart_tests::{chart, with};
use harness::child::Child;
use harness::render::{Options, Rendered};
use harness::{http, repo};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(90);

/// Scrapes itself alone: nothing of a cluster.
const ALONE: [&str; 4] = [
    "metrics.mode=standalone",
    "metrics.scrape.enabled=false",
    "metrics.matchers[0]=job=\"vllm\"",
    "tracing.enabled=false",
];

/// A volume with a ConfigMap, as kubelet makes it: links into `..data`, which is swapped.
fn publish(volume: &Path, version: u32, file: &str, text: &str) {
    let folder = volume.join(format!("..{version}"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(file), text).unwrap();
    symlink(format!("..{version}"), volume.join("..data_tmp")).unwrap();
    fs::rename(volume.join("..data_tmp"), volume.join("..data")).unwrap();
    if !volume.join(file).exists() {
        symlink(format!("..data/{file}"), volume.join(file)).unwrap();
    }
}

/// A Prometheus as the chart starts it, with a folder in place of `/`.
struct Running {
    child: Child,
    url: String,
    root: tempfile::TempDir,
}

/// The text with the folder in place of what is mounted into the pod.
fn placed(text: &str, root: &Path, port: u16) -> String {
    let etc = root.join("etc/prometheus").display().to_string();
    text.replace("/etc/prometheus", &etc)
        .replace("127.0.0.1:9090", &format!("127.0.0.1:{port}"))
}

impl Running {
    /// `more` are arguments beside the chart's own.
    fn start(rendered: &Rendered, port: u16, more: &[String]) -> Self {
        let root = tempfile::tempdir().unwrap();
        let etc = root.path().join("etc/prometheus");
        let config = rendered.config_maps_with("prometheus.yml")[0].1;
        let rules = rendered.config_maps_with("rules.yaml")[0].1;
        publish(
            &etc.join("config"),
            1,
            "prometheus.yml",
            &placed(config, root.path(), port),
        );
        publish(&etc.join("rules"), 1, "rules.yaml", rules);
        let secrets = etc.join("remote-write/receiver");
        fs::create_dir_all(&secrets).unwrap();
        fs::write(secrets.join("password"), "test").unwrap();
        let pods = rendered.of_kind("StatefulSet");
        let pod = pods
            .into_iter()
            .find(|o| o["metadata"]["name"] == "vllm-monitoring-prometheus")
            .unwrap();
        let args = pod["spec"]["template"]["spec"]["containers"][0]["args"].clone();
        let mut command = Command::new(repo::tool("prometheus").unwrap());
        // On loopback, below.
        let args = args.as_sequence().unwrap().iter();
        for arg in args.filter(|a| !a.as_str().unwrap().starts_with("--web.listen-address")) {
            let data = format!("path={}", root.path().join("data").display());
            let arg = placed(arg.as_str().unwrap(), root.path(), port);
            command.arg(arg.replace("path=/prometheus", &data));
        }
        command
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .args(more);
        let child = Child::start("prometheus", command, &root.path().join("log")).unwrap();
        let url = format!("http://127.0.0.1:{port}");
        Self { child, url, root }
    }

    fn ready(mut self) -> Self {
        let url = format!("{}/-/ready", self.url);
        self.child.wait_http(&url, LIMIT).unwrap();
        self
    }

    fn volume(&self, name: &str) -> std::path::PathBuf {
        self.root.path().join("etc/prometheus").join(name)
    }

    /// The expression of the rule that is in force.
    fn rule(url: &str, name: &str) -> anyhow::Result<String> {
        let answer: Value = serde_json::from_str(&http::get(&format!("{url}/api/v1/rules"))?)?;
        let groups = answer["data"]["groups"].as_array().cloned();
        let mut rules = groups
            .into_iter()
            .flatten()
            .flat_map(|g| g["rules"].as_array().cloned().unwrap_or_default());
        let rule = rules.find(|r| r["name"] == name).unwrap_or_default();
        Ok(rule["query"].as_str().unwrap_or_default().to_owned())
    }

    fn reloaded(url: &str) -> anyhow::Result<f64> {
        let page = http::parse_metrics(&http::get(&format!("{url}/metrics"))?)?;
        let name = "prometheus_config_last_reload_successful";
        Ok(page
            .iter()
            .find(|s| s.name == name)
            .map_or(-1.0, |s| s.value))
    }

    fn await_that(&mut self, what: &str, mut ready: impl FnMut(&str) -> anyhow::Result<bool>) {
        let url = self.url.clone();
        self.child.wait_until(what, LIMIT, || ready(&url)).unwrap();
    }
}

#[test]
fn a_changed_rule_is_taken_up_in_place_and_a_wrong_one_changes_nothing() {
    let rendered = with(&ALONE).unwrap();
    let [port] = repo::free_ports().unwrap();
    let hurry = "--config.auto-reload-interval=1s".to_owned();
    let mut prometheus = Running::start(&rendered, port, &[hurry]).ready();
    let alert = "VllmE2ELatencyHigh";
    let holds =
        |limit: &'static str| move |url: &str| Ok(Running::rule(url, alert)?.ends_with(limit));
    prometheus.await_that("at its first rules", holds("> 120"));

    let changed = with(&[&ALONE[..], &["thresholds.e2eLatency.alert=1m"]].concat()).unwrap();
    let rules = changed.config_maps_with("rules.yaml")[0].1;
    publish(&prometheus.volume("rules"), 2, "rules.yaml", rules);
    prometheus.await_that("at the changed rule", holds("> 60"));
    assert_eq!(Running::reloaded(&prometheus.url).unwrap(), 1.0);

    let broken = rules.replace("> 60", "> 60 >");
    assert_ne!(broken, rules);
    publish(&prometheus.volume("rules"), 3, "rules.yaml", &broken);
    prometheus.await_that("telling of a wrong rule", |url| {
        Ok(Running::reloaded(url)? == 0.0)
    });
    assert!(
        Running::rule(&prometheus.url, alert)
            .unwrap()
            .ends_with("> 60")
    );

    // The configuration follows too, once both are right.
    publish(&prometheus.volume("rules"), 4, "rules.yaml", rules);
    let slower = with(&[&ALONE[..], &["rules.interval=45s"]].concat()).unwrap();
    let config = slower.config_maps_with("prometheus.yml")[0].1;
    let config = placed(config, prometheus.root.path(), port);
    publish(&prometheus.volume("config"), 2, "prometheus.yml", &config);
    prometheus.await_that("at the changed configuration", |url| {
        let shown = http::get(&format!("{url}/api/v1/status/config"))?;
        Ok(shown.contains("evaluation_interval: 45s") && Running::reloaded(url)? == 1.0)
    });
}

/// Only what must start Prometheus anew stands in its pod.
#[test]
fn rules_and_configuration_leave_the_pod_as_it_is() {
    let pod = |set: &[&str]| {
        let rendered = with(&[&["metrics.mode=standalone"], set].concat()).unwrap();
        let pods = rendered.of_kind("StatefulSet");
        let pod = pods
            .into_iter()
            .find(|o| o["metadata"]["name"] == "vllm-monitoring-prometheus");
        pod.unwrap()["spec"]["template"].clone()
    };
    for set in [
        "thresholds.e2eLatency.alert=1m",
        "metrics.scrape.interval=20s",
        "models[0].name=a",
    ] {
        assert_eq!(pod(&[]), pod(&[set]), "{set}");
    }
    for set in ["prometheus.retention=3d", "prometheus.retentionSize=3GB"] {
        assert_ne!(pod(&[]), pod(&[set]), "{set}");
    }
}

#[test]
fn samples_may_take_four_fifths_of_the_disk_unless_told_otherwise() {
    let size = |set: &[&str]| {
        let rendered = with(&[&["metrics.mode=standalone"], set].concat()).unwrap();
        let flag = "--storage.tsdb.retention.size=";
        let (_, rest) = rendered.manifests.split_once(flag).unwrap();
        rest.lines().next().unwrap().to_owned()
    };
    assert_eq!(size(&[]), "40960MB", "80 % of 50Gi");
    assert_eq!(size(&["prometheus.storage.size=10Gi"]), "8192MB");
    assert_eq!(size(&["prometheus.retentionSize=7GB"]), "7GB");
}

/// `admin` with the password `test`, as Prometheus' documentation has it.
const LOGIN: &str =
    "basic_auth_users: {admin: $2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay}\n";

#[test]
fn samples_arrive_at_a_second_prometheus_that_asks_for_the_password() {
    let [there, here] = repo::free_ports().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let login = folder.path().join("web.yml");
    fs::write(&login, LOGIN).unwrap();
    let mut receiver = Running::start(
        &with(&[&ALONE[..], &["rules.enabled=true"]].concat()).unwrap(),
        there,
        &[
            "--web.enable-remote-write-receiver".to_owned(),
            format!("--web.config.file={}", login.display()),
        ],
    );
    let url = format!("prometheus.remoteWrite[0].url=http://127.0.0.1:{there}/api/v1/write");
    let entry = |text: &str| format!("prometheus.remoteWrite[0].{text}");
    let set = [
        url,
        entry("basic_auth.username=admin"),
        entry("basic_auth.password.secretName=receiver"),
        entry("basic_auth.password.secretKey=password"),
        entry("write_relabel_configs[0].source_labels[0]=__name__"),
        entry("write_relabel_configs[0].regex=up"),
        entry("write_relabel_configs[0].action=keep"),
        entry("queue_config.batch_send_deadline=1s"),
        "prometheus.externalLabels.cluster=a".to_owned(),
        "metrics.scrape.interval=1s".to_owned(),
        "metrics.scrape.timeout=1s".to_owned(),
    ];
    let set: Vec<&str> = ALONE
        .into_iter()
        .chain(set.iter().map(String::as_str))
        .collect();
    let mut sender = Running::start(&with(&set).unwrap(), here, &[]).ready();
    let promtool = repo::tool("promtool").unwrap();
    // The series that the receiver has of the sender; its own scrape of itself needs the password.
    let series = |query: &str| {
        let server = format!("http://admin:test@127.0.0.1:{there}");
        let out = Command::new(&promtool)
            .args(["query", "instant", &server, query])
            .output()?;
        Ok::<_, anyhow::Error>(String::from_utf8_lossy(&out.stdout).into_owned())
    };
    sender.await_that("received", |_| {
        receiver.child.check()?;
        Ok(series(r#"up{cluster="a"}"#)?.contains("=> 1"))
    });
    assert_eq!(
        series(r#"{cluster="a", __name__!="up"}"#).unwrap().trim(),
        ""
    );
    let sent = http::get(&format!("{}/metrics", sender.url)).unwrap();
    assert!(!sent.contains("prometheus_remote_storage_samples_failed_total{} "));
}

#[test]
fn promtool_accepts_remote_write_with_every_file_that_it_names() {
    let rendered = Rendered::new(&Options {
        values: vec![chart().join("ci/bundled-values.yaml")],
        ..Options::default()
    })
    .unwrap();
    let root = tempfile::tempdir().unwrap();
    let config = rendered.config_maps_with("prometheus.yml")[0].1;
    let config = placed(config, root.path(), 9090);
    let etc = root.path().join("etc/prometheus");
    let pods = rendered.of_kind("StatefulSet");
    let pod = pods
        .into_iter()
        .find(|o| o["metadata"]["name"] == "vllm-monitoring-prometheus")
        .unwrap();
    let mounts = pod["spec"]["template"]["spec"]["containers"][0]["volumeMounts"].clone();
    let mounts: Vec<String> = mounts
        .as_sequence()
        .unwrap()
        .iter()
        .map(|m| placed(m["mountPath"].as_str().unwrap(), root.path(), 9090))
        .collect();
    let files: Vec<&str> = config
        .lines()
        .filter_map(|line| Some(line.split_once("_file: ")?.1))
        .collect();
    assert_eq!(files.len(), 5);
    for file in files {
        let folder = Path::new(file).parent().unwrap();
        assert!(
            mounts.iter().any(|m| Path::new(m) == folder),
            "{file} is not mounted"
        );
        fs::create_dir_all(folder).unwrap();
        fs::write(file, "secret").unwrap();
    }
    fs::create_dir_all(etc.join("rules")).unwrap();
    fs::write(
        etc.join("rules/rules.yaml"),
        rendered.config_maps_with("rules.yaml")[0].1,
    )
    .unwrap();
    let file = etc.join("prometheus.yml");
    fs::write(&file, &config).unwrap();
    let check = || {
        let mut promtool = repo::command("promtool").unwrap();
        promtool
            .args(["check", "config"])
            .arg(&file)
            .output()
            .unwrap()
    };
    let said = check();
    let words = |out: &std::process::Output| String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(said.status.success(), "{}", words(&said));
    for wrong in [
        config.replace("X-Scope-OrgID:", "Authorization:"),
        config.replace(
            "metadata_config:",
            "basic_auth: {username: a}\n        metadata_config:",
        ),
        config.replace("write_relabel_configs:", "write_relabels:"),
    ] {
        assert_ne!(wrong, config);
        fs::write(&file, wrong).unwrap();
        assert!(!check().status.success());
    }
}
