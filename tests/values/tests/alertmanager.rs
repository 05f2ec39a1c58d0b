//! alertmanager.config as amtool reads it: in a file with receivers of every service each value becomes one of
//! another type, and the validator refuses what amtool refuses, and nothing else.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::fs;
use std::path::PathBuf;

use harness::repo;
use serde_yaml::Value;
use values_tests::probes::{PROBES, each, errors};

/// The base of `edits.yaml` that has them all.
fn base() -> String {
    let edits: Value = serde_yaml::from_str(include_str!("../edits.yaml")).unwrap();
    edits["bases"]["services"].as_str().unwrap().to_owned()
}

/// Where the two differ, which is known: a rule looks at texts there, or the file would work and not do what was
/// meant.
fn known(path: &str, probe: &str) -> bool {
    let ends = |keys: &[&str]| keys.iter().any(|key| path.ends_with(key));
    match probe {
        "5" | "1.5" | "true" if ends(&["].receiver", "route.receiver"]) => true,
        "5" | "1.5" | "true" if path.contains("time_intervals[") => true,
        "5" | "1.5" | "true" if ends(&["url", "smarthost", ".type", "_matchers"]) => true,
        // Nanoseconds.
        "5" | "1.5" => ends(&["].timeout"]),
        "5m" => ends(&["group_by[0]"]),
        "\"\"" | "null" => {
            ends(&[
                "[0]",
                "location",
                "api_url",
                "smtp_smarthost",
                "smtp_from",
                "].receiver",
            ]) || ends(&["].url", "actions[0].name", "responders[0].name", "[0].type"])
                || ends(&[
                    "http_config",
                    "proxy_url",
                    ".receivers",
                    "api_type",
                    "by_date",
                ])
        }
        "{a: 1}" => ends(&["_matchers"]),
        _ => false,
    }
}

/// What amtool says of each file that it refuses. Some it ends at with a trace, as Alertmanager does: the next run
/// begins behind that.
fn refused(files: &[PathBuf]) -> Vec<Option<String>> {
    let mut all = Vec::new();
    while all.len() < files.len() {
        let out = repo::command("amtool")
            .unwrap()
            .arg("check-config")
            .args(&files[all.len()..])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        let parts = said.split("Checking '").skip(1);
        let before = all.len();
        all.extend(parts.map(|part| (!part.contains("SUCCESS")).then(|| part.to_owned())));
        assert!(
            all.len() > before,
            "{}",
            String::from_utf8_lossy(&out.stderr)
        );
    }
    all
}

#[test]
fn each_value_of_another_type_is_refused_where_amtool_refuses_it() {
    let base: Value = serde_yaml::from_str(&base()).unwrap();
    let config = &base["alertmanager"]["config"];
    let dir = tempfile::tempdir().unwrap();
    let (mut cases, mut files) = (Vec::new(), Vec::new());
    for probe in PROBES {
        let new: Value = serde_yaml::from_str(probe).unwrap();
        for (path, config) in each(config, "", &new, &|all| all).into_iter().skip(1) {
            let mut values = base.clone();
            values["alertmanager"]["config"] = config.clone();
            let said = errors(&values).unwrap();
            let file = dir.path().join(format!("{}.yml", cases.len()));
            fs::write(&file, serde_json::to_string(&config).unwrap()).unwrap();
            files.push(file);
            cases.push((path, probe, said));
        }
    }
    let refused = refused(&files);
    assert_eq!(refused.len(), cases.len());
    let wrong: Vec<String> = (cases.iter().zip(refused))
        .filter(|((path, probe, found), refused)| {
            refused.is_some() == found.is_empty() && !known(path, probe)
        })
        .map(|((path, probe, found), said)| format!("{path}: {probe}: {found:?}; amtool: {said:?}"))
        .collect();
    println!("{} values", cases.len());
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn each_edit_of_that_file_is_refused_and_the_file_is_not() {
    let edits: Value = serde_yaml::from_str(include_str!("../edits.yaml")).unwrap();
    let base = base();
    let mut texts = vec![("nothing", base.clone())];
    for edit in edits["edits"].as_sequence().unwrap() {
        let text = |key: &str| edit[key].as_str().unwrap();
        // Nanoseconds: it starts, and each try ends at once.
        if text("base") == "services" && text("new") != "timeout: 15" {
            texts.push((text("what"), base.replacen(text("old"), text("new"), 1)));
        }
    }
    assert!(texts.len() > 60, "{}", texts.len());
    let dir = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (at, (_, text)) in texts.iter().enumerate() {
        let values: Value = serde_yaml::from_str(text).unwrap();
        // With quotes around each text, as helm writes "yes".
        let config = serde_json::to_string(&values["alertmanager"]["config"]).unwrap();
        let file = dir.path().join(format!("{at}.yml"));
        fs::write(&file, config).unwrap();
        files.push(file);
    }
    let refused = refused(&files);
    let taken: Vec<&str> = (texts.iter().zip(refused))
        .filter_map(|((what, _), said)| said.is_none().then_some(*what))
        .collect();
    assert_eq!(taken, ["nothing"]);
}
