//! Why a module is not metered.

use std::fmt;

use crate::FUEL;

/// Why a module is not metered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The bytes are no valid module; the text names the place.
    Invalid(String),
    /// A component, not a core module.
    Component,
    /// An object file that a linker has yet to finish: it refers to places in the code, which move.
    Object,
    /// There is a budget already.
    Metered,
    /// The module exports something else under the name of the budget.
    NameTaken,
    /// Only loops were to be metered, and this function (its index) ends in a tail call: a loop
    /// without a loop.
    TailCall {
        /// Index of the function in the module.
        function: u32,
    },
    /// The module cannot be written anew: it uses what this command does not know.
    Unfit(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(error) => write!(f, "found {error}; expected a valid WebAssembly module"),
            Self::Component => f.write_str(
                "found a WebAssembly component; expected a core module, as the compiler writes it \
                 for wasm32-unknown-unknown or wasm32-wasip1",
            ),
            Self::Object => f.write_str("found an object file; expected a linked module"),
            Self::Metered => write!(
                f,
                "found a module that has its budget {FUEL} already; expected one that is not \
                 metered: take the one that the compiler wrote"
            ),
            Self::NameTaken => write!(
                f,
                "found an export {FUEL} that is no mutable i64 global; that name is taken by the \
                 budget: rename the export"
            ),
            Self::TailCall { function } => write!(
                f,
                "found a tail call in function {function}, which can repeat without a loop; meter \
                 function entries as well"
            ),
            Self::Unfit(error) => write!(
                f,
                "the metered module cannot be written: {error}; expected a module without newer \
                 features than this command knows"
            ),
        }
    }
}

impl std::error::Error for Refusal {}
