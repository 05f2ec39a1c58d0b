//! The values validator held against the real helm, hostile YAML and random bytes.
//!
//! - [`helm`]: what the real helm makes of files and arguments
//! - [`tree`]: our values in the same form, and whether two are the same
//! - [`draw`]: random files and arguments, the same from the same seed
//! - [`generate`]: random values out of the schema
//! - [`guards`]: the chart's refusals and the rules that say the same
//! - [`nulls`]: the defaults that may be null
//! - [`probes`]: one value after the other becomes another
//! - [`recorded`]: the names that the chart's rules record, with their labels
//! - [`fuzz`]: inputs grown from a corpus
//! - [`fuzz_texts`]: the same for the readers of PromQL, templates, patterns and Alertmanager's configuration

pub mod draw;
pub mod fuzz;
pub mod fuzz_texts;
pub mod generate;
pub mod guards;
pub mod helm;
pub mod mistakes;
pub mod nulls;
pub mod probes;
pub mod recorded;
pub mod tree;
