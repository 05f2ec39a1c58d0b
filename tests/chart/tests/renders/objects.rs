//! Valid objects of bearable size, for every Kubernetes that the chart supports, in both modes.

use chart_tests::{KUBERNETES, chart, conform, package, value_sets, with};
use harness::render::{Options, Rendered};

#[test]
fn helm_lint_finds_nothing() {
    for values in value_sets().unwrap() {
        let mut lint = harness::repo::command("helm").unwrap();
        lint.args(["lint", "--strict"]).arg(chart());
        for file in &values {
            lint.arg("--values").arg(file);
        }
        let out = lint.output().unwrap();
        assert!(
            out.status.success(),
            "{values:?}: {}",
            String::from_utf8_lossy(&out.stdout)
        );
    }
}

/// Values that need a newer Kubernetes than the chart's oldest: a volume from an image.
fn since(values: &[std::path::PathBuf]) -> &'static str {
    if values.iter().any(|v| v.ends_with("deployed-values.yaml")) {
        "v1.31.0"
    } else {
        KUBERNETES[0]
    }
}

#[test]
fn every_value_set_conforms_to_every_supported_kubernetes() {
    // The templates ask for 1.30 alone, so one render serves all versions from 1.31 on.
    for (newest, versions) in [
        (KUBERNETES[0], &KUBERNETES[..1]),
        ("v1.35.0", &KUBERNETES[1..]),
    ] {
        let mut manifests = String::new();
        for values in value_sets().unwrap() {
            if since(&values) > newest {
                continue;
            }
            for mode in ["operator", "standalone"] {
                let options = Options {
                    values: values.clone(),
                    set: vec![
                        format!("metrics.mode={mode}"),
                        "networkPolicies.enabled=true".to_owned(),
                    ],
                    kube_version: Some(newest.to_owned()),
                    ..Options::default()
                };
                manifests += &Rendered::new(&options).unwrap().manifests;
            }
        }
        for kubernetes in versions {
            conform(&manifests, kubernetes).unwrap();
        }
    }
}

#[test]
fn a_misspelt_key_does_not_conform() {
    let rendered = with(&[]).unwrap();
    let broken = rendered
        .manifests
        .replace("enableServiceLinks:", "enableServiceLink:");
    assert_ne!(broken, rendered.manifests);
    assert!(conform(&broken, "v1.35.0").is_err());
}

#[test]
fn no_object_is_over_240_kib() {
    for values in value_sets().unwrap() {
        let rendered = Rendered::new(&Options {
            values,
            ..Options::default()
        })
        .unwrap();
        for object in &rendered.objects {
            let size = serde_json::to_vec(object).unwrap().len();
            assert!(
                size <= 240 * 1024,
                "{size} B: {:?}",
                object["metadata"]["name"]
            );
        }
    }
}

#[test]
fn a_packaged_chart_renders_and_has_its_schema() {
    let dir = tempfile::tempdir().unwrap();
    let package = package(dir.path()).unwrap();
    let options = |set: &[&str]| Options {
        chart: package.clone(),
        set: set.iter().map(|s| (*s).to_owned()).collect(),
        ..Options::default()
    };
    Rendered::new(&options(&[])).unwrap();
    for (set, place) in [
        ("nope=1", "at ''"),
        ("tracing.nope=1", "at '/tracing'"),
        (
            "tracing.collector.image.nope=1",
            "at '/tracing/collector/image'",
        ),
        (
            "rules.alerts.VllmReplicaDown.nope=1",
            "at '/rules/alerts/VllmReplicaDown'",
        ),
        ("rules.alerts.Nope.enabled=true", "at '/rules/alerts'"),
    ] {
        let error = format!("{:#}", Rendered::new(&options(&[set])).unwrap_err());
        assert!(
            error.contains(place) && error.contains("not allowed"),
            "{set}: {error}"
        );
    }
}
