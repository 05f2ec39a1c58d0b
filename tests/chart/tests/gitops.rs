//! What GitOps tools see: the same input gives the same manifests, nothing depends on a hook, and what
//! the package says of itself is so.

#![allow(clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeSet;
use std::fs;

use chart_tests::chart;
use harness::render::{Options, Rendered};
use serde_yaml::Value;

/// Every part that the chart can bring along.
fn everything(set: &[&str]) -> Rendered {
    Rendered::new(&Options {
        values: vec![chart().join("ci/bundled-values.yaml")],
        set: set.iter().map(|s| (*s).to_owned()).collect(),
        ..Options::default()
    })
    .unwrap()
}

#[test]
fn the_same_values_give_the_same_manifests() {
    let [first, second] = [(); 2].map(|()| everything(&[]).manifests);
    assert!(
        first == second,
        "two renders differ: a tool would see drift"
    );
}

#[test]
fn the_test_alone_is_a_hook() {
    let rendered = everything(&[]);
    let hooks: Vec<(&str, &str)> = (rendered.objects.iter())
        .filter_map(|object| {
            let hook = object["metadata"]["annotations"]["helm.sh/hook"].as_str()?;
            Some((object["kind"].as_str().unwrap(), hook))
        })
        .collect();
    assert_eq!(hooks, [("Pod", "test")]);
}

/// `lookup` and random functions give another answer in a cluster, or each time; what is read by them
/// may go into NOTES alone.
#[test]
fn no_object_is_made_of_what_a_cluster_or_chance_says() {
    let mut folders = vec![chart().join("templates")];
    let (mut wrong, mut readers) = (Vec::new(), Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            if text.contains("include \"vllm-monitoring.selectionNotes\"") {
                readers.push(path.file_name().unwrap().to_owned());
            }
            for action in text.split("{{").skip(1) {
                let action = action.split("}}").next().unwrap_or("");
                let action = action.replace(r#"\""#, "");
                if action.trim_start_matches(['-', ' ']).starts_with("/*") {
                    continue;
                }
                // What is in quotes is not called.
                let code: String = action.split(['"', '`']).step_by(2).collect();
                for word in code.split(|c: char| !c.is_ascii_alphanumeric()) {
                    let chance = word.starts_with("rand") || word.starts_with("gen");
                    if chance || ["lookup", "uuidv4", "now", "htpasswd", "bcrypt"].contains(&word) {
                        wrong.push((path.file_name().unwrap().to_owned(), word.to_owned()));
                    }
                }
            }
        }
    }
    let notes: Vec<_> = (wrong.iter())
        .filter(|(file, word)| !(file == "_selected.tpl" && word == "lookup"))
        .collect();
    assert!(notes.is_empty(), "{notes:?}");
    assert_eq!(readers, ["NOTES.txt"]);
}

/// What Artifact Hub lists is what is run.
#[test]
fn the_package_names_every_image_that_it_runs() {
    let text = fs::read_to_string(chart().join("Chart.yaml")).unwrap();
    let meta: Value = serde_yaml::from_str(&text).unwrap();
    let listed: Value = serde_yaml::from_str(
        meta["annotations"]["artifacthub.io/images"]
            .as_str()
            .unwrap(),
    )
    .unwrap();
    let listed: BTreeSet<String> = (listed.as_sequence().unwrap().iter())
        .map(|image| image["image"].as_str().unwrap().to_owned())
        .collect();
    let rendered = everything(&[
        "models[0].name=m",
        "models[0].deploy.enabled=true",
        "probe.enabled=true",
    ]);
    let mut run = BTreeSet::new();
    for object in &rendered.objects {
        for pod in [&object["spec"], &object["spec"]["template"]["spec"]] {
            for kind in ["initContainers", "containers"] {
                let containers = pod[kind].as_sequence().into_iter().flatten();
                run.extend(containers.filter_map(|c| Some(c["image"].as_str()?.to_owned())));
            }
        }
    }
    assert_eq!(listed, run);
    for key in ["links", "changes"] {
        let list = meta["annotations"][format!("artifacthub.io/{key}")].as_str();
        let list: Value = serde_yaml::from_str(list.unwrap_or_else(|| panic!("no {key}"))).unwrap();
        assert!(!list.as_sequence().unwrap().is_empty(), "{key}");
    }
}
