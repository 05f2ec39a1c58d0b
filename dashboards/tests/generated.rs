//! The committed files are what the definition says.

use std::collections::BTreeSet;
use std::fs;

use dashboards::files;

#[test]
fn the_committed_files_are_the_definition() {
    let root = harness::repo::root();
    let expected = files::all();
    let mut found = BTreeSet::from([files::OF_ALERTS.to_owned()]);
    for folder in files::FOLDERS {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let entry = entry.unwrap();
            if entry.path().is_file() {
                found.insert(format!("{folder}/{}", entry.file_name().to_string_lossy()));
            }
        }
    }
    let wanted: BTreeSet<String> = expected.keys().cloned().collect();
    assert_eq!(found, wanted, "run `{}`", files::COMMAND);
    for (path, text) in expected {
        let committed = fs::read_to_string(root.join(&path)).unwrap();
        assert!(
            committed == text,
            "{path} differs from the definition; run `{}`",
            files::COMMAND
        );
    }
}
