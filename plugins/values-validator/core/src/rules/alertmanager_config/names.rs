//! Each receiver and each time interval has a name of its own.

use super::{CRASHES, RULE, Reader, items};
use crate::Node;
use crate::sorted::Sorted;

impl Reader<'_> {
    pub(super) fn names(&mut self, path: &str, config: &Node, key: &str) {
        let mut seen = Sorted::default();
        for (at, item) in items(config, key) {
            let path = format!("{path}.{key}[{at}].name");
            let Some(node) = item.child("name") else {
                self.say(&path, item.place, "no name", "a name", "add name");
                continue;
            };
            let Some(name) = node.as_str() else { continue };
            if let Some(first) = seen.insert(name, node.place) {
                self.push(
                    RULE.finds(
                        &path,
                        &node.place,
                        format!("{name}, twice"),
                        text!("a name of its own for each"),
                        CRASHES,
                    )
                    .fix(text!("rename one, or put both into one"))
                    .related(first, "the other one"),
                );
            }
        }
    }
}
