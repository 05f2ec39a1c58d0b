//! Writing the module anew, with the budget and the places that take from it.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ExportKind, ExportSection, Function, GlobalSection,
    GlobalType, Instruction, Module, SectionId, ValType,
};
use wasmparser::{
    CustomSectionReader, ExportSectionReader, FunctionBody, GlobalSectionReader, Parser,
};

use crate::bulk::{self, Scratch};
use crate::survey::Survey;
use crate::{FUEL, Metered, Options, Refusal};

/// Writes the valid module `wasm` anew.
pub(crate) fn rewrite(wasm: &[u8], survey: &Survey, options: &Options) -> Result<Metered, Refusal> {
    let mut writer = Writer {
        survey,
        options: *options,
        fuel: survey.globals,
        function: survey.imported_functions,
        declared: false,
        exported: false,
        loops: 0,
        functions: 0,
        bulk: 0,
    };
    let mut module = Module::new();
    writer
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .map_err(|error| {
            Refusal::Unfit(match error {
                Error::ParseError(error) => error.to_string(),
                other => other.to_string(),
            })
        })?;
    Ok(Metered {
        wasm: module.finish(),
        loops: writer.loops,
        functions: writer.functions,
        bulk: writer.bulk,
    })
}

/// The sections in the order in which a module has them, as far as they matter here: what stands
/// before the globals.
const BEFORE_GLOBALS: [SectionId; 6] = [
    SectionId::Type,
    SectionId::Import,
    SectionId::Function,
    SectionId::Table,
    SectionId::Memory,
    SectionId::Tag,
];

struct Writer<'a> {
    survey: &'a Survey,
    options: Options,
    /// Index of the budget: the last global, so that no other index moves.
    fuel: u32,
    /// Index of the next function body.
    function: u32,
    declared: bool,
    exported: bool,
    loops: u32,
    functions: u32,
    bulk: u32,
}

impl Writer<'_> {
    fn declare(&mut self, globals: &mut GlobalSection) {
        self.declared = true;
        let fuel = i64::try_from(self.options.start_fuel).unwrap_or(i64::MAX);
        globals.global(
            GlobalType {
                val_type: ValType::I64,
                mutable: true,
                shared: false,
            },
            &ConstExpr::i64_const(fuel),
        );
    }

    fn export(&mut self, exports: &mut ExportSection) {
        self.exported = true;
        exports.export(FUEL, ExportKind::Global, self.fuel);
    }

    /// Takes a unit, or traps. The stack below stays as it is, so this fits anywhere in a body.
    ///
    /// 64 bits, so that no budget that a host can mean wraps round; with 32 a large one would read
    /// as negative.
    fn charge(&self, body: &mut Function) {
        body.instructions()
            .global_get(self.fuel)
            .i64_const(1)
            .i64_sub()
            .global_set(self.fuel)
            .global_get(self.fuel)
            .i64_const(0)
            .i64_lt_s()
            .if_(BlockType::Empty)
            .unreachable()
            .end();
    }
}

impl Reencode for Writer<'_> {
    type Error = Infallible;

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), Error> {
        let everything = !self.options.loops_only;
        let mut locals = Vec::new();
        for group in body.get_locals_reader()? {
            let (count, ty) = group?;
            locals.push((count, self.val_type(ty)?));
        }
        let scratch = if everything {
            Scratch::add(self.survey.types.as_ref(), self.function, &mut locals)
        } else {
            None
        };
        let mut written = Function::new(locals);
        if everything {
            self.functions += 1;
            self.charge(&mut written);
        }
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let instruction = self.parse_instruction(&mut operators)?;
            if let Some(scratch) = &scratch
                && let Some(length) = bulk::length(&instruction, self.survey.types.as_ref())
            {
                self.bulk += 1;
                scratch.charge(&mut written, self.fuel, length);
            }
            written.instruction(&instruction);
            // A branch to a loop lands behind its head, whatever made it: br, br_if, br_table, an
            // exception's handler. So this one place sees every way round.
            if let Instruction::Loop(_) = instruction {
                self.loops += 1;
                self.charge(&mut written);
            }
        }
        self.function += 1;
        code.function(&written);
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: GlobalSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_global_section(self, globals, section)?;
        self.declare(globals);
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: ExportSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_export_section(self, exports, section)?;
        self.export(exports);
        Ok(())
    }

    /// Called between sections: gives a module without globals or without exports that section, in
    /// its place.
    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        _after: Option<SectionId>,
        next: Option<SectionId>,
    ) -> Result<(), Error> {
        if next.is_some_and(|next| BEFORE_GLOBALS.contains(&next))
            || next == Some(SectionId::Global)
        {
            return Ok(());
        }
        if !self.declared {
            let mut globals = GlobalSection::new();
            self.declare(&mut globals);
            module.section(&globals);
        }
        if !self.exported && next != Some(SectionId::Export) {
            let mut exports = ExportSection::new();
            self.export(&mut exports);
            module.section(&exports);
        }
        Ok(())
    }

    /// Drops what refers to places in the code: the code moves. Copies the rest as it stands, names
    /// included: no index moves, and nobody has checked that they can be read.
    fn parse_custom_section(
        &mut self,
        module: &mut Module,
        section: CustomSectionReader<'_>,
    ) -> Result<(), Error> {
        let name = section.name();
        if name.starts_with(".debug_")
            || name.starts_with("metadata.code.")
            || name == "sourceMappingURL"
        {
            return Ok(());
        }
        module.section(&self.custom_section(section)?);
        Ok(())
    }
}
