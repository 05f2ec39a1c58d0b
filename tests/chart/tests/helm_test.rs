//! `helm test` without an image of this project: the rendered script by the system's shell and by BusyBox, which
//! Prometheus' image has, against a real Prometheus with the chart's rules.

#![allow(clippy::expect_used, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use chart_tests::with;
use harness::child::Child;
use harness::render::Rendered;
use harness::{http, repo};
use regex::Regex;
use serde_yaml::Value;

const STANDALONE: &str = "metrics.mode=standalone";
const OWN_IMAGE: &str = "helmTest.image.repository=registry.example/install-check";

fn pod(rendered: &Rendered) -> &Value {
    rendered.of_kind("Pod").next().unwrap()
}

/// What Kubernetes makes of a text without references: `$$` is one dollar.
fn expanded(text: &Value) -> String {
    text.as_str().unwrap().replace("$$", "$")
}

/// The script and its environment.
fn script(rendered: &Rendered) -> (String, BTreeMap<String, String>) {
    let container = &pod(rendered)["spec"]["containers"][0];
    assert_eq!(container["command"][0].as_str(), Some("/bin/sh"));
    let env = container["env"].as_sequence().unwrap().iter();
    let env = env.map(|e| {
        (
            e["name"].as_str().unwrap().to_owned(),
            expanded(&e["value"]),
        )
    });
    (expanded(&container["command"][2]), env.collect())
}

/// BusyBox under the names of the programs that the script calls, as in Prometheus' image: the one on PATH, else
/// Debian's package. Nothing where there is neither, which CI=true does not allow.
fn busybox() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let links = || {
        let folder = repo::root().join("target/busybox");
        fs::create_dir_all(&folder).unwrap();
        let path = std::env::var("PATH").unwrap();
        let mut known = path.split(':').map(|dir| Path::new(dir).join("busybox"));
        let program = known.find(|p| p.is_file()).or_else(|| {
            let package = "apt-get -qq download busybox && dpkg-deb -x busybox_*.deb . && rm *.deb";
            let quiet = format!("test -x bin/busybox || {{ {package}; }}");
            let mut shell = Command::new("/bin/sh");
            shell.current_dir(&folder).args(["-c", &quiet]);
            let fetched = shell.output().is_ok_and(|out| out.status.success());
            fetched.then(|| folder.join("bin/busybox"))
        });
        let Some(program) = program else {
            assert!(
                std::env::var("CI").is_err(),
                "no BusyBox, which CI=true does not leave out"
            );
            let _ = writeln!(
                std::io::stderr(),
                "helm test: BusyBox is LEFT OUT; install busybox"
            );
            return None;
        };
        let names = folder.join("names");
        let _ = fs::remove_dir_all(&names);
        fs::create_dir(&names).unwrap();
        for name in [
            "sh", "timeout", "wget", "sed", "awk", "date", "sleep", "sort", "cat",
        ] {
            std::os::unix::fs::symlink(&program, names.join(name)).unwrap();
        }
        Some(names)
    };
    FOLDER.get_or_init(links).as_deref()
}

/// Whether it passes, and its lines, by the system's shell and by BusyBox, which agree. `names` is in front of PATH.
fn run(names: &Path, script: &str, env: &BTreeMap<String, String>) -> (bool, String) {
    let system = format!("{}:{}", names.display(), std::env::var("PATH").unwrap());
    let (passed, said) = run_by(Path::new("/bin/sh"), &system, script, env);
    if let Some(folder) = busybox() {
        let path = format!("{}:{}", names.display(), folder.display());
        let (same, alike) = run_by(&folder.join("sh"), &path, script, env);
        // Rules may be evaluated between the two.
        let shape = |said: &str| {
            Regex::new(r", \d+ are not due yet|\d+")
                .unwrap()
                .replace_all(said, "")
                .into_owned()
        };
        assert_eq!(
            (passed, shape(&said)),
            (same, shape(&alike)),
            "BusyBox: {alike}"
        );
    }
    (passed, said)
}

fn run_by(
    shell: &Path,
    path: &str,
    script: &str,
    env: &BTreeMap<String, String>,
) -> (bool, String) {
    let mut command = Command::new(shell);
    command.env_clear().env("PATH", path).envs(env);
    let out = command.arg("-c").arg(script).output().unwrap();
    let said = String::from_utf8(out.stdout).unwrap();
    assert_eq!(String::from_utf8_lossy(&out.stderr), "", "{said}");
    (out.status.success(), said)
}

/// Answers as a collector, an Alertmanager, a Grafana and a Jaeger. Its thread ends with the process.
fn parts() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let asked = lines.next().unwrap().unwrap();
            let body = match asked.split(' ').nth(1) {
                Some("/metrics") => "otelcol_process_uptime_seconds 1\n",
                Some("/-/ready") => "OK",
                Some("/api/health") => "{\n  \"database\": \"ok\"\n}",
                _ => "<title>Jaeger UI</title>",
            };
            while lines.next().is_some_and(|l| l.is_ok_and(|l| !l.is_empty())) {}
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
        }
    });
    port
}

/// A program `nslookup` that answers as BusyBox'.
fn names(dir: &Path, addresses: &[&str]) {
    let mut text =
        "#!/bin/sh\nprintf 'Server:\\t\\t10.96.0.10\\nAddress:\\t10.96.0.10:53\\n\\n'\n".to_owned();
    for address in addresses {
        text += &format!("printf 'Name:\\t%s\\nAddress: {address}\\n' \"$1\"\n");
    }
    let file = dir.join("nslookup");
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
}

/// With the chart's rules and one that fails; scrapes itself for the model `any`, and nothing for `gone`.
fn prometheus(dir: &Path, rendered: &Rendered, port: u16) -> Child {
    let failing = r#"groups: [{name: broken, interval: 1s, rules: [{record: a, expr: 'vector(1) + on () (vector(1) or label_replace(vector(1), "a", "b", "", ""))'}]}]"#;
    fs::write(
        dir.join("chart.yaml"),
        rendered.config_maps_with("rules.yaml")[0].1,
    )
    .unwrap();
    fs::write(dir.join("failing.yaml"), failing).unwrap();
    let target = |model: &str, port: u16| {
        format!(
            "{{targets: [\"127.0.0.1:{port}\"], labels: {{vllm_monitoring: monitoring/vllm-monitoring, model: {model}}}}}"
        )
    };
    let config = format!(
        "{{global: {{scrape_interval: 1s, scrape_timeout: 1s}}, rule_files: [\"{0}/chart.yaml\", \"{0}/failing.yaml\"], scrape_configs: [{{job_name: a, static_configs: [{1}, {2}]}}]}}",
        dir.display(),
        target("any", port),
        target("gone", 1),
    );
    let file = dir.join("prometheus.yml");
    fs::write(&file, config).unwrap();
    let mut command = Command::new(repo::tool("prometheus").unwrap());
    command
        .arg(format!("--config.file={}", file.display()))
        .arg(format!(
            "--storage.tsdb.path={}",
            dir.join("data").display()
        ))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"));
    let mut child = Child::start("prometheus", command, &dir.join("log")).unwrap();
    let url = format!("http://127.0.0.1:{port}/-/ready");
    let limit = Duration::from_secs(60);
    child.wait_http(&url, limit).unwrap();
    let rules = format!("http://127.0.0.1:{port}/api/v1/rules?rule_name[]=a");
    child
        .wait_until("at its failing rule", limit, || {
            Ok(http::get(&rules)?.contains("\"health\":\"err\""))
        })
        .unwrap();
    child
}

#[test]
fn the_script_passes_on_a_release_that_works_and_names_what_does_not() {
    let rendered = with(&[
        STANDALONE,
        "rules.interval=1s",
        "slos.interval=5m",
        "grafana.enabled=true",
        "jaeger.enabled=true",
    ])
    .unwrap();
    let (script, mut env) = script(&rendered);
    let dir = tempfile::tempdir().unwrap();
    let [port] = repo::free_ports().unwrap();
    let _prometheus = prometheus(dir.path(), &rendered, port);
    let served = parts();
    let here = format!("http://127.0.0.1:{served}");
    for name in ["ALERTMANAGER", "GRAFANA", "JAEGER"] {
        assert!(env[name].starts_with("http://vllm-monitoring-"), "{name}");
        env.insert(name.to_owned(), here.clone());
    }
    assert_eq!(
        env["COLLECTORS"],
        "vllm-monitoring-collectors.monitoring.svc"
    );
    env.insert("METRICS_PORT".to_owned(), served.to_string());
    env.insert("PROMETHEUS".to_owned(), format!("http://127.0.0.1:{port}"));
    names(dir.path(), &["127.0.0.1"]);
    let (passed, said) = run(dir.path(), &script, &env);
    assert!(passed, "{said}");
    for line in [
        "pass: targets: any 1 up\n",
        "pass: collectors: 1 of 1 collectors are ready\n",
        "pass: alertmanager: it answers\n",
        "pass: grafana: it answers\n",
        "pass: jaeger: it answers\n",
        "not run: sampling: needs the image install-check of this project: make images REGISTRY=",
        "what was checked works\n",
    ] {
        assert!(said.contains(line), "expected {line}, found\n{said}");
    }
    let rules = said
        .lines()
        .find(|l| l.starts_with("pass: rules: "))
        .unwrap();
    assert!(rules.contains("groups are evaluated, "), "{rules}");

    // Each is tried once.
    env.insert("TIMEOUT".to_owned(), "0".to_owned());
    let target = |model: &str| format!("sum%28up%7Bmodel%3D%22{model}%22%7D%29 {model}");
    for (name, value, line) in [
        (
            "REPLICAS",
            "2".to_owned(),
            "FAIL: collectors: 1 of 2 collectors are ready; see ",
        ),
        (
            "METRICS_PORT",
            "1".to_owned(),
            "FAIL: collectors: http://127.0.0.1:1/metrics does not answer; ",
        ),
        (
            "COLLECTORS_GONE",
            String::new(),
            "FAIL: collectors: 0 of 1 collectors are ready; see ",
        ),
        (
            "TARGETS",
            target("other"),
            "FAIL: targets: no target for the entry other; ",
        ),
        (
            "TARGETS",
            target("gone"),
            "FAIL: targets: all targets of the entry gone are down; ",
        ),
        (
            "RULE_GROUPS",
            "nothing\nbroken".to_owned(),
            "FAIL: rules: 1 of 2 rule groups are not loaded: nothing; ",
        ),
        (
            "RULE_GROUPS",
            "broken".to_owned(),
            "FAIL: rules: 1 rules fail, the first with: found duplicate series",
        ),
        (
            "GRAFANA",
            format!("http://127.0.0.1:{port}/none"),
            "FAIL: grafana: http://127.0.0.1:",
        ),
        (
            "PROMETHEUS",
            "http://127.0.0.1:1".to_owned(),
            "FAIL: prometheus: http://127.0.0.1:1/api/v1/query",
        ),
    ] {
        let mut changed = env.clone();
        if name == "RULE_GROUPS" {
            changed.insert("RULE_FILTER".to_owned(), String::new());
        }
        if name == "COLLECTORS_GONE" {
            names(dir.path(), &[]);
        }
        changed.insert(name.to_owned(), value);
        let (passed, said) = run(dir.path(), &script, &changed);
        names(dir.path(), &["127.0.0.1"]);
        assert!(
            !passed && said.contains(line),
            "expected {line}, found\n{said}"
        );
        assert_eq!(said.matches("FAIL: ").count(), 1, "{said}");
    }
}

#[test]
fn what_is_off_or_unknown_is_not_run() {
    let rendered = with(&["metrics.mode=operator", "tracing.enabled=false"]).unwrap();
    let (script, env) = script(&rendered);
    let dir = tempfile::tempdir().unwrap();
    let (passed, said) = run(dir.path(), &script, &env);
    assert!(passed, "{said}");
    let checks = ["prometheus", "targets", "rules"];
    for check in checks {
        let line = format!(
            "not run: {check}: no address of Prometheus over plain HTTP is known; set metrics.operator.prometheusURL"
        );
        assert!(said.contains(&line), "expected {line}, found\n{said}");
    }
    assert!(said.contains("not run: series: needs the image "), "{said}");
    assert!(said.ends_with("nothing was checked\n"), "{said}");
    let named = "metrics.operator.prometheusURL=http://p:9090/";
    let named = with(&["metrics.mode=operator", named]).unwrap();
    assert_eq!(self::script(&named).1["PROMETHEUS"], "http://p:9090");
}

#[test]
fn without_an_image_the_pod_runs_that_of_prometheus_and_asks_kubernetes_nothing() {
    for set in [
        &[STANDALONE][..],
        &["metrics.mode=operator"],
        &["tracing.collector.image.repository=registry.example/otelcol-vllm"],
    ] {
        let rendered = with(set).unwrap();
        let spec = &pod(&rendered)["spec"];
        let image = spec["containers"][0]["image"].as_str().unwrap();
        assert!(
            image.starts_with("quay.io/prometheus/prometheus:v"),
            "{image}"
        );
        assert_eq!(spec["automountServiceAccountToken"], false);
        assert!(!rendered.manifests.contains("prometheuses"), "{set:?}");
        let own = with(&[set, &[OWN_IMAGE]].concat()).unwrap();
        let container = &pod(&own)["spec"]["containers"][0];
        let image = container["image"].as_str().unwrap();
        assert!(
            image.starts_with("registry.example/install-check:"),
            "{image}"
        );
        assert!(container["command"].is_null());
    }
}
