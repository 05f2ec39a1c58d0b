//! What a parent chart or a platform says to every chart: one registry, pull secrets, a StorageClass, user
//! ids of the platform's choice, and a switch.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::fs;

use chart_tests::copy_below;
use harness::render::{Options, Rendered};
use serde_yaml::Value;
use values_validator_core::{Input, Source, check};

/// Every part that this chart can run, with its disk.
const ALL: &str = "
grafana: {enabled: true, prometheusURL: 'http://p:9090', storage: {persistent: true}}
jaeger: {enabled: true, storage: {type: badger, persistent: true}}
prometheus: {storage: {persistent: true}}
alertmanager: {storage: {persistent: true}}
tracing:
  storage: {persistent: true}
  balancer: {enabled: true}
  collector: {replicas: 2, image: {repository: 'localhost:5001/otelcol-vllm'}}
models:
  - name: a
    deploy: {enabled: true, storage: {size: 1Gi}}
";

/// In standalone mode, which runs most.
fn render(values: &[&str], api: &[&str]) -> Rendered {
    let dir = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (i, text) in values.iter().enumerate() {
        files.push(dir.path().join(format!("{i}.yaml")));
        fs::write(&files[i], text).unwrap();
    }
    let options = Options {
        values: files.clone(),
        set: vec!["metrics.mode=standalone".to_owned()],
        api_versions: api.iter().map(|s| (*s).to_owned()).collect(),
        ..Options::default()
    };
    Rendered::new(&options).unwrap()
}

fn pods(rendered: &Rendered) -> impl Iterator<Item = (&str, &Value)> {
    rendered.objects.iter().filter_map(|object| {
        let pod = match object["kind"].as_str()? {
            "Pod" => &object["spec"],
            _ => &object["spec"]["template"]["spec"],
        };
        pod["containers"]
            .is_sequence()
            .then(|| (object["metadata"]["name"].as_str().unwrap_or("?"), pod))
    })
}

fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    let kinds = ["initContainers", "containers"].into_iter();
    kinds.flat_map(|kind| pod[kind].as_sequence().into_iter().flatten())
}

fn images(rendered: &Rendered) -> Vec<&str> {
    let mut images: Vec<&str> = pods(rendered)
        .flat_map(|(_, pod)| containers(pod))
        .map(|c| c["image"].as_str().unwrap())
        .collect();
    images.sort_unstable();
    images.dedup();
    images
}

#[test]
fn every_image_comes_from_the_registry_of_a_parent_chart() {
    let digest = format!("sha256:{:064}", 7);
    let digests = format!(
        "prometheus: {{image: {{digest: '{digest}'}}}}\nalertmanager: {{image: {{registry: other.example}}}}\nhelmTest: {{image: {{repository: ghcr.io/vllm-monitoring/install-check}}}}"
    );
    for registry in [
        "registry.example:5000/mirror",
        "registry.example:5000/mirror/",
    ] {
        let global = format!("global: {{imageRegistry: '{registry}'}}");
        let rendered = render(&[ALL, &digests, &global], &[]);
        let all = images(&rendered);
        assert!(all.len() >= 7, "{all:?}");
        for image in &all {
            assert!(
                image.starts_with("registry.example:5000/mirror/"),
                "{image}"
            );
        }
        for (path, count) in [
            ("vllm/vllm-openai:", 1),
            ("otelcol-vllm:", 1),
            ("grafana/grafana:", 1),
            ("prometheus/alertmanager:", 1),
            (&*format!("prometheus/prometheus@{digest}"), 1),
        ] {
            let expected = format!("registry.example:5000/mirror/{path}");
            let found = all.iter().filter(|image| image.starts_with(&expected));
            assert_eq!(found.count(), count, "{expected}: {:?}", all);
        }
    }
}

#[test]
fn an_image_has_a_registry_of_its_own_and_one_that_is_named_twice_stands_once() {
    let own = "prometheus: {image: {registry: registry.example/a}}\n\
               alertmanager: {image: {registry: registry.example/a, repository: registry.example/a/am}}\n\
               grafana: {image: {repository: localhost/grafana}}";
    let rendered = &render(&[ALL, own], &[]);
    let images = images(rendered);
    let has = |start: &str| images.iter().any(|image| image.starts_with(start));
    assert!(
        has("registry.example/a/prometheus/prometheus:"),
        "{images:?}"
    );
    assert!(has("registry.example/a/am:"), "{images:?}");
    assert!(has("localhost/grafana:"), "{images:?}");
    assert!(has("docker.io/jaegertracing/jaeger:"), "{images:?}");
}

#[test]
fn every_pod_has_the_pull_secrets_of_the_chart_and_of_its_parent_once_each() {
    let values =
        "global: {imagePullSecrets: [corp, {name: both}]}\nimagePullSecrets: [both, {name: own}]";
    for (name, pod) in pods(&render(&[ALL, values], &[])) {
        let secrets = serde_json::to_string(&pod["imagePullSecrets"]).unwrap();
        let expected = r#"[{"name":"corp"},{"name":"both"},{"name":"own"}]"#;
        assert_eq!(secrets, expected, "{name}");
    }
}

/// The StorageClass of every claim; `None` for a claim that names none.
fn classes(rendered: &Rendered) -> Vec<Option<&str>> {
    let of_sets = rendered.of_kind("StatefulSet").flat_map(|set| {
        set["spec"]["volumeClaimTemplates"]
            .as_sequence()
            .into_iter()
            .flatten()
    });
    let claims = of_sets.chain(rendered.of_kind("PersistentVolumeClaim"));
    claims
        .map(|claim| claim["spec"]["storageClassName"].as_str())
        .collect()
}

#[test]
fn every_claim_has_the_storage_class_that_is_named_nearest_and_a_parents_before_it() {
    let own = "prometheus: {storage: {storageClassName: own}}";
    for (global, of_prometheus, of_others) in [
        ("{}", Some("own"), None),
        ("{storageClass: fast}", Some("fast"), Some("fast")),
        ("{defaultStorageClass: slow}", Some("own"), Some("slow")),
        ("{storageClass: '-'}", Some(""), Some("")),
    ] {
        let rendered = &render(&[ALL, own, &format!("global: {global}")], &[]);
        let found = classes(rendered);
        assert_eq!(found.len(), 6, "{found:?}");
        let different = usize::from(of_prometheus != of_others);
        let others = found.iter().filter(|class| **class == of_others);
        assert_eq!(others.count(), 6 - different, "{global}: {found:?}");
        assert!(found.contains(&of_prometheus), "{global}: {found:?}");
    }
}

/// Pods with a user or group of the chart's choice.
fn fixed(rendered: &Rendered) -> Vec<&str> {
    let ids = ["runAsUser", "runAsGroup", "fsGroup"];
    let fixes = |of: &Value| ids.iter().any(|id| !of["securityContext"][*id].is_null());
    pods(rendered)
        .filter(|(_, pod)| fixes(pod) || containers(pod).any(fixes))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn user_ids_are_left_to_openshift_where_it_is_one() {
    let adapt = |word: &str| {
        format!("global: {{compatibility: {{openshift: {{adaptSecurityContext: {word}}}}}}}")
    };
    let openshift = &["security.openshift.io/v1"][..];
    for (word, api, left) in [
        ("auto", openshift, true),
        ("auto", &[], false),
        ("force", &[], true),
        ("disabled", openshift, false),
    ] {
        let rendered = render(&[ALL, &adapt(word)], api);
        let fixed = fixed(&rendered);
        if left {
            assert!(fixed.is_empty(), "{word} {api:?}: {fixed:?}");
        } else {
            assert_eq!(fixed.len(), pods(&rendered).count(), "{word} {api:?}");
        }
        for (name, pod) in pods(&rendered) {
            let security = &pod["securityContext"];
            assert_eq!(security["runAsNonRoot"], true, "{name}");
            assert_eq!(
                security["seccompProfile"]["type"], "RuntimeDefault",
                "{name}"
            );
        }
    }
}

#[test]
fn a_model_leaves_its_user_to_the_platform_by_null() {
    let values = "models: [{name: a, deploy: {enabled: true, runAsUser: null}}]";
    let rendered = &render(&[values], &[]);
    let fixed = fixed(rendered);
    assert!(!fixed.contains(&"vllm-monitoring-a"), "{fixed:?}");
    assert!(fixed.contains(&"vllm-monitoring-collector"), "{fixed:?}");
}

#[test]
fn a_parent_chart_turns_this_one_on_and_off_and_says_what_it_likes_in_global() {
    let dir = tempfile::tempdir().unwrap();
    let parent = dir.path().join("platform");
    copy_below(&parent).unwrap();
    fs::write(
        parent.join("Chart.yaml"),
        "apiVersion: v2\nname: platform\nversion: 0.0.1\ndependencies:\n  - {name: vllm-monitoring, version: '>=0.1.0', condition: vllm-monitoring.enabled}\n",
    )
    .unwrap();
    let values = "
global:
  imageRegistry: registry.example
  postgresql: {auth: {username: a}}
  security: {allowInsecureImages: true}
  compatibility: {omitEmptySeLinuxOptions: true}
  env: production
vllm-monitoring:
  enabled: true
  metrics: {mode: standalone}
";
    fs::write(parent.join("values.yaml"), values).unwrap();
    let objects = |helm, enabled: bool| {
        let options = Options {
            chart: parent.clone(),
            set: vec![format!("vllm-monitoring.enabled={enabled}")],
            helm,
            ..Options::default()
        };
        Rendered::new(&options).unwrap().objects.len()
    };
    for helm in ["helm", "helm3"] {
        assert!(objects(helm, true) > 10, "{helm}");
        assert_eq!(objects(helm, false), 0, "{helm}");
    }
    let report = check(&Input {
        sources: vec![Source::new("values.yaml", values).below("vllm-monitoring")],
        sets: Vec::new(),
    });
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

/// The values of a parent may also say `null` for what it leaves to others.
#[test]
fn null_in_global_is_nothing() {
    for global in [
        "null",
        "{imageRegistry: null, imagePullSecrets: null, storageClass: null}",
        "{compatibility: null}",
        "{compatibility: {openshift: null}}",
    ] {
        let values = format!("global: {global}");
        let rendered = render(&[ALL, &values], &[]);
        assert!(!images(&rendered).is_empty(), "{global}");
        let report = check(&Input {
            sources: vec![Source::new("values.yaml", &*values)],
            sets: Vec::new(),
        });
        assert!(!report.failed(), "{global}: {:?}", report.findings);
    }
}
