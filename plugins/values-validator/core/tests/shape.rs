//! Findings about shape: which, where, and how they are mended.

use values_validator_core::{Finding, Input, Set, SetKind, Severity, Source, check};

fn findings(text: &str) -> Vec<Finding> {
    let input = Input {
        sources: vec![Source::new("values.yaml", text)],
        sets: Vec::new(),
    };
    let mut findings = check(&input).findings;
    // What values mean is not looked at here.
    findings.retain(|f| f.code != "without-effect" && f.code != "model-source");
    findings
}

/// The only finding.
#[track_caller]
fn only(text: &str) -> Finding {
    let mut found = findings(text);
    assert_eq!(found.len(), 1, "{text}: {found:#?}");
    found.remove(0)
}

fn at(finding: &Finding) -> (&'static str, &str, u32, u32) {
    let place = finding.place.unwrap_or_default();
    (finding.code, &finding.path, place.line, place.column)
}

fn replacement(finding: &Finding) -> Option<&str> {
    Some(finding.fix.replacement.as_ref()?.text.as_str())
}

#[test]
fn the_charts_own_values_have_no_finding() {
    assert_eq!(findings(""), []);
    assert_eq!(findings("# nothing\n"), []);
    // Written out, the threshold that lies between two bounds is worth knowing; nothing is wrong.
    let mut copied = findings(values_validator_core::embedded::defaults());
    copied.retain(|f| f.code != "threshold-between");
    assert_eq!(copied, []);
}

#[test]
fn unknown_keys_are_found_at_every_depth_with_the_nearest_known_one() {
    for (text, path, line, column, meant) in [
        ("metric: {}\n", "metric", 1, 1, Some("metrics")),
        (
            "metrics:\n  scrape:\n    intervall: 30s\n",
            "metrics.scrape.intervall",
            3,
            5,
            Some("interval"),
        ),
        (
            "models:\n  - name: a\n    deploy:\n      tensor_parallel_size: 4\n",
            "models[0].deploy.tensor_parallel_size",
            4,
            7,
            Some("tensorParallelSize"),
        ),
        ("zzz: 1\n", "zzz", 1, 1, None),
        ("a.b: 1\n", "[\"a.b\"]", 1, 1, None),
    ] {
        let found = only(text);
        assert_eq!(at(&found), ("unknown-key", path, line, column));
        assert_eq!(replacement(&found), meant, "{text}");
    }
    let found = only("tracing: {decisionWait: 5s}\n");
    assert_eq!(found.fix.text, "move it to tracing.sampling.decisionWait");
}

#[test]
fn keys_that_nothing_refuses_are_warned_of_where_they_are_nearly_known_ones() {
    for (text, path, meant) in [
        (
            "global: {storageClassName: fast}",
            "global.storageClassName",
            Some("storageClass"),
        ),
        (
            "global: {imageRegistery: r.example}",
            "global.imageRegistery",
            Some("imageRegistry"),
        ),
        (
            "global: {imagePullSecret: a}",
            "global.imagePullSecret",
            None,
        ),
        (
            "global: {compatibility: {openshift: {adaptSecurityContexts: force}}}",
            "global.compatibility.openshift.adaptSecurityContexts",
            Some("adaptSecurityContext"),
        ),
        (
            "grafana: {enabled: true, ini: {auth.anonymous: {enabled: true, role: Viewer}}}",
            "grafana.ini.auth.anonymous.role",
            Some("org_role"),
        ),
        (
            "grafana: {enabled: true, ini: {smtp: {enabled: true, username: a}}}",
            "grafana.ini.smtp.username",
            Some("user"),
        ),
    ] {
        let found = only(text);
        assert_eq!(
            (found.code, found.severity),
            ("unknown-key", Severity::Warning)
        );
        assert_eq!((found.path.as_str(), replacement(&found)), (path, meant));
    }
    assert_eq!(
        findings(
            "global: {x-a: 1, postgresql: {auth: {}}, storage: a, image: {tag: b}, security: {allowInsecureImages: true}}"
        ),
        []
    );
    assert_eq!(
        findings(
            "grafana: {enabled: true, ini: {server: {role: a}, smtp: {enabled: true, user: a, fromName: b}, users: {allow_sign_up: true}}}"
        ),
        []
    );
}

#[test]
fn a_key_that_is_given_already_is_not_suggested() {
    let found = only("metrics: {mode: auto, Mode: operator}");
    assert_eq!(replacement(&found), None, "{found:?}");
}

#[test]
fn wrong_types_are_found_at_the_value_and_quotes_are_added_or_removed() {
    for (text, path, column, meant) in [
        (
            "tracing: {collector: {replicas: \"2\"}}",
            "tracing.collector.replicas",
            33,
            Some("2"),
        ),
        (
            "tracing: {enabled: \"false\"}",
            "tracing.enabled",
            20,
            Some("false"),
        ),
        // In quotes it would be no name of an object either.
        ("nameOverride: 1.10", "nameOverride", 15, None),
        ("nameOverride: on", "nameOverride", 15, Some("\"on\"")),
        (
            "commonLabels: {a: 0777}",
            "commonLabels.a",
            19,
            Some("\"0777\""),
        ),
        (
            "metrics: {scrape: {interval: 1}}",
            "metrics.scrape.interval",
            30,
            None,
        ),
        ("tracing: []", "tracing", 10, None),
        ("models: {name: a}", "models", 9, Some("[{name: a}]")),
        (
            "models: [{name: a, replicas: null}]",
            "models[0].replicas",
            30,
            None,
        ),
        (
            "models: [{name: a, replicas: []}]",
            "models[0].replicas",
            30,
            None,
        ),
    ] {
        let found = only(text);
        assert_eq!(at(&found), ("wrong-type", path, 1, column), "{text}");
        assert_eq!(replacement(&found), meant, "{text}");
    }
}

#[test]
fn an_argument_of_the_wrong_type_is_found_in_the_argument() {
    let input = Input {
        sources: Vec::new(),
        sets: vec![
            Set::new(SetKind::Set, "rules.enabled=true,nameOverride=12"),
            Set::new(SetKind::String, "tracing.collector.replicas=2"),
        ],
    };
    let report = check(&input);
    let found: Vec<_> = report
        .findings
        .iter()
        .map(|f| {
            let place = f.place.unwrap();
            let source = report.source(place).unwrap();
            (source.name.as_str(), source.at(place), f.fix.text.as_str())
        })
        .collect();
    assert_eq!(
        found,
        [
            ("--set 1", Some("12"), "give it with --set-string"),
            (
                "--set-string 1",
                Some("2"),
                "give it with --set, not --set-string"
            ),
        ]
    );
}

#[test]
fn words_bounds_forms_and_missing_keys() {
    for (text, code, path, column, meant) in [
        (
            "metrics: {mode: Operator}",
            "not-allowed",
            "metrics.mode",
            17,
            Some("operator"),
        ),
        (
            "metrics: {mode: push}",
            "not-allowed",
            "metrics.mode",
            17,
            None,
        ),
        (
            "slos: {availability: {objective: 100}}",
            "out-of-bounds",
            "slos.availability.objective",
            34,
            None,
        ),
        (
            "slos: {minimumEvents: 0}",
            "out-of-bounds",
            "slos.minimumEvents",
            23,
            None,
        ),
        (
            "slos: {minimumEvents: 1.5}",
            "wrong-type",
            "slos.minimumEvents",
            23,
            None,
        ),
        (
            "metrics: {scrape: {interval: 5 min}}",
            "bad-format",
            "metrics.scrape.interval",
            30,
            None,
        ),
        (
            "models: [{name: a, port: 70000}]",
            "out-of-bounds",
            "models[0].port",
            26,
            None,
        ),
        (
            "models: [{name: a, port: HTTP}]",
            "bad-format",
            "models[0].port",
            26,
            Some("http"),
        ),
        (
            "models: [{name: a, replicas: -1}]",
            "out-of-bounds",
            "models[0].replicas",
            30,
            None,
        ),
        (
            "models: [{name: \"\"}]",
            "out-of-bounds",
            "models[0].name",
            17,
            None,
        ),
        (
            "models: [{port: 8000}]",
            "missing-key",
            "models[0].name",
            10,
            None,
        ),
        (
            "thresholds: {e2eLatency: {keepTrace: never}}",
            "wrong-type",
            "thresholds.e2eLatency.keepTrace",
            38,
            Some("off"),
        ),
    ] {
        let found = only(text);
        assert_eq!(at(&found), (code, path, 1, column), "{text}: {found:#?}");
        assert_eq!(replacement(&found), meant, "{text}");
        assert!(
            !found.found.is_empty() && !found.expected.is_empty(),
            "{found:?}"
        );
        assert!(
            !found.why.is_empty() && !found.fix.text.is_empty(),
            "{found:?}"
        );
    }
}

#[test]
fn quantities_of_kubernetes_and_what_is_nearly_one() {
    for (text, path, column, meant) in [
        (
            "prometheus: {storage: {size: 10GB}}",
            "prometheus.storage.size",
            30,
            Some("10G"),
        ),
        (
            "prometheus: {storage: {size: 10gi}}",
            "prometheus.storage.size",
            30,
            Some("10Gi"),
        ),
        (
            "prometheus: {storage: {size: 10 Gi}}",
            "prometheus.storage.size",
            30,
            Some("10Gi"),
        ),
        (
            "prometheus: {storage: {size: large}}",
            "prometheus.storage.size",
            30,
            None,
        ),
        (
            "prometheus: {resources: {limits: {memory: 4 gigs}}}",
            "prometheus.resources.limits.memory",
            43,
            None,
        ),
    ] {
        let found = only(text);
        assert_eq!(at(&found), ("bad-quantity", path, 1, column), "{text}");
        assert_eq!(replacement(&found), meant, "{text}");
    }
    assert_eq!(
        findings("prometheus: {resources: {limits: {memory: 4e9, cpu: 0.5}}}"),
        []
    );
}

#[test]
fn null_is_a_finding_where_it_takes_away_what_templates_count_on() {
    let found = only("metrics: {scrape: {interval: null}}\n");
    assert_eq!(
        at(&found),
        ("default-removed", "metrics.scrape.interval", 1, 20)
    );
    assert_eq!(only("tracing: ~\n").code, "default-removed");
    // An empty default, a part of resources, an entry of a map with free keys.
    let free = "models:\nprometheus: {resources: {limits: ~}}\nslos: {windows: {slow: null}}\n";
    assert_eq!(findings(free), []);
}

#[test]
fn all_findings_come_in_one_run_in_the_order_of_the_file() {
    let text = "zzz: 1\nmetrics:\n  mode: push\n  scrape: {interval: 30, enabled: 1}\nrules:\n  window: x\n";
    let found = findings(text);
    let lines: Vec<u32> = found.iter().map(|f| f.place.unwrap().line).collect();
    assert_eq!(lines, [1, 3, 4, 4, 6]);
    assert_eq!(findings(text), found);
}

#[test]
fn a_warning_beside_a_bad_format_does_not_hide_the_error() {
    // No URL, which helm refuses, and the pod that asks, which is only a warning.
    let report = check(&Input {
        sources: vec![Source::new(
            "values.yaml",
            "grafana: {enabled: true, prometheusURL: 'localhost:9090'}\n",
        )],
        sets: Vec::new(),
    });
    let of_path = |code: &str| {
        let mut all = report.findings.iter();
        all.find(|f| f.code == code && f.path == "grafana.prometheusURL")
    };
    let (error, warning) = (of_path("bad-format"), of_path("query-address"));
    assert_eq!(
        (error.map(|f| f.severity), warning.map(|f| f.severity)),
        (Some(Severity::Error), Some(Severity::Warning)),
        "{:#?}",
        report.findings
    );
    assert_eq!(error.map(|f| f.place), warning.map(|f| f.place));
}

#[test]
fn an_error_that_a_comment_ignores_keeps_no_edit_of_another_away() {
    let finding = only("zzz: 1 # vllm-values: ignore unknown-key\njaeger: {enabled: \"true\"}\n");
    assert_eq!(replacement(&finding), Some("true"));
}
