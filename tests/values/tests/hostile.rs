//! A mebibyte of YAML that was written to hurt ends in bounded time, with findings that say why.

#![allow(clippy::panic, clippy::unwrap_used)] // in helpers, where clippy sees no test

use std::time::{Duration, Instant};

use values_validator_core::render::{github, json, text};
use values_validator_core::{Input, MOST, Report, Set, SetKind, Source, check};

const MIB: usize = 1 << 20;

/// On a busy machine; alone it is a second or two at most.
const LONGEST: Duration = Duration::from_secs(60);

#[track_caller]
fn bounded(name: &str, input: &Input) -> Report {
    let start = Instant::now();
    let report = check(input);
    let rendered = [text(&report), json(&report), github(&report)];
    let took = start.elapsed();
    assert!(took < LONGEST, "{name}: {took:?}");
    assert!(!rendered[0].is_empty());
    println!("{name}: {took:?}, {} findings", report.findings.len());
    report
}

fn file(text: String) -> Input {
    Input {
        sources: vec![Source::from_bytes("values.yaml", text.as_bytes())],
        sets: Vec::new(),
    }
}

/// A piece as often as a mebibyte holds it.
fn repeated(piece: &str) -> String {
    piece.repeat(MIB / piece.len())
}

/// The file is refused as a whole, in words that hold this.
#[track_caller]
fn refused(name: &str, text: String, word: &str) {
    let report = bounded(name, &file(text));
    let [finding] = &report.findings[..] else {
        panic!("{name}: {} findings", report.findings.len());
    };
    assert_eq!(finding.code, "bad-yaml", "{name}");
    assert!(finding.place.is_some(), "{name}");
    let words = format!(
        "{} {} {}",
        finding.found, finding.expected, finding.fix.text
    );
    assert!(words.contains(word), "{name}: {words}");
}

#[test]
fn nesting_is_refused() {
    refused(
        "lists in brackets",
        format!("a: {}", repeated("[")),
        "levels",
    );
    refused("maps in brackets", repeated("{a: "), "levels");
    refused("items", format!("a:\n{}", repeated("- ")), "levels");
    let deeper: String = (0..1400)
        .map(|i| format!("{}a:\n", " ".repeat(i)))
        .collect();
    refused("maps by indentation", deeper, "levels");
    refused("keys that are maps", repeated("? "), "levels");
}

#[test]
fn alias_bombs_are_refused() {
    let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for i in 1..30 {
        let uses = vec![format!("*a{}", i - 1); 9].join(", ");
        laughs += &format!("a{i}: &a{i} [{uses}]\n");
    }
    refused("laughs", laughs, "aliases");
    let mut merges = String::from("a0: &a0 {k: v}\n");
    for i in 1..30 {
        let uses = vec![format!("*a{}", i - 1); 9].join(", ");
        merges += &format!("a{i}: &a{i} {{k{i}: v, <<: [{uses}]}}\n");
    }
    refused("merge keys", merges, "aliases");
    let list = format!("a: &a [{}]\n", "x, ".repeat(100_000));
    let uses: String = (0..50_000).map(|i| format!("b{i}: *a\n")).collect();
    refused("a long list often", list + &uses, "aliases");
    let chain: String = (1..20_000)
        .map(|i| format!("a{i}: &a{i} [*a{}]\n", i - 1))
        .collect();
    refused("a chain", format!("a0: &a0 x\n{chain}"), "levels");
    refused("itself", "a: &a [*a]\n".into(), "within its own anchor");
}

#[test]
fn long_and_many_things_end() {
    let keys: String = (0..MIB / 10).map(|i| format!("k{i}: 1\n")).collect();
    for (name, text) in [
        ("unknown keys", keys),
        ("one key often", repeated("a: 1\n")),
    ] {
        let report = bounded(name, &file(text));
        assert_eq!(report.findings.len(), MOST + 1);
        let last = report.findings.last().map(|f| (f.code, f.found.as_str()));
        assert!(
            matches!(last, Some(("too-many", found)) if found.len() > 14),
            "{last:?}"
        );
    }
    bounded(
        "items",
        &file(format!("models:\n{}", repeated("- {name: a}\n"))),
    );
    bounded(
        "a long line",
        &file(format!("a: [{}]", repeated("\"/\", "))),
    );
    bounded("a long key", &file(format!("{}: 1", "k".repeat(MIB))));
    bounded(
        "a long text",
        &file(format!("nameOverride: {}", "é".repeat(MIB / 2))),
    );
    bounded("documents", &file(repeated("---\na: 1\n")));
    bounded("tabs", &file(format!("a:\n{}", repeated(" \t\n"))));
    bounded(
        "tabs within brackets",
        &file(format!("a: [\n{}]", repeated("\t1,\n"))),
    );
    bounded(
        "comments within brackets",
        &file(format!("a: [\n{}]", repeated("1,#c\n"))),
    );
    bounded("blank lines", &file(repeated("\n")));
    bounded("quotes", &file(repeated("\"a\": 'b'\n")));
    bounded("numbers", &file(format!("a: {}", "9".repeat(MIB))));
    bounded("digits", &file(repeated("12345678901234567890: 9\n")));
    bounded(
        "anchors",
        &file((0..50_000).map(|i| format!("a{i}: &a{i} x\n")).collect()),
    );
    bounded(
        "duration",
        &file(format!("rules: {{window: {}}}", repeated("1h"))),
    );
}

#[test]
fn arguments_that_hurt_end() {
    let argument = |kind, text: String| Input {
        sources: Vec::new(),
        sets: vec![Set::new(kind, text)],
    };
    for (name, kind, text, code) in [
        (
            "indices",
            SetKind::Set,
            format!("a{}=1", "[0]".repeat(MIB / 3)),
            "bad-set",
        ),
        (
            "names",
            SetKind::Set,
            format!("{}=1", repeated("a.")),
            "bad-set",
        ),
        (
            "a high index",
            SetKind::Set,
            "a[99999999]=1".into(),
            "bad-set",
        ),
        (
            "high indices",
            SetKind::Set,
            "a[65536][65536]=1".into(),
            "unknown-key",
        ),
        (
            "json",
            SetKind::Json,
            format!("a={}", repeated("[")),
            "bad-set",
        ),
        ("json object", SetKind::Json, repeated("{\"a\":"), "bad-set"),
        ("pairs", SetKind::Set, repeated("a=1,"), "unknown-key"),
        (
            "a list",
            SetKind::Set,
            format!("a={{{}}}", repeated("x,")),
            "unknown-key",
        ),
        (
            "escapes",
            SetKind::String,
            format!("{}=1", repeated("\\.")),
            "unknown-key",
        ),
    ] {
        let report = bounded(name, &argument(kind, text));
        assert!(
            report.findings.iter().any(|f| f.code == code),
            "{name}: {:?}",
            report.findings.first()
        );
    }
}

#[test]
fn what_is_no_text_is_said_with_its_place() {
    for (bytes, line, column) in [
        (&b"a: 1\nb: \xff\n"[..], 2, 4),
        (b"\xff", 1, 1),
        (b"a\n\xc3", 2, 1),
        (b"a: 1\n\0", 2, 1),
        (b"\xff\xfea\0:\0 \0\x00\xd8", 1, 4),
    ] {
        let input = Input {
            sources: vec![Source::from_bytes("values.yaml", bytes)],
            sets: Vec::new(),
        };
        let report = check(&input);
        let found: Vec<_> = report
            .findings
            .iter()
            .map(|f| (f.code, f.place.map(|p| (p.line, p.column))))
            .collect();
        assert_eq!(found, [("bad-yaml", Some((line, column)))], "{bytes:?}");
    }
    let wide: Vec<u8> = "\u{feff}rules: {enabled: no}\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let input = Input {
        sources: vec![Source::from_bytes("values.yaml", &wide)],
        sets: Vec::new(),
    };
    assert_eq!(check(&input).findings, []);
}

#[test]
fn four_mebibytes_are_the_most() {
    refused("too much", format!("a: {}", "x".repeat(4 * MIB)), "4194304");
}
