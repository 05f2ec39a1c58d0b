//! Instructions whose work grows with a length: one of them can write all of the memory, and a loop
//! of ten million rounds of that would be a budget of hours.

use wasm_encoder::{BlockType, Function, Instruction, ValType};
use wasmparser::types::TypesRef;

/// Bytes, or table elements, to a unit: about what the code of a loop's round costs. A power of 2.
const PER_UNIT_LOG2: i64 = 6;

/// The type of the length that lies on top of the stack before such an instruction.
///
/// Growing is not among them: a host bounds the size, and so the number of times that it can succeed.
pub(crate) fn length(instruction: &Instruction<'_>, types: TypesRef<'_>) -> Option<ValType> {
    let memory = |index: u32| types.memory_at(index).memory64;
    let table = |index: u32| types.table_at(index).table64;
    let long = match instruction {
        Instruction::MemoryFill(mem) => memory(*mem),
        Instruction::MemoryCopy { src_mem, dst_mem } => memory(*src_mem) && memory(*dst_mem),
        Instruction::TableFill(index) => table(*index),
        Instruction::TableCopy {
            src_table,
            dst_table,
        } => table(*src_table) && table(*dst_table),
        // Segments are short: their lengths are 32 bits wide whatever they go to.
        Instruction::MemoryInit { .. } | Instruction::TableInit { .. } => false,
        _ => return None,
    };
    Some(if long { ValType::I64 } else { ValType::I32 })
}

/// Local variables in which a function keeps a length while it is charged for.
pub(crate) struct Scratch {
    short: u32,
    long: u32,
}

impl Scratch {
    /// Adds them to the locals of a function. `None` when there is no room for two more, which the
    /// module's validation of what is written would refuse.
    pub fn add(
        types: TypesRef<'_>,
        function: u32,
        locals: &mut Vec<(u32, ValType)>,
    ) -> Option<Self> {
        let signature = types[types.core_function_at(function)].unwrap_func();
        let parameters = u32::try_from(signature.params().len()).ok()?;
        let declared = locals
            .iter()
            .try_fold(parameters, |sum, (count, _)| sum.checked_add(*count))?;
        locals.extend([(1, ValType::I32), (1, ValType::I64)]);
        Some(Self {
            short: declared,
            long: declared.checked_add(1)?,
        })
    }

    /// Takes the units of the length on top of the stack and leaves the stack as it was, or empties
    /// the global `fuel` and traps.
    ///
    /// Compares before it takes: lengths of 64 bits, taken again and again by a host that calls on
    /// after a trap, would wrap round.
    pub fn charge(&self, body: &mut Function, fuel: u32, length: ValType) {
        let mut code = body.instructions();
        if length == ValType::I32 {
            code.local_tee(self.short)
                .local_get(self.short)
                .i64_extend_i32_u();
        } else {
            code.local_tee(self.long).local_get(self.long);
        }
        code.i64_const(PER_UNIT_LOG2)
            .i64_shr_u()
            .local_set(self.units())
            .global_get(fuel)
            .local_get(self.units())
            .i64_lt_s()
            .if_(BlockType::Empty)
            .i64_const(-1)
            .global_set(fuel)
            .unreachable()
            .end()
            .global_get(fuel)
            .local_get(self.units())
            .i64_sub()
            .global_set(fuel);
    }

    /// The length itself lies on the stack by then, so its variable is free.
    fn units(&self) -> u32 {
        self.long
    }
}
