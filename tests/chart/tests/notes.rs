//! What NOTES say after an install, branch by branch, through the real `helm install`.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use chart_tests::{WASM, chart, with};
use harness::repo;

/// The notes of a release monitoring/watch with these values; nothing is asked of a cluster.
fn notes(set: &[&str]) -> String {
    let mut command = repo::command("helm").unwrap();
    command
        .args(["install", "watch"])
        .arg(chart())
        .args(["--namespace", "monitoring", "--dry-run=client"])
        .env("KUBECONFIG", "/dev/null");
    for value in set {
        command.args(["--set", value]);
    }
    let out = command.output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{set:?}: {said}");
    let text = String::from_utf8(out.stdout).unwrap();
    text.split_once("\nNOTES:\n").unwrap().1.to_owned()
}

/// The notes on a cluster that serves these APIs: `helm template` is told of them, and leaves notes out, so here
/// they are a template.
fn notes_where(apis: &[&str], set: &[&str]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let copied = Command::new("cp")
        .arg("-r")
        .arg(chart())
        .arg(dir.path().join("chart"))
        .status()
        .unwrap();
    assert!(copied.success());
    let templates = dir.path().join("chart/templates");
    let text = std::fs::read_to_string(templates.join("NOTES.txt")).unwrap();
    let template = format!(
        "{{{{- define \"notes\" -}}}}{text}{{{{- end -}}}}\nnotes: {{{{ include \"notes\" . | toJson }}}}\n"
    );
    std::fs::write(templates.join("notes.yaml"), template).unwrap();
    let mut command = repo::command("helm").unwrap();
    command
        .args(["template", "watch"])
        .arg(dir.path().join("chart"))
        .args([
            "--namespace",
            "monitoring",
            "--show-only",
            "templates/notes.yaml",
        ]);
    for api in apis {
        command.args(["--api-versions", api]);
    }
    for value in set {
        command.args(["--set", value]);
    }
    let out = command.output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{apis:?} {set:?}: {said}");
    let object: serde_yaml::Value = serde_yaml::from_slice(&out.stdout).unwrap();
    object["notes"].as_str().unwrap().to_owned()
}

const OPERATOR: &str = "metrics.mode=operator";
const STANDALONE: &str = "metrics.mode=standalone";
const MODEL: &str = "models[0].name=m";
const DEPLOY: &str = "models[0].deploy.enabled=true";

/// Values, with what the notes say of them and do not say without them.
const SAID: &[(&[&str], &str)] = &[
    (
        &[OPERATOR, "networkPolicies.enabled=true"],
        "block your Prometheus from the collectors' metrics",
    ),
    (
        &[MODEL, DEPLOY, "networkPolicies.enabled=true"],
        "NetworkPolicies block all requests to vLLM",
    ),
    (
        &[
            "networkPolicies.enabled=true",
            "networkPolicies.senders[0].podSelector.matchLabels.a=b",
        ],
        "NetworkPolicies admit spans from this release's pods and networkPolicies.senders;",
    ),
    (&[MODEL, DEPLOY], "- run and watch m: pods with "),
    (
        &[MODEL, "models[0].namespaces[0]=*"],
        "- watch m: pods with app=vllm in all namespaces",
    ),
    (
        &[MODEL, DEPLOY, "models[0].deploy.storage.hostPath=/weights"],
        "WARNING: m reads its weights from the node (/weights)",
    ),
    (
        &[MODEL, DEPLOY, "models[0].deploy.runAsUser=0"],
        "WARNING: m runs as root, which Pod Security `restricted` refuses.",
    ),
    (
        &[
            MODEL,
            DEPLOY,
            "models[0].replicas=2",
            "models[0].deploy.storage.size=1Ti",
            "models[0].deploy.storage.accessMode=ReadWriteOnce",
        ],
        "WARNING: m has 2 replicas and a claim that only one node can mount",
    ),
    (
        &[
            "metrics.scrape.enabled=false",
            "metrics.matchers[0]=job=\"vllm\"",
        ],
        "- not scrape vLLM, and read job=\"vllm\"",
    ),
    (
        &[OPERATOR],
        "- let your Prometheus Operator scrape and alert (metrics.mode: operator), by monitors and a PrometheusRule",
    ),
    (&[OPERATOR], "WARNING: they have none of your labels."),
    (
        &[OPERATOR],
        "This prints which of them your cluster lacks, as `helm test` does in its line `watcher`:",
    ),
    (
        &[OPERATOR],
        "kubectl -n monitoring get podmonitors,servicemonitors,prometheusrules -l app.kubernetes.io/instance=watch",
    ),
    (
        &[STANDALONE],
        "- run a Prometheus of its own (metrics.mode: standalone)",
    ),
    (
        &[STANDALONE, "alertmanager.enabled=false"],
        "WARNING: no Alertmanager gets the alerts; set  prometheus: {alertmanagers:",
    ),
    (
        &[WASM],
        "(decided by the plugin sampling-policy.wasm, sha256 ",
    ),
    (
        &["tracing.collector.replicas=2"],
        "WARNING: with several collectors, a caller's spans and vLLM's can reach different ones.",
    ),
    (
        &[
            "tracing.collector.replicas=2",
            "tracing.balancer.enabled=true",
        ],
        "through 2 balancers, which keep the spans of a trace together",
    ),
    (
        &["tracing.receiver.tls.secretName=otlp"],
        "--otlp-traces-endpoint=https://watch-vllm-monitoring-collector.monitoring.svc:4317",
    ),
    (
        &["jaeger.enabled=true"],
        "kubectl -n monitoring port-forward svc/watch-vllm-monitoring-jaeger 16686",
    ),
];

#[test]
fn notes_say_what_is_so_and_only_then() {
    let plain = notes(&[]);
    for (set, said) in SAID {
        let text = notes(set);
        assert!(
            text.contains(said),
            "{set:?}: expected {said}, found\n{text}"
        );
        assert!(!plain.contains(said), "{said} is said of the defaults, too");
    }
}

#[test]
fn the_defaults_say_what_runs_and_the_next_command() {
    let plain = notes(&[]);
    for said in [
        "is installed as monitoring/watch. It will:",
        "- watch any: pods with app=vllm in monitoring",
        "- run a Prometheus of its own (the cluster does not serve monitoring.coreos.com/v1)",
        "WARNING: the bundled Alertmanager has no receiver configured",
        "send them to: debug",
        "(decided by an ottl_condition of the stock collector",
        "--otlp-traces-endpoint=http://watch-vllm-monitoring-collector.monitoring.svc:4317",
        "kubectl -n monitoring port-forward svc/watch-vllm-monitoring-prometheus 9090",
        "helm -n monitoring test watch ",
    ] {
        assert!(plain.contains(said), "expected {said}, found\n{plain}");
    }
}

#[test]
fn a_second_operator_is_named_and_warned_of_only_where_it_would_refuse_the_rules() {
    let prometheus = "monitoring.coreos.com/v1";
    let victoria = "operator.victoriametrics.com/v1beta1";
    let (named, warned) = (
        "the rules are written for both",
        "WARNING: the cluster has the VictoriaMetrics operator, too",
    );
    let old = "metrics.operator.version=0.81.0";
    for (apis, set, says) in [
        (
            [prometheus, victoria].as_slice(),
            [].as_slice(),
            [true, false],
        ),
        (&[prometheus, victoria], &[old], [false, true]),
        (
            &[prometheus, victoria],
            &["rules.enabled=false"],
            [false, false],
        ),
        (&[prometheus], &[old], [false, false]),
        (&[victoria], &[], [false, false]),
    ] {
        let text = notes_where(apis, set);
        let said = [text.contains(named), text.contains(warned)];
        assert_eq!(said, says, "{apis:?} {set:?}: {text}");
    }
}

/// What is off is not spoken of.
#[test]
fn notes_are_silent_about_what_is_off() {
    for (set, said) in [
        ("tracing.enabled=false", "otlp-traces-endpoint"),
        ("helmTest.enabled=false", "helm -n monitoring test"),
        ("rules.enabled=false", "WARNING: alerts"),
        (
            "metrics.operator.labels.release=kps",
            "WARNING: they carry no label",
        ),
    ] {
        let text = notes(&[OPERATOR, set]);
        assert!(!text.contains(said), "{set}: {text}");
    }
}

/// What the command of the notes prints where the cluster has these rules.
fn lacked(rules: &str) -> String {
    let text = notes(&[OPERATOR]);
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| line.contains("This prints which"));
    let command: Vec<&str> = lines.take_while(|line| !line.starts_with('-')).collect();
    let folder = tempfile::tempdir().unwrap();
    let kubectl = folder.path().join("kubectl");
    let script = format!(
        "#!/bin/sh\n[ \"$*\" = 'get prometheusrules -A -o yaml' ] && cat <<'END'\n{rules}\nEND\n"
    );
    std::fs::write(&kubectl, script).unwrap();
    std::fs::set_permissions(&kubectl, PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.path().display(), env!("PATH"));
    let out = Command::new("bash")
        .args(["-c", &command.join("\n")])
        .env("PATH", path)
        .output()
        .unwrap();
    assert!(out.stderr.is_empty(), "{out:?}");
    String::from_utf8(out.stdout).unwrap()
}

/// In operator mode the alerts on Prometheus itself are others' rules: those of standalone mode stand in for them.
#[test]
fn the_command_of_the_notes_prints_the_alerts_on_the_watcher_that_the_cluster_lacks() {
    let all = with(&[STANDALONE]).unwrap();
    let all = all.config_maps_with("rules.yaml")[0].1.to_owned();
    assert_eq!(lacked(&all), "");
    let without = all.replace("prometheus_config_last_reload_successful", "up");
    assert_eq!(
        lacked(&without),
        "no alert on a refused configuration of Prometheus\n"
    );
    let none = lacked("items: []");
    assert_eq!(none.lines().count(), 10, "{none}");
    assert!(
        none.contains("no alert on alerts that stay away (Watchdog)\n"),
        "{none}"
    );
}
