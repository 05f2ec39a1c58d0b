//! The commands of README, tutorials and guides: `helm install` and `helm upgrade` render with the values
//! that the page shows, what `kubectl` names is rendered by one of them, `make` targets exist, and queries
//! are among those that other tests run.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use harness::page::Page;
use harness::render::{Options, Rendered};
use harness::repo;

/// README, the guides and the tutorials.
fn pages() -> Vec<Page> {
    let mut paths = vec!["README.md".to_owned()];
    for folder in ["docs", "docs/tutorials"] {
        for entry in fs::read_dir(repo::root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if Path::new(&name).extension().is_some_and(|e| e == "md") {
                paths.push(format!("{folder}/{name}"));
            }
        }
    }
    paths.sort();
    paths.iter().map(|path| Page::read(path).unwrap()).collect()
}

/// Commands of a block, with lines that end in `\` joined and what comes after a pipe as its own.
fn commands(block: &str) -> Vec<Vec<String>> {
    block
        .replace("\\\n", " ")
        .lines()
        .flat_map(|line| line.split(" | ").map(str::to_owned).collect::<Vec<_>>())
        .map(|line| line.split(" # ").next().unwrap().trim().to_owned())
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_whitespace().map(str::to_owned).collect())
        .collect()
}

/// What `helm install|upgrade|template` would render; an error says what is wrong with the command.
fn rendered(
    words: &[String],
    files: &BTreeMap<&str, &str>,
    folder: &Path,
) -> Result<Rendered, String> {
    let mut options = Options::default();
    let mut words = words.iter().map(String::as_str);
    let mut free = Vec::new();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} has no value"));
        match word {
            "--namespace" | "-n" => value()?.clone_into(&mut options.namespace),
            // As the shell takes quotes off.
            "--set" => options.set.push(value()?.replace('\'', "")),
            "--values" | "-f" => {
                let name = value()?;
                if let Some(text) = files.get(name) {
                    let path = folder.join(name);
                    fs::write(&path, text).unwrap();
                    options.values.push(path);
                } else if name.starts_with("chart/") || name.starts_with("examples/") {
                    options.values.push(repo::root().join(name));
                } else if name != "target/images/values.yaml" {
                    // That one is written by `make images`.
                    return Err(format!("no block of this page begins with '# {name}'"));
                }
            }
            // The whole release is rendered, this template of it too.
            "--show-only" => drop(value()?),
            redirect if redirect.starts_with('>') => {}
            "--create-namespace" | "--no-hooks" | "--install" | "--wait" => {}
            flag if flag.starts_with('-') => return Err(format!("{flag} is not known here")),
            other => free.push(other),
        }
    }
    let [release, "./chart"] = free[..] else {
        return Err(format!("found {free:?}; expected a release and ./chart"));
    };
    release.clone_into(&mut options.release);
    Rendered::new(&options).map_err(|e| format!("{e:#}"))
}

/// `svc/NAME`, `statefulset/NAME` and the pod of `exec`, as kind and name; nothing of other installs.
fn named(words: &[String]) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for (n, word) in words.iter().enumerate() {
        let pair = match word.split_once('/') {
            Some(("svc", name)) => ("Service", name.to_owned()),
            Some(("statefulset", name)) => ("StatefulSet", name.to_owned()),
            _ if n > 0 && words[n - 1] == "exec" => {
                let set = word.strip_suffix("-0").unwrap_or(word);
                ("StatefulSet", set.to_owned())
            }
            _ => continue,
        };
        // The operator's own Service, and names that the reader fills in.
        let filled_in = pair.1.chars().any(|c| c.is_ascii_uppercase());
        let foreign = pair.1 == "prometheus-operated" || filled_in;
        if !foreign {
            found.push(pair);
        }
    }
    found
}

#[test]
fn the_commands_of_readme_and_docs_can_be_run() {
    let makefile = fs::read_to_string(repo::root().join("Makefile")).unwrap();
    let pages = pages();
    let readme = pages.iter().find(|p| p.path == "README.md").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (mut faults, mut asked) = (Vec::new(), Vec::new());
    let (mut objects, mut rendering) = (BTreeSet::new(), BTreeSet::new());
    for page in &pages {
        // What is called my-values.yaml is the README's where a page shows none of its own.
        let mut files = readme.files();
        files.extend(page.files());
        for (place, block) in page.of("sh") {
            for words in commands(block) {
                let variables = words.iter().take_while(|word| word.contains('=')).count();
                let (first, rest) = words[variables..].split_first().unwrap();
                match (first.as_str(), rest.first().map_or("", String::as_str)) {
                    ("helm", "install" | "upgrade" | "template") => {
                        match rendered(&rest[1..], &files, folder.path()) {
                            Ok(release) => {
                                rendering.insert(page.path.clone());
                                objects.extend(release.objects.iter().map(|object| {
                                    let text = |v: &serde_yaml::Value| {
                                        v.as_str().unwrap_or_default().to_owned()
                                    };
                                    (text(&object["kind"]), text(&object["metadata"]["name"]))
                                }));
                            }
                            Err(fault) => faults.push(format!("{place}: {fault}")),
                        }
                    }
                    // That page's commands are run by plugins/policy-kit/host/tests/policies.rs.
                    _ if page.path == "docs/write-a-policy.md" => {}
                    ("kubectl", _) => asked.extend(
                        named(rest)
                            .into_iter()
                            .map(|(kind, name)| (place.clone(), kind.to_owned(), name)),
                    ),
                    ("make", target) => {
                        if !makefile.contains(&format!("\n{target}:")) {
                            faults.push(format!("{place}: the Makefile has no target {target}"));
                        }
                    }
                    ("git" | "cd" | "helm" | "cargo" | "vllm-policy", _) => {}
                    (other, _) => faults.push(format!("{place}: '{other}' is not known here")),
                }
            }
        }
    }
    for (place, kind, name) in asked {
        if !objects.contains(&(kind.clone(), name.clone())) {
            faults.push(format!("{place}: no page renders a {kind} {name}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for page in [
        "README.md",
        "docs/tutorials/kube-prometheus-stack.md",
        "docs/tutorials/standalone.md",
        "docs/tutorials/scale-out.md",
    ] {
        assert!(rendering.contains(page), "no command of {page} renders");
    }
}

/// Those of docs/queries.md and of the runbooks run in a real Prometheus (`rules-tests`).
#[test]
fn queries_of_the_tutorials_are_among_those_that_are_tested() {
    let mut tested = fs::read_to_string(repo::root().join("docs/queries.md")).unwrap();
    for entry in fs::read_dir(repo::root().join("docs/runbooks")).unwrap() {
        tested += &fs::read_to_string(entry.unwrap().path()).unwrap();
    }
    let mut count = 0;
    for page in pages() {
        if !page.path.starts_with("docs/tutorials/") {
            continue;
        }
        for (place, block) in page.of("promql") {
            for query in block.lines() {
                let known = [
                    format!("\n{query}\n"),
                    format!(" {query}\n"),
                    format!(" {query}{{"),
                ];
                assert!(
                    known.iter().any(|known| tested.contains(known)),
                    "{place}: {query}: neither in docs/queries.md nor in a runbook"
                );
                count += 1;
            }
        }
    }
    assert!(count >= 5, "{count}");
}
