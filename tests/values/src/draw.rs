//! Random values files and arguments out of a small alphabet, so that they meet.

use std::fmt::Write as _;

use fastrand::Rng;
use values_validator_core::Set;

use crate::helm::kind;

const KEYS: [&str; 6] = ["a", "b", "c", "d", "e-f", "g.h"];
const SCALARS: [&str; 26] = [
    "1",
    "-7",
    "0",
    "1.5",
    "true",
    "no",
    "null",
    "~",
    "",
    "text",
    "\"1\"",
    "'it''s'",
    "0777",
    "1_000",
    "1e3",
    "12:30:45",
    "2026-11-24",
    "\"a\\tb\"",
    "9007199254740993",
    "yes please",
    "0x1F",
    "[]",
    "{}",
    "\"\"",
    "!!str 5",
    "é",
];

/// A file: documents, maps in maps, lists, anchors, merge keys, keys written twice.
pub fn file(rng: &mut Rng) -> String {
    let mut out = String::new();
    let documents = if rng.u8(..8) == 0 { 2 } else { 1 };
    for i in 0..documents {
        if i > 0 || rng.u8(..6) == 0 {
            out.push_str("---\n");
        }
        let mut anchors = 0;
        map(rng, &mut out, 0, &mut anchors);
    }
    out
}

fn map(rng: &mut Rng, out: &mut String, depth: usize, anchors: &mut usize) {
    let mut keys: Vec<&str> = KEYS.to_vec();
    rng.shuffle(&mut keys);
    keys.truncate(rng.usize(1..5));
    if rng.u8(..20) == 0 {
        keys.push(keys[0]);
    }
    let pad = "  ".repeat(depth);
    for key in keys {
        if *anchors > 0 && rng.u8(..10) == 0 {
            let _ = writeln!(out, "{pad}<<: *m{}", rng.usize(..*anchors));
        }
        let _ = write!(out, "{pad}{key}:");
        match rng.u8(..10) {
            0..=3 if depth < 3 => {
                // An anchor is known to those after it only when it has ended.
                let anchored = rng.u8(..4) == 0;
                if anchored {
                    let _ = writeln!(out, " &m{anchors}");
                } else {
                    out.push('\n');
                }
                let mut inner = 0;
                map(
                    rng,
                    out,
                    depth + 1,
                    if anchored { &mut inner } else { &mut *anchors },
                );
                *anchors += usize::from(anchored);
            }
            4 => {
                out.push('\n');
                for _ in 0..rng.usize(1..4) {
                    let _ = writeln!(out, "{pad}- {}", scalar(rng));
                }
            }
            5 => {
                let _ = writeln!(out, "\n{pad}- {}: {}", key_of(rng), scalar(rng));
                let _ = writeln!(out, "{pad}  z: {}", scalar(rng));
            }
            6 => {
                let _ = writeln!(out, " {{a: {}, b: [1, x], c: {{d: null}}}}", 1);
            }
            _ => {
                let _ = writeln!(out, " {}", scalar(rng));
            }
        }
    }
}

fn key_of(rng: &mut Rng) -> &'static str {
    KEYS[rng.usize(..KEYS.len())]
}

fn scalar(rng: &mut Rng) -> &'static str {
    SCALARS[rng.usize(..SCALARS.len())]
}

/// An argument that helm takes, if what is there already has the types that it names.
pub fn set(rng: &mut Rng) -> Set {
    let kind = kind(rng.usize(..3));
    let pairs = rng.usize(1..3);
    let mut text = String::new();
    for i in 0..pairs {
        if i > 0 {
            text.push(',');
        }
        text.push_str(&key_of(rng).replace('.', "\\."));
        for _ in 0..rng.usize(..3) {
            if rng.u8(..4) == 0 {
                let _ = write!(text, "[{}]", rng.u8(..4));
            } else {
                let _ = write!(text, ".{}", key_of(rng).replace('.', "\\."));
            }
        }
        text.push('=');
        let values: &[&str] = if kind == values_validator_core::SetKind::Json {
            &[
                "1",
                "\"x\"",
                "null",
                "{\"a\":{\"b\":1}}",
                "[1,{\"c\":2}]",
                "true",
                "1.50",
                "",
                " 3 ",
                "\"\\u00e9\"",
                "1e2",
            ]
        } else {
            &[
                "1",
                "-3",
                "007",
                "x",
                "true",
                "TRUE",
                "null",
                "{a,b}",
                "{1,x\\,y}",
                "",
                "a\\,b",
                "a=b",
                "1.5",
                "9007199254740993",
                "{}",
                "{}x",
                "é",
                "0",
                "0x10",
                "{a,{b}}",
                "+4",
            ]
        };
        text.push_str(values[rng.usize(..values.len())]);
    }
    Set::new(kind, text)
}

/// An argument with a few characters changed: most of these helm refuses or forgives.
pub fn broken_set(rng: &mut Rng) -> Set {
    const ODD: [char; 14] = [
        '=', ',', '.', '[', ']', '{', '}', '\\', '"', '-', '0', ' ', 'a', 'é',
    ];
    let mut set = set(rng);
    let mut chars: Vec<char> = set.text.chars().collect();
    for _ in 0..rng.usize(1..4) {
        let at = rng.usize(..=chars.len());
        match rng.u8(..3) {
            0 => chars.insert(at, ODD[rng.usize(..ODD.len())]),
            1 if at < chars.len() => drop(chars.remove(at)),
            _ if at < chars.len() => chars[at] = ODD[rng.usize(..ODD.len())],
            _ => {}
        }
    }
    set.text = chars.into_iter().collect();
    set
}
