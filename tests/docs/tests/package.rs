//! What Artifact Hub and chart-testing (`ct lint`) check of a chart before they list or release it, as far as their
//! documentation says: the keys of Chart.yaml, the annotations, and the style of the YAML files.
//!
//! Sources: artifacthub.io/docs/topics/annotations/helm and helm.sh/docs/topics/charts for the keys; the lintconf.yaml
//! of github.com/helm/chart-testing for the style.

#![allow(clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

use docs_tests::{paths, root};
use serde_yaml::Value;

const KEYS: &[&str] = &[
    "apiVersion",
    "name",
    "version",
    "kubeVersion",
    "description",
    "type",
    "keywords",
    "home",
    "sources",
    "dependencies",
    "maintainers",
    "icon",
    "appVersion",
    "deprecated",
    "annotations",
];

const ANNOTATIONS: &[&str] = &[
    "alternativeName",
    "category",
    "changes",
    "containsSecurityUpdates",
    "crds",
    "crdsExamples",
    "images",
    "license",
    "links",
    "maintainers",
    "operator",
    "operatorCapabilities",
    "prerelease",
    "recommendations",
    "screenshots",
    "signKey",
];

const CATEGORIES: &[&str] = &[
    "ai-machine-learning",
    "database",
    "integration-delivery",
    "monitoring-logging",
    "networking",
    "security",
    "storage",
    "streaming-messaging",
    "skip-prediction",
];

const CHANGES: &[&str] = &[
    "added",
    "changed",
    "deprecated",
    "removed",
    "fixed",
    "security",
];

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

fn chart() -> Value {
    serde_yaml::from_str(&read("chart/Chart.yaml")).unwrap()
}

/// A list in an annotation, which is YAML in a text.
fn listed(chart: &Value, key: &str) -> Vec<Value> {
    let text = chart["annotations"][format!("artifacthub.io/{key}")].as_str();
    serde_yaml::from_str(text.unwrap_or_else(|| panic!("no annotation {key}"))).unwrap()
}

fn is_url(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|url| url.starts_with("https://") && !url.contains(' '))
}

/// Major, minor and patch.
fn version(text: &str) -> [u32; 3] {
    let parts: Vec<u32> = text.split('.').map(|part| part.parse().unwrap()).collect();
    parts.try_into().unwrap()
}

#[test]
fn the_chart_says_of_itself_what_registries_require() {
    let chart = chart();
    for key in chart.as_mapping().unwrap().keys() {
        assert!(
            KEYS.contains(&key.as_str().unwrap()),
            "Chart.yaml has the key {key:?}"
        );
    }
    assert_eq!(chart["apiVersion"], "v2");
    assert_eq!(chart["type"], "application");
    let description = chart["description"].as_str().unwrap();
    assert!((20..=200).contains(&description.len()), "{description}");
    assert!(is_url(&chart["home"]) && is_url(&chart["icon"]));
    // The address of a file on the main branch is one of this tree.
    let icon = chart["icon"].as_str().unwrap();
    let (_, file) = icon.split_once("/main/").unwrap();
    assert!(root().join(file).is_file(), "{file} is not there");
    for list in ["sources", "maintainers", "keywords"] {
        assert!(!chart[list].as_sequence().unwrap().is_empty(), "{list}");
    }
    assert!(chart["sources"].as_sequence().unwrap().iter().all(is_url));
    for maintainer in chart["maintainers"].as_sequence().unwrap() {
        assert!(maintainer["name"].is_string(), "{maintainer:?}");
        assert!(
            maintainer["email"].is_string() || is_url(&maintainer["url"]),
            "{maintainer:?}"
        );
    }
    let readme = read("chart/README.md");
    assert!(readme.starts_with("# vllm-monitoring\n") && readme.contains("helm install "));
}

#[test]
fn artifact_hub_knows_every_annotation_and_its_values() {
    let chart = chart();
    let annotations = chart["annotations"].as_mapping().unwrap();
    for (key, value) in annotations {
        let key = key.as_str().unwrap();
        let known = key
            .strip_prefix("artifacthub.io/")
            .is_some_and(|k| ANNOTATIONS.contains(&k));
        assert!(known, "{key}");
        assert!(
            value.is_string(),
            "{key}: an annotation is a text, and this is {value:?}"
        );
    }
    let text = |key: &str| {
        annotations[format!("artifacthub.io/{key}").as_str()]
            .as_str()
            .unwrap()
    };
    assert!(CATEGORIES.contains(&text("category")));
    assert_eq!(text("license"), "Apache-2.0");
    for switch in ["operator", "prerelease"] {
        assert!(["true", "false"].contains(&text(switch)), "{switch}");
    }
    for change in listed(&chart, "changes") {
        assert!(
            CHANGES.contains(&change["kind"].as_str().unwrap()),
            "{change:?}"
        );
        assert!(!change["description"].as_str().unwrap().is_empty());
    }
    for link in listed(&chart, "links") {
        assert!(link["name"].is_string() && is_url(&link["url"]), "{link:?}");
    }
    for image in listed(&chart, "images") {
        assert!(image["name"].is_string(), "{image:?}");
        let reference = image["image"].as_str().unwrap();
        let (_, tag) = reference.rsplit_once(':').unwrap();
        assert!(!tag.contains('/') && tag != "latest", "{reference}");
    }
}

#[test]
fn the_version_is_above_every_package_before() {
    let now = version(chart()["version"].as_str().unwrap());
    let before = paths(|path| path.starts_with("tests/kind/previous/") && path.ends_with(".tgz"));
    assert!(before.len() >= 2, "{before:?}");
    for package in before {
        let (_, file) = package.rsplit_once("vllm-monitoring-").unwrap();
        assert!(version(file.trim_end_matches(".tgz")) < now, "{package}");
    }
}

#[test]
fn the_charts_yaml_has_the_style_that_chart_testing_asks_for() {
    let files = paths(|path| {
        let chart = path.starts_with("chart/") && !path.starts_with("chart/templates/");
        (chart || path.starts_with("examples/")) && path.ends_with(".yaml")
    });
    assert!(files.len() > 20, "{}", files.len());
    let mut wrong = Vec::new();
    for path in files {
        let text = read(&path);
        // A key that stands twice in a map is an error of this reader.
        if let Err(error) = serde_yaml::from_str::<Value>(&text) {
            wrong.push(format!("{path}: {error}"));
        }
        if !text.ends_with('\n') || text.ends_with("\n\n") || text.starts_with('\n') {
            wrong.push(format!(
                "{path}: not one end of line at its end, or an empty line at its beginning"
            ));
        }
        let mut empty = 0;
        for (number, line) in text.lines().enumerate() {
            let place = format!("{path}:{}", number + 1);
            empty = if line.is_empty() { empty + 1 } else { 0 };
            if line.contains('\t') || line.contains('\r') || line.ends_with(' ') {
                wrong.push(format!(
                    "{place}: a tab, a carriage return or blanks at the end"
                ));
            }
            let comment = line.trim_start().strip_prefix('#').unwrap_or(" ");
            if !(comment.is_empty() || comment.starts_with([' ', '#'])) {
                wrong.push(format!("{place}: no blank after #"));
            }
            if empty > 2 {
                wrong.push(format!("{place}: more than two empty lines"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
