//! Reading a module before it is changed: is it valid, and where does the budget go?

use wasmparser::{
    Encoding, Export, ExternalKind, FunctionBody, Operator, Parser, Payload, TypeRef, Validator,
    WasmFeatures, types::Types,
};

use crate::{FUEL, Refusal};

/// What the rewriting needs to know.
pub(crate) struct Survey {
    /// Global variables, imported ones included: the index of the next one.
    pub globals: u32,
    /// Functions that are imported: the index of the first one with a body.
    pub imported_functions: u32,
    /// The types of everything in the module.
    pub types: Types,
    /// Index of the first function with a tail call.
    pub tail_call: Option<u32>,
}

/// Checks a module as a whole: the specification's finished features, none of its proposals.
pub(crate) fn validate(wasm: &[u8]) -> Result<Types, wasmparser::Error> {
    Validator::new_with_features(WasmFeatures::default()).validate_all(wasm)
}

/// Checks a module and says what the rewriting needs to know.
///
/// The validation comes first and is needed: an invalid module could name the global that is yet to
/// be added.
pub(crate) fn survey(wasm: &[u8]) -> Result<Survey, Refusal> {
    // Before the validation, which would only say that components are off.
    if let Some(Ok(Payload::Version {
        encoding: Encoding::Component,
        ..
    })) = Parser::new(0).parse_all(wasm).next()
    {
        return Err(Refusal::Component);
    }
    let types = validate(wasm).map_err(invalid)?;
    read(wasm, types).map_err(invalid)?
}

fn invalid(error: wasmparser::Error) -> Refusal {
    Refusal::Invalid(error.to_string())
}

/// The outer error is the parser's, which the validation before makes impossible.
fn read(wasm: &[u8], types: Types) -> Result<Result<Survey, Refusal>, wasmparser::Error> {
    let mut survey = Survey {
        globals: 0,
        imported_functions: 0,
        types,
        tail_call: None,
    };
    let mut imported_globals = 0;
    let mut bodies = 0;
    let mut fuel = None;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    match import?.ty {
                        TypeRef::Global(_) => imported_globals += 1,
                        TypeRef::Func(_) | TypeRef::FuncExact(_) => survey.imported_functions += 1,
                        _ => {}
                    }
                }
                survey.globals += imported_globals;
            }
            Payload::GlobalSection(globals) => {
                survey.globals += globals.count();
                // Imported globals are the host's, not a budget of the module's own.
                fuel = Some((imported_globals, globals));
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    if export.name == FUEL {
                        return Ok(Err(taken(&export, fuel)?));
                    }
                }
            }
            Payload::CustomSection(section) if section.name() == "linking" => {
                return Ok(Err(Refusal::Object));
            }
            Payload::CodeSectionEntry(body) => {
                if survey.tail_call.is_none() && has_tail_call(&body)? {
                    survey.tail_call = Some(survey.imported_functions + bodies);
                }
                bodies += 1;
            }
            _ => {}
        }
    }
    Ok(Ok(survey))
}

/// Whether the export that has the budget's name is one.
fn taken(
    export: &Export<'_>,
    own: Option<(u32, wasmparser::GlobalSectionReader<'_>)>,
) -> Result<Refusal, wasmparser::Error> {
    if let (ExternalKind::Global, Some((imported, globals))) = (export.kind, own)
        && let Some(at) = export.index.checked_sub(imported)
        && let Some(global) = globals.into_iter().nth(at as usize).transpose()?
        && global.ty.mutable
        && global.ty.content_type == wasmparser::ValType::I64
    {
        return Ok(Refusal::Metered);
    }
    Ok(Refusal::NameTaken)
}

fn has_tail_call(body: &FunctionBody<'_>) -> Result<bool, wasmparser::Error> {
    for operator in body.get_operators_reader()? {
        if let Operator::ReturnCall { .. }
        | Operator::ReturnCallIndirect { .. }
        | Operator::ReturnCallRef { .. } = operator?
        {
            return Ok(true);
        }
    }
    Ok(false)
}
