//! A module, section by section: one function more, which starts it, and other data.

use std::ops::Range;

use anyhow::{Context, Result, bail};
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, FunctionSection, Module, RawSection, SectionId,
    StartSection, TypeSection,
};
use wasmparser::{FunctionBody, Operator, Parser, Payload, TypeRef};

/// Where the stack ends, and begins to grow downwards: what the first global, the stack pointer of every
/// compiler over LLVM, is set to.
///
/// # Errors
///
/// Where the first global is something else.
pub fn stack(module: &[u8]) -> Result<u32> {
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::GlobalSection(section) = payload? {
            let first = section.into_iter().next().context("found no global")??;
            return match first.init_expr.get_operators_reader().read()? {
                Operator::I32Const { value } if first.ty.mutable => Ok(value.cast_unsigned()),
                other => bail!("found the first global {other:?}; expected the stack pointer"),
            };
        }
    }
    bail!("found no global; expected the stack pointer")
}

/// `module` with the function of `unpack` as its start function, and `block` at the address `from` as its only
/// data. The function is the last one, so all others keep their numbers.
///
/// # Errors
///
/// Where the module has a start function.
pub fn rewrite(module: &[u8], unpack: &[u8], from: u32, block: &[u8]) -> Result<Vec<u8>> {
    let mut out = Module::new();
    let (mut types, mut functions) = (0, 0);
    let mut started = false;
    let mut code = CodeSection::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Payload::ElementSection(_) | Payload::CodeSectionStart { .. } = payload
            && !started
        {
            // Its place is before both.
            out.section(&StartSection {
                function_index: functions,
            });
            started = true;
        }
        match payload {
            Payload::TypeSection(section) => {
                types = section.count();
                let mut section_out = TypeSection::new();
                RoundtripReencoder.parse_type_section(&mut section_out, section)?;
                section_out.ty().function([], []);
                out.section(&section_out);
            }
            Payload::ImportSection(section) => {
                for import in section.clone().into_imports() {
                    functions += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
                copy(&mut out, module, SectionId::Import.into(), section.range())?;
            }
            Payload::FunctionSection(section) => {
                functions += section.count();
                let mut section_out = FunctionSection::new();
                RoundtripReencoder.parse_function_section(&mut section_out, section)?;
                section_out.function(types);
                out.section(&section_out);
            }
            Payload::StartSection { .. } => {
                bail!("found a start function; expected none");
            }
            Payload::CodeSectionEntry(body) => {
                code.raw(body.as_bytes());
            }
            Payload::DataSection(_) => {
                code.raw(only(unpack)?.as_bytes());
                out.section(&code);
                let mut data = DataSection::new();
                data.active(
                    0,
                    &ConstExpr::i32_const(from.cast_signed()),
                    block.iter().copied(),
                );
                out.section(&data);
            }
            // Only a module whose code names its segments needs their number.
            Payload::DataCountSection { .. } | Payload::CodeSectionStart { .. } => {}
            other => {
                if let Some((id, range)) = other.as_section() {
                    copy(&mut out, module, id, range)?;
                }
            }
        }
    }
    Ok(out.finish())
}

/// A section as it is.
fn copy(out: &mut Module, module: &[u8], id: u8, range: Range<u64>) -> Result<()> {
    let (start, end) = (usize::try_from(range.start)?, usize::try_from(range.end)?);
    let data = module
        .get(start..end)
        .context("found a section behind the file's end")?;
    out.section(&RawSection { id, data });
    Ok(())
}

/// The only function of a module.
fn only(module: &[u8]) -> Result<FunctionBody<'_>> {
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CodeSectionEntry(body) = payload? {
            return Ok(body);
        }
    }
    bail!("found no function")
}
