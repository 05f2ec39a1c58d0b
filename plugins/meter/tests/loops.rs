//! Every way round a loop takes a unit, and the one too many traps.

mod support;

use support::{LOOPS, Running, all, metered};
use wasm_meter::Options;
use wasmi::TrapCode::UnreachableCodeReached as Trap;

/// `br_if` at the foot of a loop, the usual one: `run(n)` goes round n times, n ≥ 1.
const COUNT: &str = r#"(module (func (export "run") (param $n i32) (result i32)
    (local $i i32)
    (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_s (local.get $i) (local.get $n))))
    (local.get $i)))"#;

#[test]
fn an_endless_loop_ends_when_the_fuel_does() {
    let endless = r#"(module (global $rounds (export "rounds") (mut i32) (i32.const 0))
        (func (export "run") (param i32) (result i32)
          (loop $again
            (global.set $rounds (i32.add (global.get $rounds) (i32.const 1)))
            (br $again))
          (unreachable)))"#;
    let mut module = Running::metered(endless, LOOPS);
    module.refuel(1000);
    assert_eq!(module.call("run", 0), Err(Trap));
    assert_eq!(module.fuel(), -1);
    let rounds = module.instance.get_global(&module.store, "rounds").unwrap();
    assert_eq!(rounds.get(&module.store).i32(), Some(1000));
}

#[test]
fn a_loop_takes_a_unit_each_time_round_and_the_last_one_may_be_used_up() {
    let mut module = Running::metered(COUNT, LOOPS);
    assert_eq!(module.spend("run", 7, 100), (7, Ok(7)));
    assert_eq!(module.spend("run", 7, 7), (7, Ok(7)));
    assert_eq!(module.spend("run", 7, 6), (7, Err(Trap)));
}

#[test]
fn without_new_fuel_a_trapped_module_traps_again() {
    let mut module = Running::metered(COUNT, LOOPS);
    module.refuel(0);
    assert_eq!(module.call("run", 1), Err(Trap));
    assert_eq!(module.call("run", 1), Err(Trap));
    assert_eq!(module.fuel(), -2);
    module.refuel(1);
    assert_eq!(module.call("run", 1), Ok(1));
}

#[test]
fn br_table_back_to_a_loop_is_a_way_round() {
    let table = r#"(module (func (export "run") (param $n i32) (result i32)
        (local $i i32)
        (block $out
          (loop $again
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            ;; 0 as long as there is more to do
            (br_table $again $out (i32.ge_s (local.get $i) (local.get $n)))))
        (local.get $i)))"#;
    let mut module = Running::metered(table, LOOPS);
    assert_eq!(module.spend("run", 5, 100), (5, Ok(5)));
    assert_eq!(module.spend("run", i32::MAX, 100), (101, Err(Trap)));
}

#[test]
fn inner_loops_count_with_the_outer_ones() {
    let nested = r#"(module (func (export "run") (param $n i32) (result i32)
        (local $i i32) (local $j i32) (local $sum i32)
        (loop $outer
          (local.set $j (i32.const 0))
          (loop $inner
            (local.set $sum (i32.add (local.get $sum) (i32.const 1)))
            (local.set $j (i32.add (local.get $j) (i32.const 1)))
            (br_if $inner (i32.lt_s (local.get $j) (local.get $n))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $outer (i32.lt_s (local.get $i) (local.get $n))))
        (local.get $sum)))"#;
    assert_eq!(metered(nested, LOOPS).loops, 2);
    let mut module = Running::metered(nested, LOOPS);
    assert_eq!(module.spend("run", 10, 1000), (110, Ok(100)));
    assert_eq!(module.spend("run", 10, 109), (110, Err(Trap)));
}

#[test]
fn a_loop_left_by_an_outer_branch_or_never_repeated_takes_its_entries_only() {
    let left = r#"(module (func (export "run") (param $n i32) (result i32)
        (local $i i32)
        (loop $outer
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (loop $inner
            (br_if $outer (i32.lt_s (local.get $i) (local.get $n)))))
        (local.get $i)))"#;
    let mut module = Running::metered(left, LOOPS);
    assert_eq!(module.spend("run", 4, 100), (8, Ok(4)));
}

#[test]
fn a_loop_with_parameters_and_values_below_it_keeps_its_stack() {
    let stack = r#"(module (func (export "run") (param $n i32) (result i32)
        (i32.const 1000)
        (i32.const 0)
        (local.get $n)
        (loop $again (param i32 i32) (result i32)
          (local.set $n)
          (local.get $n)
          (i32.add)
          (i32.sub (local.get $n) (i32.const 1))
          (br_if $again (local.tee $n) (i32.gt_s (local.get $n) (i32.const 0)))
          (drop))
        (i32.add)))"#;
    let mut module = Running::metered(stack, LOOPS);
    assert_eq!(module.spend("run", 4, 100), (4, Ok(1010)));
}

#[test]
fn a_start_function_runs_on_the_fuel_that_the_module_brings() {
    let start = r#"(module (start $main)
        (func $main (local $i i32)
          (loop $again
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_s (local.get $i) (i32.const 50))))))"#;
    let with = |start_fuel| Options {
        start_fuel,
        ..LOOPS
    };
    let module = Running::metered(start, with(60));
    assert_eq!(module.fuel(), 10);
    let refused = Running::new(&metered(start, with(49)).wasm).err().unwrap();
    assert_eq!(refused.as_trap_code(), Some(Trap));
}

#[test]
fn function_entries_bound_a_recursion_that_loops_alone_do_not() {
    // 2^(n+1) - 1 calls, at most n + 1 of them on the stack.
    let tree = r#"(module (func $run (export "run") (param $n i32) (result i32)
        (if (result i32) (i32.eqz (local.get $n))
          (then (i32.const 1))
          (else (i32.add
            (call $run (i32.sub (local.get $n) (i32.const 1)))
            (call $run (i32.sub (local.get $n) (i32.const 1))))))))"#;
    assert_eq!(
        Running::metered(tree, LOOPS).spend("run", 10, 5),
        (0, Ok(1024))
    );
    let mut module = Running::metered(tree, all());
    assert_eq!(module.spend("run", 10, 5000), (2047, Ok(1024)));
    assert_eq!(module.spend("run", 10, 2046), (2047, Err(Trap)));
}

#[test]
fn function_entries_bound_a_tail_call() {
    let tail = r#"(module (func $run (export "run") (param $n i32) (result i32)
        (return_call $run (local.get $n))))"#;
    assert_eq!(
        Running::metered(tail, all()).spend("run", 0, 500),
        (501, Err(Trap))
    );
}

#[test]
fn the_largest_budget_is_no_negative_one() {
    let mut module = Running::metered(
        COUNT,
        Options {
            start_fuel: u64::MAX,
            ..LOOPS
        },
    );
    assert_eq!(module.fuel(), i64::MAX);
    assert_eq!(module.call("run", 3), Ok(3));
}

/// `run(n)` fills, or copies, n bytes.
fn bulk(instruction: &str) -> String {
    format!(
        r#"(module (memory 4) (table $t 200 funcref) (data $d "0123456789")
        (func (export "run") (param $n i32) (result i32)
          (local $i i32)
          {instruction}
          (local.get $n)))"#
    )
}

#[test]
fn bulk_instructions_take_a_unit_for_every_64_bytes() {
    for instruction in [
        "(memory.fill (i32.const 0) (i32.const 7) (local.get $n))",
        "(memory.copy (i32.const 0) (i32.const 9) (local.get $n))",
    ] {
        let text = bulk(instruction);
        let mut module = Running::metered(&text, all());
        // One of them is for the call.
        for (bytes, units) in [(0, 1), (63, 1), (64, 2), (6400, 101)] {
            assert_eq!(
                module.spend("run", bytes, 1000),
                (units, Ok(bytes)),
                "{instruction}"
            );
        }
        assert_eq!(
            module.spend("run", 6400, 101),
            (101, Ok(6400)),
            "{instruction}"
        );
        assert_eq!(
            module.spend("run", 6400, 100),
            (101, Err(Trap)),
            "{instruction}"
        );
        assert_eq!(
            Running::metered(&text, LOOPS).spend("run", 6400, 5),
            (0, Ok(6400))
        );
    }
}

#[test]
fn a_length_that_is_out_of_bounds_is_charged_as_a_large_one() {
    let fill = "(memory.fill (i32.const 0) (i32.const 7) (local.get $n))";
    let mut module = Running::metered(&bulk(fill), all());
    assert_eq!(module.spend("run", -1, 1000), (1001, Err(Trap)));
}

#[test]
fn segments_and_tables_are_charged_too() {
    for (instruction, length) in [
        (
            "(memory.init $d (i32.const 0) (i32.const 0) (local.get $n))",
            10,
        ),
        (
            "(table.fill $t (i32.const 0) (ref.null func) (local.get $n))",
            128,
        ),
        (
            "(table.copy $t $t (i32.const 0) (i32.const 1) (local.get $n))",
            128,
        ),
    ] {
        let mut module = Running::metered(&bulk(instruction), all());
        let units = 1 + i64::from(length) / 64;
        assert_eq!(
            module.spend("run", length, 1000),
            (units, Ok(length)),
            "{instruction}"
        );
    }
}

#[test]
fn lengths_of_64_bits_are_charged_and_never_wrap_round() {
    let text = r#"(module (memory i64 1) (func (export "run") (param $n i32) (result i32)
        (memory.fill (i64.const 0) (i32.const 7)
          (select (i64.const -1) (i64.const 640) (local.get $n)))
        (i32.const 0)))"#;
    let mut module = Running::metered(text, all());
    assert_eq!(module.spend("run", 0, 1000), (11, Ok(0)));
    module.refuel(1000);
    for _ in 0..100 {
        assert_eq!(module.call("run", 1), Err(Trap));
        assert!(module.fuel() < 0);
    }
}
