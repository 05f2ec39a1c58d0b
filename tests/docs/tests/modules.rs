//! The modules of a crate import each other in one direction, and each file belongs to a crate.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::{BTreeMap, BTreeSet};

use docs_tests::{has_ending, texts};

type Module = Vec<String>;

/// `a/b.rs` is the module `a::b`; `lib.rs` and `main.rs` are the root, `a/mod.rs` is `a`.
fn module(file: &str) -> Module {
    let path = file.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    match path {
        "lib" | "main" => Vec::new(),
        path => path.split('/').map(str::to_owned).collect(),
    }
}

/// The program text without comments and without its module of tests.
fn program(text: &str) -> String {
    let lines = text.lines().map(|line| line.split("//").next().unwrap());
    let text: String = lines.map(|line| format!("{line}\n")).collect();
    let (text, _) = text.split_once("#[cfg(test)]\nmod ").unwrap_or((&text, ""));
    text.to_owned()
}

/// Paths of a text that begin with `crate`, `self` or `super`; of `{…}` every branch.
fn imports(text: &str) -> Vec<Module> {
    fn expand(before: &[String], list: &str, into: &mut Vec<Module>) {
        let (mut depth, mut start) = (0, 0);
        let list = format!("{list},");
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    let item = list[start..at].trim();
                    start = at + 1;
                    let (path, inner) = item.split_once('{').unwrap_or((item, ""));
                    let parts = path.split("::").map(str::trim).filter(|p| !p.is_empty());
                    let path: Module = before
                        .iter()
                        .cloned()
                        .chain(parts.map(str::to_owned))
                        .collect();
                    match inner.rsplit_once('}') {
                        Some((inner, _)) => expand(&path, inner, into),
                        None if path.len() > before.len() => into.push(path),
                        None => {}
                    }
                }
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    for root in ["crate::", "super::", "self::"] {
        for (at, _) in text.match_indices(root) {
            let begins =
                !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
            let rest = &text[at..];
            let plain = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            let end = rest.find(|c: char| !plain(c)).unwrap_or(rest.len());
            let block = rest[end..].starts_with('{') && rest[..end].ends_with("::");
            let close = if block { rest.find(';') } else { Some(end) };
            if let Some(close) = close.filter(|_| begins) {
                expand(&[], &rest[..close], &mut found);
            }
        }
    }
    found
}

/// Modules that import each other, over others or at once; a module and one within it may.
fn circles(files: &[(Module, String)]) -> BTreeSet<String> {
    let known: BTreeSet<&Module> = files.iter().map(|(module, _)| module).collect();
    let mut to: BTreeMap<&Module, BTreeSet<Module>> = BTreeMap::new();
    for (from, text) in files {
        for path in imports(text) {
            let mut target = if path[0] == "crate" {
                Vec::new()
            } else {
                from.clone()
            };
            for part in &path {
                match part.as_str() {
                    "super" => drop(target.pop()),
                    "crate" | "self" => {}
                    part => target.push(part.to_owned()),
                }
            }
            while !known.contains(&target) && !target.is_empty() {
                target.pop();
            }
            if !target.starts_with(from) && !from.starts_with(&target) {
                to.entry(from).or_default().insert(target);
            }
        }
    }
    let reached = |from: &Module| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(at) = next.pop() {
            for target in to.get(&at).into_iter().flatten() {
                if seen.insert(target.clone()) {
                    next.push(target.clone());
                }
            }
        }
        seen
    };
    let in_a_circle = known
        .into_iter()
        .filter(|module| reached(module).contains(*module));
    in_a_circle.map(|module| module.join("::")).collect()
}

#[test]
fn modules_import_each_other_in_one_direction() {
    let mut crates: BTreeMap<String, Vec<(Module, String)>> = BTreeMap::new();
    for text in texts(|path| has_ending(path, "rs") && !path.contains("/bin/")) {
        if let Some((name, file)) = text.path.split_once("/src/") {
            let files = crates.entry(name.to_owned()).or_default();
            files.push((module(file), program(&text.text)));
        }
    }
    assert!(crates.len() > 20, "{}", crates.len());
    let found: Vec<String> = crates
        .iter()
        .map(|(name, files)| (name, circles(files)))
        .filter(|(_, circles)| !circles.is_empty())
        .map(|(name, circles)| {
            format!("{name}: {circles:?}: move what both sides read to a file of its own")
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_circle_is_found_and_a_module_with_its_inner_ones_is_none() {
    let file = |name: &str, text: &str| (module(name), program(text));
    let none = [
        file("lib.rs", "mod a; pub use a::x;"),
        file("a.rs", "mod b; use crate::c::{y, z};"),
        file("a/b.rs", "use super::x; // crate::a::b\n"),
        file(
            "c.rs",
            "use crate::d::Y;\n#[cfg(test)]\nmod tests { use crate::a::x; }",
        ),
        file("d.rs", ""),
    ];
    assert_eq!(circles(&none), BTreeSet::new());
    let mut two = none;
    two[4].1 = "fn f() { super::a::x() }".to_owned();
    let expected = ["a", "c", "d"].map(str::to_owned);
    assert_eq!(circles(&two), BTreeSet::from(expected));
}

/// Files that Cargo finds by itself: roots of crates, and tests, programs and benches by their folder.
fn is_a_root(path: &str) -> bool {
    let mut parts: Vec<&str> = path.rsplit('/').take(3).collect();
    parts.reverse();
    matches!(
        parts[..],
        [.., "lib.rs" | "main.rs" | "build.rs"] | [.., "tests" | "benches" | "examples" | "bin", _]
    )
}

/// Cargo ignores a file that no module names, and its tests with it.
#[test]
fn every_rust_file_is_part_of_a_crate() {
    let all = texts(|path| has_ending(path, "rs") && !path.contains("/fixtures/"));
    assert!(all.len() > 300, "{}", all.len());
    let declares = |path: &str, module: &str| {
        let parent = all.iter().find(|text| text.path == path);
        parent.is_some_and(|parent| {
            parent.text.lines().any(|line| {
                let line = line.trim_start().trim_end_matches(';');
                line.split_once("mod ")
                    .is_some_and(|(_, name)| name == module)
            })
        })
    };
    let mut faults = Vec::new();
    for text in all.iter().filter(|text| !is_a_root(&text.path)) {
        let (folder, file) = text.path.rsplit_once('/').unwrap();
        // The module of `a/mod.rs` is `a`, in the folder above.
        let (folder, module) = match file.strip_suffix(".rs").unwrap() {
            "mod" => folder.rsplit_once('/').unwrap(),
            name => (folder, name),
        };
        let beside = ["mod.rs", "lib.rs", "main.rs"].map(|name| format!("{folder}/{name}"));
        // Of `tests/x/y.rs` the root may be `tests/x.rs`; a root may name a file by its path.
        let named = format!("\"{file}\"");
        let by_path = all.iter().any(|other| {
            other.path.starts_with(folder)
                && other.text.contains("#[path")
                && other.text.contains(&named)
        });
        let of_tests = folder.ends_with("/tests")
            && all.iter().any(|other| {
                let (beside, _) = other.path.rsplit_once('/').unwrap();
                beside == folder && declares(&other.path, module)
            });
        let declared = of_tests
            || beside.iter().any(|parent| declares(parent, module))
            || declares(&format!("{folder}.rs"), module)
            || by_path;
        if !declared {
            faults.push(format!("{}: no module declares it", text.path));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
