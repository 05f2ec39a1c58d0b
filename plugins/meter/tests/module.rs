//! Metering leaves everything else of a module as it was, and refuses what it cannot do.

#![allow(clippy::expect_used, clippy::panic)] // in helpers, where clippy sees no test

mod support;

use support::{LOOPS, Running, all, metered, wasm};
use wasm_meter::{FUEL, Options, Refusal, meter};
use wasmparser::{Parser, Payload};

fn refusal(wasm: &[u8], options: Options) -> Refusal {
    meter(wasm, &options).expect_err("refused")
}

/// A section of each kind, imports of each kind, and instructions of every finished proposal.
const RICH: &str = r#"(module $rich
  (type $unary (func (param i32) (result i32)))
  (import "host" "f" (func $imported (param i32) (result i32)))
  (import "host" "g" (global $imported_global i32))
  (table $table 4 funcref)
  (memory $memory (export "memory") 1)
  (tag $oops (param i32))
  (global $kept (export "kept") (mut i32) (i32.const 5))
  (global (export "constant") f64 (f64.const 1.5))
  (export "run" (func $run))
  (export "table" (table $table))
  (start $begin)
  (elem (i32.const 0) $double)
  (elem $passive func $double)
  (func $begin (global.set $kept (i32.add (global.get $kept) (global.get $imported_global))))
  (func $double (type $unary) (i32.mul (local.get 0) (i32.const 2)))
  (func $run (param $n i32) (result i32)
    (local $v v128) (local $f f32) (local $i i32)
    (memory.init $bytes (i32.const 0) (i32.const 0) (i32.const 4))
    (memory.copy (i32.const 8) (i32.const 0) (i32.const 4))
    (memory.fill (i32.const 16) (i32.const 7) (i32.const 4))
    (local.set $v (i32x4.splat (local.get $n)))
    (drop (i32.trunc_sat_f64_s (f64.const 1e300)))
    (drop (i32.extend8_s (i32.const 200)))
    (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_s (local.get $i) (local.get $n))))
    (call $imported
      (call_indirect $table (type $unary)
        (i32x4.extract_lane 1 (local.get $v)) (i32.const 0))))
  (func $thrower (result i32)
    (block $caught (result i32)
      (try_table (catch $oops $caught) (throw $oops (i32.const 3)))
      (i32.const 0)))
  (func $typed (param (ref null $unary)) (result i32)
    (block $null (br_on_null $null (local.get 0)) (drop))
    (return_call_ref $unary (i32.const 1) (local.get 0)))
  (data $bytes "\01\02\03\04")
  (@custom "mark" "as it was"))"#;

/// The sections of a module: their names, and how many entries they have.
fn sections(wasm: &[u8]) -> Vec<String> {
    let payloads = Parser::new(0).parse_all(wasm);
    let named = payloads.filter_map(|payload| {
        Some(match payload.expect("valid") {
            Payload::TypeSection(s) => format!("types {}", s.count()),
            Payload::ImportSection(s) => format!("imports {}", s.count()),
            Payload::FunctionSection(s) => format!("functions {}", s.count()),
            Payload::TableSection(s) => format!("tables {}", s.count()),
            Payload::MemorySection(s) => format!("memories {}", s.count()),
            Payload::TagSection(s) => format!("tags {}", s.count()),
            Payload::GlobalSection(s) => format!("globals {}", s.count()),
            Payload::ExportSection(s) => format!("exports {}", s.count()),
            Payload::StartSection { func, .. } => format!("start {func}"),
            Payload::ElementSection(s) => format!("elements {}", s.count()),
            Payload::DataCountSection { count, .. } => format!("data count {count}"),
            Payload::CodeSectionStart { count, .. } => format!("code {count}"),
            Payload::DataSection(s) => format!("data {}", s.count()),
            Payload::CustomSection(s) => format!("custom {} {:?}", s.name(), s.data()),
            _ => return None,
        })
    });
    named.collect()
}

/// The exports of a module, with their indices.
fn exports(wasm: &[u8]) -> Vec<(String, wasmparser::ExternalKind, u32)> {
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::ExportSection(exports) = payload.expect("valid") {
            let exports = exports.into_iter().map(|export| export.expect("valid"));
            return exports
                .map(|export| (export.name.to_owned(), export.kind, export.index))
                .collect();
        }
    }
    Vec::new()
}

#[test]
fn every_section_name_and_index_of_a_rich_module_stays() {
    let before = wasm(RICH);
    let after = meter(&before, &all()).unwrap();
    assert_eq!((after.loops, after.functions, after.bulk), (1, 5, 3));
    let expected: Vec<String> = sections(&before)
        .into_iter()
        .map(|section| match section.as_str() {
            "globals 2" => "globals 3".to_owned(),
            "exports 5" => "exports 6".to_owned(),
            _ => section,
        })
        .collect();
    assert!(expected.contains(&"globals 3".to_owned()), "{expected:?}");
    assert!(expected.contains(&"exports 6".to_owned()), "{expected:?}");
    assert_eq!(sections(&after.wasm), expected);

    let mut named = exports(&before);
    named.push((FUEL.to_owned(), wasmparser::ExternalKind::Global, 3));
    assert_eq!(exports(&after.wasm), named);
}

#[test]
fn a_module_without_globals_or_exports_gets_them_in_their_places() {
    for text in [
        "(module)",
        "(module (memory 1))",
        r#"(module (import "host" "g" (global i32)))"#,
        "(module (func $f) (start $f))",
        "(module (global i32 (i32.const 1)))",
        r#"(module (func (export "f")))"#,
        r#"(module (memory 1) (data (i32.const 0) "x"))"#,
        r#"(module (memory 1) (data "x") (func (data.drop 0)))"#,
        "(module (table 1 funcref) (func $f) (elem (i32.const 0) $f))",
        r#"(module (@custom "only" "this"))"#,
    ] {
        let module = metered(text, all()); // which validates what it wrote
        let named = exports(&module.wasm);
        assert_eq!(
            named.last().map(|(name, ..)| name.as_str()),
            Some(FUEL),
            "{text}"
        );
    }
}

#[test]
fn imported_globals_come_before_the_budget() {
    let text = r#"(module (import "host" "a" (global i32)) (import "host" "b" (global i64)))"#;
    assert_eq!(
        exports(&metered(text, LOOPS).wasm),
        [(FUEL.to_owned(), wasmparser::ExternalKind::Global, 2)]
    );
}

#[test]
fn the_same_module_comes_out_each_time() {
    assert_eq!(metered(RICH, all()), metered(RICH, all()));
}

#[test]
fn what_refers_to_places_in_the_code_goes_and_the_rest_stays() {
    let text = r#"(module $name (func $f)
        (@custom ".debug_line" "x") (@custom "sourceMappingURL" "y") (@custom "producers" "\00"))"#;
    let customs: Vec<String> = sections(&metered(text, LOOPS).wasm)
        .into_iter()
        .filter(|section| section.starts_with("custom"))
        .collect();
    assert_eq!(customs.len(), 2, "{customs:?}");
    assert!(
        customs
            .iter()
            .any(|custom| custom.starts_with("custom name")),
        "{customs:?}"
    );
    assert!(
        customs
            .iter()
            .any(|custom| custom.starts_with("custom producers")),
        "{customs:?}"
    );
}

#[test]
fn a_metered_module_computes_what_it_did_before() {
    let text = r#"(module (global $kept (mut i32) (i32.const 40))
        (func (export "run") (param i32) (result i32)
          (loop $again
            (global.set $kept (i32.add (global.get $kept) (i32.const 1)))
            (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
          (global.get $kept)))"#;
    let mut before = Running::new(&wasm(text)).unwrap();
    let mut after = Running::metered(text, all());
    assert_eq!(before.call("run", 2), Ok(42));
    assert_eq!(after.call("run", 2), Ok(42));
}

#[test]
fn a_metered_module_is_not_metered_again() {
    let once = metered(RICH, all()).wasm;
    assert_eq!(refusal(&once, all()), Refusal::Metered);
    let alone = metered("(module)", LOOPS).wasm;
    assert_eq!(refusal(&alone, LOOPS), Refusal::Metered);
}

#[test]
fn another_export_of_the_name_is_refused() {
    for text in [
        r#"(module (func (export "tsp_fuel")))"#,
        r#"(module (global (export "tsp_fuel") i64 (i64.const 1)))"#,
        r#"(module (global (export "tsp_fuel") (mut i32) (i32.const 1)))"#,
        r#"(module (import "host" "g" (global $g (mut i64))) (export "tsp_fuel" (global $g)))"#,
    ] {
        assert_eq!(refusal(&wasm(text), all()), Refusal::NameTaken, "{text}");
    }
    // An import of that name is no export.
    metered(r#"(module (import "host" "tsp_fuel" (global i64)))"#, all());
}

#[test]
fn a_tail_call_is_refused_where_only_loops_are_metered() {
    let text = r#"(module (import "host" "f" (func)) (func) (func $t (return_call $t)))"#;
    assert_eq!(
        refusal(&wasm(text), LOOPS),
        Refusal::TailCall { function: 2 }
    );
}

#[test]
fn what_is_no_module_is_refused_in_words() {
    let whole = wasm(RICH);
    // Valid but for the one global that metering would add.
    let sneaky = wat::parse_str("(module (func (drop (global.get 0))))").unwrap();
    let component = b"\0asm\x0d\0\x01\0";
    for (bytes, said) in [
        (&b""[..], "valid WebAssembly module"),
        (b"#!/bin/sh\n", "valid WebAssembly module"),
        (&whole[..whole.len() / 2], "valid WebAssembly module"),
        (&sneaky, "unknown global"),
        (component, "component"),
    ] {
        let text = refusal(bytes, all()).to_string();
        assert!(text.contains(said), "{text:?} does not say {said:?}");
        assert!(text.contains("expected"), "{text:?}");
    }
    let object = wasm(r#"(module (@custom "linking" "\02"))"#);
    assert_eq!(refusal(&object, all()), Refusal::Object);
}

#[test]
fn no_cut_and_no_flipped_bit_of_a_module_makes_it_panic_or_write_an_invalid_one() {
    let whole = wasm(RICH);
    for at in 0..whole.len() {
        let _ = meter(&whole[..at], &all());
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            if let Err(refused @ Refusal::Unfit(_)) = meter(&bytes, &all()) {
                panic!("byte {at}, bit {bit}: {refused}");
            }
        }
    }
}
