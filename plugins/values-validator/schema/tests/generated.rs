//! What is committed is what the types give.

use std::path::Path;

use values_schema::{COMMAND, outputs};

#[test]
fn the_committed_files_are_the_generated_ones() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    for output in outputs(&root).unwrap() {
        let found = std::fs::read_to_string(root.join(output.path)).unwrap_or_default();
        assert!(
            found == output.text,
            "{} differs from the types in plugins/values-validator/schema; run `{COMMAND}`",
            output.path
        );
    }
}
