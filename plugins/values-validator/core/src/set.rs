//! `--set`, `--set-string` and `--set-json`, as helm's strvals reads them.

use crate::codes::BAD_SET;
use crate::yaml::Map;
use crate::{Findings, Set};

/// Applies an argument to what was given so far. `source` is the index that places get.
pub fn apply(argument: &Set, source: u32, given: &mut Map, findings: &mut Findings) {
    let _ = (argument, source, given, findings, BAD_SET);
}
