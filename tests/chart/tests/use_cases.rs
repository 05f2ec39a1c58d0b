//! Every example and preset gives the objects that its list names.

use chart_tests::examples::{COMMAND, examples, outline};

#[test]
fn every_example_gives_the_objects_of_its_list() {
    let all = examples().unwrap();
    assert!(all.len() >= 8, "{all:?}");
    for (values, list) in all {
        let found = std::fs::read_to_string(&list).unwrap_or_default();
        assert_eq!(
            outline(values.clone()).unwrap(),
            found,
            "{}: the objects have changed; look at them, then run `{COMMAND}`",
            values.display()
        );
    }
}
