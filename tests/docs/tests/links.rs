//! Links between pages: files and headings that they lead to exist, and the book has every page.

#![allow(clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::collections::BTreeMap;
use std::path::{Component, Path};

use docs_tests::{Text, pages, root};

/// A page's lines outside of blocks of code.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut code = false;
    text.lines().enumerate().filter_map(move |(n, line)| {
        if line.trim_start().starts_with("```") {
            code = !code;
            return None;
        }
        (!code).then_some((n + 1, line))
    })
}

/// The anchor that GitHub gives a heading.
fn anchor(heading: &str) -> String {
    // Of a link in a heading only its text counts.
    let mut shown = String::new();
    let mut rest = heading;
    while let Some((before, after)) = rest.split_once("](") {
        shown += before;
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    shown += rest;
    shown
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
            _ => None,
        })
        .collect()
}

/// Anchors of a page; GitHub numbers those that come again.
fn anchors(text: &str) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    prose(text)
        .filter(|(_, line)| line.starts_with('#'))
        .map(|(_, line)| {
            let name = anchor(line.trim_start_matches('#').trim());
            let count = seen.entry(name.clone()).or_default();
            *count += 1;
            match *count {
                1 => name,
                n => format!("{name}-{}", n - 1),
            }
        })
        .collect()
}

/// Targets of the links and pictures in a line, but not of what looks like one in code.
fn targets(line: &str) -> Vec<String> {
    let prose: String = line.split('`').step_by(2).collect();
    prose
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', ' ']).next().map(str::to_owned))
        .collect()
}

/// A path without `.` and `..`; none where it leaves the repository.
fn normal(path: &Path) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => parts.push(name.to_str()?),
            Component::ParentDir => drop(parts.pop()?),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

/// What is wrong with the links of `page` among `all` pages.
fn faults(page: &Text, all: &[Text]) -> Vec<String> {
    let mut faults = Vec::new();
    for (number, line) in prose(&page.text) {
        for target in targets(line) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let place = format!("{}:{number}: {target}", page.path);
            let (file, heading) = target.split_once('#').unwrap_or((&target, ""));
            let path = match file {
                "" => Some(page.path.clone()),
                file => normal(&Path::new(&page.path).parent().unwrap().join(file)),
            };
            let exists = |path: &String| {
                all.iter().any(|other| other.path == *path) || root().join(path).exists()
            };
            let Some(path) = path.filter(exists) else {
                faults.push(format!("{place}: no such file"));
                continue;
            };
            if heading.is_empty() {
                continue;
            }
            let known = all.iter().find(|other| other.path == path);
            if known.is_some_and(|other| !anchors(&other.text).contains(&heading.to_owned())) {
                faults.push(format!("{place}: {path} has no heading with this anchor"));
            }
        }
    }
    faults
}

#[test]
fn every_relative_link_leads_to_a_file_and_a_heading() {
    let all = pages();
    assert!(all.len() > 60, "{}", all.len());
    let faults: Vec<String> = all.iter().flat_map(|page| faults(page, &all)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_wrong_file_and_a_wrong_heading_are_found() {
    let page = |text: &str| Text {
        path: "docs/x.md".to_owned(),
        text: text.to_owned(),
    };
    let good = page("# One `two`, three\n[a](#one-two-three) [b](../README.md) [c](x.md)\n");
    let all = [good.clone()];
    assert_eq!(faults(&good, &all), Vec::<String>::new());
    let bad = page("# One\n[a](#two) [b](nowhere.md)\n![c](../../x.png)\n```\n[d](nowhere)\n```\n");
    assert_eq!(faults(&bad, std::slice::from_ref(&bad)).len(), 3);
}

/// `tools/summary` writes it; a page that is not in it is not in the book.
#[test]
fn the_book_has_every_page_of_docs_once() {
    let all = pages();
    let summary = all.iter().find(|p| p.path == "docs/SUMMARY.md").unwrap();
    for page in &all {
        let Some(name) = page.path.strip_prefix("docs/") else {
            continue;
        };
        let count = summary.text.matches(&format!("]({name})")).count();
        let expected = usize::from(name != "SUMMARY.md");
        assert_eq!(count, expected, "{name}: run tools/summary");
    }
}
